//! How big a function's binary may be: a cold start loads all of it.

use std::fs;

use crate::build_folder::BuildFolder;
use crate::problem::{Problem, none_found};
use crate::process::{run as run_program, say};
use crate::workspace::Workspace;

/// The budget of one function's release binary.
const BINARY_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Weighs each function as Lambda gets it.
pub(super) fn run(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    build(workspace, folder)?;
    let mut findings = Vec::new();
    for name in workspace.functions().flat_map(|function| &function.binaries) {
        let path = workspace.target.join("release").join(name);
        let bytes = fs::metadata(&path).map_err(Problem::file(&path))?.len();
        say(&format!("{name}: {bytes} bytes of {BINARY_BYTES_MAX}"));
        findings.extend(over_budget(name, bytes));
    }
    none_found(findings)
}

/// Builds the functions as Lambda gets them.
///
/// # Errors
/// When there is none, or one does not compile.
pub(super) fn build(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let mut build = folder.cargo();
    build.args(["build", "--release", "--bins"]);
    for function in workspace.functions() {
        build.args(["--package", &function.id]);
    }
    if workspace.functions().next().is_none() {
        return Err(Problem::Missing("there is no function to weigh".to_owned()));
    }
    run_program(&mut build)
}

fn over_budget(name: &str, bytes: u64) -> Option<String> {
    (bytes > BINARY_BYTES_MAX).then(|| format!("{name}: {bytes} bytes, over {BINARY_BYTES_MAX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_may_fill_its_budget_and_not_more() {
        assert_eq!(over_budget("auth", BINARY_BYTES_MAX), None);
        assert!(over_budget("auth", BINARY_BYTES_MAX + 1).is_some());
    }
}
