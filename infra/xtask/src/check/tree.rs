//! The files of the project, and the rule for its top level.

use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, none_found};
use crate::workspace::Workspace;

/// What stands at the top level, beside dotted names and cargo's `target`.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "functions",
    "infra",
    "samconfig.toml",
    "template.yaml",
    "tests",
    "web",
];

/// Folders that hold nothing of ours: built or fetched.
const NOT_OURS: &[&str] = &["target", "node_modules", "__pycache__"];

/// The top level holds what it should and nothing else.
pub(super) fn check_top(workspace: &Workspace) -> Result<(), Problem> {
    let entries = fs::read_dir(&workspace.root).map_err(Problem::file(&workspace.root))?;
    let mut findings = Vec::new();
    for entry in entries {
        let name = entry.map_err(Problem::file(&workspace.root))?.file_name();
        let name = name.to_string_lossy();
        if !is_top_level(&name) {
            findings.push(format!("{name}: does not belong at the top level"));
        }
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
        if !workspace.root.join(name).exists() {
            findings.push(format!("{name}: is missing"));
        }
    }
    none_found(findings)
}

fn is_top_level(name: &str) -> bool {
    name.starts_with('.') || NOT_OURS.contains(&name) || TOP_LEVEL.contains(&name)
}

/// All files of ours below `folder`, in order; dotted ones left out.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Problem::file(&folder))? {
            let entry = entry.map_err(Problem::file(&folder))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let kind = entry.file_type().map_err(Problem::file(&folder))?;
            if name.starts_with('.') || NOT_OURS.contains(&name.as_ref()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_and_dotted_entries_stand_at_the_top() {
        assert!(is_top_level("README.md") && is_top_level(".ci") && is_top_level("target"));
        assert!(!is_top_level("docs") && !is_top_level("Makefile") && !is_top_level("src"));
    }
}
