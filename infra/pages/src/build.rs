//! The folder that is served.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use crate::bindings::{Bindings, bind};
use crate::names::{FOLDER, Names, ending, hash};
use crate::sources::{files, style, text};

/// From where to where.
#[derive(Debug)]
pub(crate) struct Build {
    /// The compiled app.
    pub(crate) wasm: PathBuf,
    /// What is written by hand.
    pub(crate) sources: PathBuf,
    /// The folder to make.
    pub(crate) out: PathBuf,
    /// Makes the app smaller.
    pub(crate) wasm_opt: Option<PathBuf>,
}

/// A folder being filled, beside the one that it replaces at the end.
#[derive(Debug)]
struct Output {
    folder: PathBuf,
    names: Names,
    /// Addresses and hashes of all files, for the service worker.
    kept: Vec<(String, String)>,
}

impl Build {
    /// Builds beside the folder and then takes its place, so that a server on it never sees half.
    ///
    /// # Errors
    /// When a file is missing, does not fit another, or cannot be written.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let beside = |ending: &str| self.out.with_extension(ending);
        let (fresh, old, scratch) = (beside("new"), beside("old"), beside("scratch"));
        for folder in [&fresh, &old, &scratch] {
            remove(folder)?;
        }
        fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
        let bindings = bind(&self.wasm, &scratch, self.wasm_opt.as_deref())?;
        let output = Output { folder: fresh.clone(), names: Names::default(), kept: Vec::new() };
        output.fill(&self.sources, &bindings)?;
        if self.out.exists() {
            fs::rename(&self.out, &old).with_context(|| self.out.display().to_string())?;
        }
        fs::rename(&fresh, &self.out).with_context(|| self.out.display().to_string())?;
        remove(&old)?;
        remove(&scratch)
    }
}

impl Output {
    /// Each file after those that it names.
    fn fill(mut self, sources: &Path, bindings: &Bindings) -> anyhow::Result<()> {
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for file in files(&sources.join("assets"))? {
            if ending(&file.0) == "js" { texts.push(file) } else { others.push(file) }
        }
        self.asset("app.wasm", &bindings.wasm)?;
        self.asset("app.js", bindings.script.as_bytes())?;
        for (name, content) in others {
            self.asset(&name, &content)?;
        }
        let sheet = self.names.resolve(&style(sources)?)?;
        self.asset("app.css", sheet.as_bytes())?;
        for (name, content) in texts {
            let script = self.names.resolve(&text((name.clone(), content))?)?;
            self.asset(&name, script.as_bytes())?;
        }
        self.top(sources)
    }

    fn top(&mut self, sources: &Path) -> anyhow::Result<()> {
        let mut worker = None;
        let mut icons = String::new();
        let mut rest = Vec::new();
        for file in files(sources)? {
            match file.0.as_str() {
                "service-worker.js" => worker = Some(text(file)?),
                "icons.svg" => icons = text(file)?,
                _ => rest.push(file),
            }
        }
        for (name, content) in rest {
            let is_text = ["html", "webmanifest", "txt"].contains(&ending(&name));
            let content = if is_text {
                let page = text((name.clone(), content))?.replace("{{icons.svg}}", icons.trim());
                self.names.resolve(&page)?.into_bytes()
            } else {
                content
            };
            let address = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
            self.write(&name, &content)?;
            self.kept.push((address, hash(&content)));
        }
        let worker = worker.context("service-worker.js is missing")?;
        self.write("service-worker.js", self.with_list(&worker).as_bytes())
    }

    /// Names all files in the service worker. Its version is their hashes' hash.
    fn with_list(&self, worker: &str) -> String {
        let list = json!(self.kept).to_string();
        worker
            .replace("\"{{version}}\"", &json!(hash(list.as_bytes())).to_string())
            .replace("\"{{files}}\"", &list)
    }

    fn asset(&mut self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        let served = self.names.add(name, content)?;
        if is_of_the_first_visit(name) {
            self.kept.push((format!("{FOLDER}{served}"), hash(content)));
        }
        self.write(&format!("assets/{served}"), content)
    }

    fn write(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let parent = path.parent().context("a file lies in a folder")?;
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        fs::write(&path, content).with_context(|| path.display().to_string())
    }
}

/// Pictures of the icon are for whoever installs the app: the browser fetches them by itself.
pub(crate) fn is_of_the_first_visit(name: &str) -> bool {
    ending(name) != "png"
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages without an app in them.
    fn filled(page: &str) -> (tempfile::TempDir, anyhow::Result<()>) {
        let place = tempfile::tempdir().unwrap();
        let sources = place.path().join("static");
        for (name, content) in [
            ("css/app.css", "a { b: c }"),
            ("assets/start.js", "import \"/assets/app.js\"; fetch(\"/assets/app.wasm\")"),
            ("index.html", page),
            ("icons.svg", "<svg></svg>"),
            ("service-worker.js", "V = \"{{version}}\"; F = \"{{files}}\""),
        ] {
            let path = sources.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let folder = place.path().join("out");
        let output = Output { folder, names: Names::default(), kept: Vec::new() };
        let bindings = Bindings { wasm: vec![0], script: "export default 1".to_owned() };
        let done = output.fill(&sources, &bindings);
        (place, done)
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate wrote the list; it depends on none of the product's"
    )]
    fn the_service_worker_keeps_every_file_that_is_served_but_itself() {
        let (place, done) = filled("{{icons.svg}}<script src=\"/assets/start.js\">");
        done.unwrap();
        let out = place.path().join("out");
        let worker = fs::read_to_string(out.join("service-worker.js")).unwrap();
        let list = worker.split_once("F = ").unwrap().1;
        let kept: Vec<(String, String)> = serde_json::from_str(list).unwrap();
        let mut addresses: Vec<String> = kept.into_iter().map(|(address, _)| address).collect();
        let served = files(&out.join("assets")).unwrap().into_iter();
        let mut expected: Vec<String> =
            served.map(|(name, _)| format!("/assets/{name}")).chain(["/".to_owned()]).collect();
        addresses.sort();
        expected.sort();
        assert_eq!(addresses, expected);
        assert_eq!(expected.len(), 5);
    }

    #[test]
    fn the_page_names_files_by_their_hash() {
        let (place, done) = filled("{{icons.svg}}<script src=\"/assets/start.js\">");
        done.unwrap();
        let page = fs::read_to_string(place.path().join("out/index.html")).unwrap();
        assert!(page.starts_with("<svg></svg><script src=\"/assets/start-"), "{page}");
    }

    #[test]
    fn a_page_that_names_what_is_not_there_is_no_page() {
        assert!(filled("<script src=\"/assets/strat.js\">").1.is_err());
    }
}
