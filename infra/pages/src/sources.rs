//! What is written by hand: style sheets, the icons, the page, and files served as they are.
//!
//! | in the sources | served as |
//! |---|---|
//! | `css/*.css`, in the order of their names | one `/assets/app-HASH.css` |
//! | `assets/*` | `/assets/NAME-HASH.ending` |
//! | `icons.svg` | within the page, where it says `{{icons.svg}}` |
//! | all others at the top | under their own names |

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A file and its name.
pub(crate) type Named = (String, Vec<u8>);

/// The files of a folder by name, without its folders; none where it is missing.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<Named>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content = fs::read(&path).with_context(|| path.display().to_string())?;
            Ok((name, content))
        })
        .collect()
}

/// A source that is text.
///
/// # Errors
/// When it is not.
pub(crate) fn text((name, content): Named) -> anyhow::Result<String> {
    String::from_utf8(content).with_context(|| format!("{name} is no text"))
}

/// All style sheets as one, without comments and indentation.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn style(folder: &Path) -> anyhow::Result<String> {
    let sheets = files(&folder.join("css"))?.into_iter().map(text);
    let sheets = sheets.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(without_comments(&sheets.join("\n")))
}

fn without_comments(sheet: &str) -> String {
    let mut code = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    code.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_do_not_travel() {
        let sheet = "/* Why. */\na {\n    color: red; /* so */\n}\n\nb{}/* to the end";
        assert_eq!(without_comments(sheet), "a {\ncolor: red;\n}\nb{}");
    }
}
