//! The layout's arrows: who may depend on whom, and what never reaches a Lambda function.

use std::path::Path;

use crate::problem::{Problem, none_found};
use crate::process;
use crate::workspace::{Kind, Package, Workspace, cargo};

/// What each crate may use of ours, nearest first. What is in neither this table nor a function is
/// for `infra/` and `tests/`, which may use anything and which nobody uses.
const ARROWS: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("domain", &["protocol"]),
    ("store", &["domain", "protocol"]),
    ("gateway", &["store", "domain", "protocol"]),
    ("engine", &["domain", "protocol"]),
    ("indexeddb", &["engine", "domain", "protocol"]),
    ("app", &["indexeddb", "engine", "domain", "protocol"]),
    ("simulation-tests", &["engine", "store", "domain", "protocol"]),
];

/// What a function may use of ours.
const OF_A_FUNCTION: &[&str] = &["gateway", "store", "domain", "protocol"];

/// DynamoDB on one machine: it must never travel to Lambda.
const NEVER_IN_A_FUNCTION: &[&str] = &["dynoxide-rs", "rusqlite", "libsqlite3-sys"];

/// A folder is its crate. Below `tests/` the crate says so too (`tests/http` is `http-tests`), since
/// such folders are called after what they test, and so may be a crate that they use.
fn is_named_after(folder: &Path, package: &str) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let expected = if folder.starts_with("tests") { format!("{name}-tests") } else { name };
    package == expected
}

/// Arrows, names of folders, forgotten crates, and the functions' dependency trees.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let mut findings = Vec::new();
    let names: Vec<&str> = workspace.members().map(|member| member.name.as_str()).collect();
    for member in workspace.members() {
        let folder = workspace.relative(&member.folder);
        if !is_named_after(folder, &member.name) {
            findings.push(format!("{}: its package is called {}", folder.display(), member.name));
        }
        match allowed(folder, &member.name, !member.binaries.is_empty()) {
            Ok(Some(allowed)) => findings.extend(wrong_arrows(member, &names, allowed)),
            Ok(None) => {}
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(namesakes(&workspace.packages));
    findings.extend(forgotten_crates(workspace)?);
    for function in workspace.functions() {
        findings.extend(strangers(workspace, function)?);
    }
    none_found(findings)
}

/// The crates of ours that `name` may use; `None` is any.
fn allowed(
    folder: &Path,
    name: &str,
    is_binary: bool,
) -> Result<Option<&'static [&'static str]>, String> {
    if let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| *crate_name == name) {
        return Ok(Some(allowed));
    }
    if folder.starts_with("functions") && is_binary {
        return Ok(Some(OF_A_FUNCTION));
    }
    if folder.starts_with("infra") || folder.starts_with("tests") {
        return Ok(None);
    }
    Err(format!("{}: no arrow is drawn for this crate", folder.display()))
}

fn wrong_arrows(member: &Package, names: &[&str], allowed: &[&str]) -> Vec<String> {
    let ours = member.dependencies.iter().filter(|dependency| {
        dependency.kind != Kind::Development
            && dependency.is_local
            && names.contains(&dependency.package.as_str())
    });
    ours.filter(|dependency| !allowed.contains(&dependency.package.as_str()))
        .map(|dependency| format!("{} must not depend on {}", member.name, dependency.package))
        .collect()
}

/// A name that a dependency has too is ambiguous to cargo, and cleaning ours would clean theirs.
fn namesakes(packages: &[Package]) -> Vec<String> {
    let theirs = |ours: &&Package| packages.iter().any(|p| !p.is_member && p.name == ours.name);
    let ours = packages.iter().filter(|package| package.is_member).filter(theirs);
    ours.map(|package| format!("{}: a dependency has this name too", package.name)).collect()
}

/// A crate that the workspace does not list would be neither built nor tested.
fn forgotten_crates(workspace: &Workspace) -> Result<Vec<String>, Problem> {
    let manifests = super::tree::files(&workspace.root)?
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "Cargo.toml"));
    let folders = manifests.filter_map(|path| path.parent().map(Path::to_owned));
    let forgotten = folders.filter(|folder| {
        *folder != workspace.root && workspace.members().all(|member| member.folder != *folder)
    });
    Ok(forgotten
        .map(|folder| {
            format!("{}: no member of the workspace", workspace.relative(&folder).display())
        })
        .collect())
}

/// With the function's own features: those that the rest of the workspace asks for do not count.
fn strangers(workspace: &Workspace, function: &Package) -> Result<Vec<String>, Problem> {
    let tree = process::output(cargo(&workspace.root).args([
        "tree",
        "--quiet",
        "--package",
        &function.id,
        "--edges=normal,build",
        "--target=all",
        "--prefix=none",
        "--format={p}",
    ]))?;
    let found = tree.lines().filter_map(|line| line.split(' ').next());
    let found = found.filter(|name| NEVER_IN_A_FUNCTION.contains(name));
    Ok(found.map(|name| format!("{} must not carry {name}", function.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, kind: Kind, uses: &str) -> Package {
        let dependency = Dependency { package: uses.to_owned(), kind, is_local: true };
        Package { dependencies: vec![dependency], ..Package::example(name) }
    }

    #[test]
    fn an_arrow_backwards_is_found() {
        let found =
            wrong_arrows(&package("domain", Kind::Normal, "store"), &["store"], &["protocol"]);
        assert_eq!(found, ["domain must not depend on store"]);
    }

    #[test]
    fn tests_may_use_what_the_crate_may_not() {
        let member = package("store", Kind::Development, "local");
        assert!(wrong_arrows(&member, &["local"], &["domain"]).is_empty());
    }

    #[test]
    fn a_name_that_a_dependency_has_is_found() {
        let ours = |name| Package { is_member: true, ..Package::example(name) };
        let packages = [ours("auth"), ours("http"), Package::example("http")];
        assert_eq!(namesakes(&packages), ["http: a dependency has this name too"]);
    }

    #[test]
    fn every_library_needs_its_arrow() {
        assert!(allowed(Path::new("functions/extra"), "extra", false).is_err());
        assert_eq!(allowed(Path::new("functions/auth"), "auth", true), Ok(Some(OF_A_FUNCTION)));
        assert_eq!(allowed(Path::new("infra/local"), "local", true), Ok(None));
    }
}
