//! The toolchain's own checks: rustfmt, clippy, rustdoc, and the pure crates on wasm32.

use crate::build_folder::BuildFolder;
use crate::machine;
use crate::problem::Problem;
use crate::process::{run, say};
use crate::wasm::WasmToolchain;
use crate::workspace::{Workspace, cargo};

/// What runs on the phone as well as on the server, without I/O and clock.
const PURE: &[&str] = &["protocol", "domain", "engine"];

/// Rustfmt would change nothing.
pub(super) fn format(workspace: &Workspace) -> Result<(), Problem> {
    machine::need_component(&workspace.root, "fmt", "rustfmt")?;
    run(cargo(&workspace.root).args(["fmt", "--all", "--check"]))
}

/// No warning in any target with all features.
pub(super) fn clippy(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    machine::need_component(&workspace.root, "clippy", "clippy")?;
    run(folder
        .cargo()
        .args(["clippy", "--workspace", "--all-targets", "--all-features"])
        .args(["--", "--deny", "warnings"]))
}

/// The documentation builds without a warning. It may name what is private: its readers have the
/// source beside it.
pub(super) fn docs(_: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    run(folder
        .cargo()
        .env("RUSTDOCFLAGS", "--deny warnings --allow rustdoc::private-intra-doc-links")
        .args(["doc", "--workspace", "--no-deps", "--all-features"]))
}

/// The pure crates compile for a browser.
pub(super) fn wasm(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let pure: Vec<_> = PURE.iter().filter_map(|name| workspace.member(name)).collect();
    let names: Vec<_> = pure.iter().map(|package| package.name.as_str()).collect();
    let toolchain = WasmToolchain::find()?;
    say(&format!("checking {} for wasm32 with {toolchain}", names.join(", ")));
    let mut command = toolchain.cargo(folder, "check");
    for package in pure {
        command.args(["--package", &package.id]);
    }
    run(&mut command)
}
