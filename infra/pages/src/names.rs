//! Names that carry the hash of what the file holds, and references to them.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

/// The assets named so far: what sources call them, and what they are called when served.
#[derive(Debug, Default)]
pub(crate) struct Names {
    served: BTreeMap<String, String>,
}

impl Names {
    /// Names an asset after its content and answers the name.
    ///
    /// # Errors
    /// When the name has no ending.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> anyhow::Result<String> {
        let (stem, ending) = name.rsplit_once('.').with_context(|| format!("{name}: no ending"))?;
        let served = format!("{stem}-{}.{ending}", hash(content));
        self.served.insert(name.to_owned(), served.clone());
        Ok(served)
    }

    /// `text` with each `/assets/NAME` replaced by the name that is served.
    ///
    /// # Errors
    /// When it names an asset that is not there, or not yet.
    pub(crate) fn resolve(&self, text: &str) -> anyhow::Result<String> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(FOLDER) {
            let (before, reference) = rest.split_at(at + FOLDER.len());
            resolved.push_str(before);
            let end = reference.find(|c: char| !is_of_a_name(c)).unwrap_or(reference.len());
            let (name, after) = reference.split_at(end);
            match self.served.get(name) {
                Some(served) => resolved.push_str(served),
                // The folder itself, as the service worker names it.
                None if name.is_empty() => {}
                None => bail!("there is no asset `{name}`"),
            }
            rest = after;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }
}

/// Ten bytes of SHA-256 in hexadecimal digits: no two versions of a file ever share them.
pub(crate) fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(HASH_BYTES).fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// What stands after the last dot of a name.
pub(crate) fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Where assets are served.
pub(crate) const FOLDER: &str = "/assets/";

const HASH_BYTES: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_becomes_the_name_that_is_served() {
        let mut names = Names::default();
        let served = names.add("app.css", b"a{}").unwrap();
        let page = names.resolve("<link href=\"/assets/app.css\"> /assets/ /assets/").unwrap();
        assert_eq!(page, format!("<link href=\"/assets/{served}\"> /assets/ /assets/"));
        assert!(served.starts_with("app-") && ending(&served) == "css", "{served}");
    }

    #[test]
    fn another_content_is_another_name() {
        let mut names = Names::default();
        assert_ne!(names.add("a.js", b"1").unwrap(), names.add("a.js", b"2").unwrap());
    }

    #[test]
    fn a_reference_to_nothing_is_refused() {
        let problem = Names::default().resolve("\"/assets/gone.png\"").unwrap_err();
        assert!(problem.to_string().contains("gone.png"), "{problem}");
    }
}
