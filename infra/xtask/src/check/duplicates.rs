//! Packages of which a function's binary carries more than one version: bigger, and twice to mend
//! when one of them has a hole.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::{Problem, none_found};
use crate::process::{output, say};
use crate::workspace::{Workspace, cargo};

/// Those that we bear, each with what holds on to the older version.
const ALLOWED: &[(&str, &str)] = &[
    ("base64", "jsonwebtoken and aws_lambda_events are on 0.22"),
    ("getrandom", "ring is on 0.2"),
    ("syn", "macros only, at compile time: some are on 2"),
];

/// Every function's tree; what only tools and tests carry twice is told and no more.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let mut carried = BTreeMap::new();
    for function in workspace.functions() {
        let tree = output(cargo(&workspace.root).args([
            "tree",
            "--quiet",
            "--package",
            &function.id,
            "--edges=normal",
            "--prefix=none",
            "--format={p}",
        ]))?;
        for (name, versions) in several(&tree) {
            carried.entry(name).or_insert_with(BTreeSet::new).extend(versions);
        }
    }
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &workspace.packages {
        all.entry(&package.name).or_default().insert(&package.version);
    }
    let others =
        all.iter().filter(|(name, versions)| versions.len() > 1 && !carried.contains_key(**name));
    let others: Vec<&str> = others.map(|(name, _)| *name).collect();
    say(&format!("more than once in tools and tests, or on other platforms: {}", others.join(" ")));
    none_found(findings(&carried, ALLOWED))
}

/// Names of which a tree has several versions, with them.
fn several(tree: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            found.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    found.retain(|_, versions| versions.len() > 1);
    found
}

/// What is carried twice and not allowed, and what is allowed and not carried twice any more.
fn findings(carried: &BTreeMap<String, BTreeSet<String>>, allowed: &[(&str, &str)]) -> Vec<String> {
    let is_allowed = |name: &str| allowed.iter().any(|(known, _)| *known == name);
    let new = carried.iter().filter(|(name, _)| !is_allowed(name)).map(|(name, versions)| {
        let versions: Vec<_> = versions.iter().map(String::as_str).collect();
        format!(
            "functions carry {name} as {}: use one, or allow it with a reason",
            versions.join(" and ")
        )
    });
    let old = allowed
        .iter()
        .filter(|(name, _)| !carried.contains_key(*name))
        .map(|(name, _)| format!("{name} is carried once now: it need not be allowed"));
    new.chain(old).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_version_is_found_and_an_allowance_without_one_too() {
        let carried = several("a v1.0.0\nb v1.0.0\nb v2.0.0 (*)\nb v2.0.0\nc v1.0.0\n");
        assert_eq!(carried.len(), 1);
        assert_eq!(findings(&carried, &[]).len(), 1);
        assert_eq!(findings(&carried, &[("b", "why")]).len(), 0);
        assert_eq!(findings(&carried, &[("b", "why"), ("a", "why")]).len(), 1);
    }
}
