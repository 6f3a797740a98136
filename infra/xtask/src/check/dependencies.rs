//! Unused dependencies: a name in a manifest that no source file of its crate says.
//!
//! A crate that is there for its features only says so in its manifest:
//! `[package.metadata.xtask] unnamed-dependencies = ["name"]`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::tree;
use crate::problem::{Problem, none_found};
use crate::workspace::{Kind, Package, Workspace};

/// Members' dependencies, and those that the workspace offers and no member takes.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let mut findings = Vec::new();
    for member in workspace.members() {
        findings.extend(unused(workspace, member)?);
    }
    let manifest = workspace.root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(Problem::file(&manifest))?;
    let taken: BTreeSet<&str> = workspace
        .members()
        .flat_map(|member| member.dependencies.iter())
        .map(|dependency| dependency.key.as_str())
        .collect();
    let untaken = offered(&text).filter(|name| !taken.contains(name));
    findings.extend(untaken.map(|name| format!("Cargo.toml: no member takes {name}")));
    none_found(findings)
}

fn unused(workspace: &Workspace, member: &Package) -> Result<Vec<String>, Problem> {
    let unnamed = member.notes["unnamed-dependencies"].as_array().cloned().unwrap_or_default();
    let shipped = words_below(&member.folder.join("src"))?;
    let build = words_below(&member.folder.join("build.rs"))?;
    let all = words_below(&member.folder)?;
    let folder = workspace.relative(&member.folder).display();
    let candidates = member.dependencies.iter().filter(|dependency| {
        let said = match dependency.kind {
            Kind::Normal => &shipped,
            Kind::Build => &build,
            Kind::Development => &all,
        };
        !said.contains(&workspace.name_in_code(dependency))
            && unnamed.iter().all(|name| *name != dependency.key)
    });
    Ok(candidates.map(|unused| format!("{folder}: {} is not used", unused.key)).collect())
}

/// Every word of every Rust file below `path`, or in it.
fn words_below(path: &Path) -> Result<BTreeSet<String>, Problem> {
    let files = if path.is_dir() { tree::files(path)? } else { vec![path.to_owned()] };
    let mut words = BTreeSet::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        if file.exists() {
            let text = fs::read_to_string(file).map_err(Problem::file(file))?;
            words.extend(words_of(&text).map(str::to_owned));
        }
    }
    Ok(words)
}

/// The words of the code; a comment names nothing.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| !word.is_empty())
}

/// The keys of `[workspace.dependencies]`, each at the start of its line; our own crates, which
/// have a path, may wait for whoever takes them.
fn offered(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.starts_with(|c: char| c.is_alphanumeric()) && !line.contains("path = "))
        .filter_map(|line| line.split([' ', '=', '.']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_does_not_use_a_dependency() {
        let words: Vec<_> = words_of("// serde_json is not here\nuse jiff::Timestamp;\n").collect();
        assert_eq!(words, ["use", "jiff", "Timestamp"]);
    }

    #[test]
    fn offered_dependencies_are_the_keys_of_their_table() {
        let manifest = "[a]\nx = 1\n[workspace.dependencies]\n# Why.\nserde = \"1\"\n\
                        protocol = { path = \"functions/protocol\" }\n\
                        serde_json = { version = \"1\" }\nlog.version = \"1\"\n\n[profile.dev]\ny = 1\n";
        assert_eq!(offered(manifest).collect::<Vec<_>>(), ["serde", "serde_json", "log"]);
    }
}
