//! Tests that need a browser: WebAssembly in Debian's Chromium, through `pages wasm-test-runner`.

use std::process::Command;

use crate::build_folder::BuildFolder;
use crate::machine;
use crate::problem::Problem;
use crate::process::run;
use crate::wasm::WasmToolchain;
use crate::workspace::Workspace;

/// The packages whose tests run in a browser; how it is started says `webdriver.json` beside each.
pub(crate) const PACKAGES: &[&str] = &["indexeddb"];

/// The call that runs them, with what it needs built and installed.
///
/// # Errors
/// When something is missing or does not compile.
pub(crate) fn command(workspace: &Workspace, folder: &BuildFolder) -> Result<Command, Problem> {
    machine::need_program("chromium", &["chromium"])?;
    machine::need_program("chromedriver", &["chromium-driver"])?;
    let toolchain = WasmToolchain::find()?;
    run(folder.cargo().args(["build", "--package", "pages"]))?;
    let runner = workspace.binary_folder().join("pages");
    let mut command = toolchain.cargo(folder, "test");
    command
        .args(["--no-fail-fast", "--tests"])
        .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
        .env("CHROMEDRIVER", "chromedriver")
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            format!("{} wasm-test-runner", runner.display()),
        );
    Ok(command)
}
