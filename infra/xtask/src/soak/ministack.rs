//! A second opinion on the store: the HTTP tests once more, with every table on ministack instead
//! of the embedded emulator, and every stream read over the interface of DynamoDB Streams.

use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::{run as run_program, say};
use crate::python;
use crate::workspace::Workspace;

const TOOLS: &[&str] = &["ministack==1.5.33"];

/// Tests that say nothing there, and why. A name here is a prefix, as the test runner takes it.
const LEFT_OUT: &[(&str, &str)] =
    &[("starts::", "it is about the start of the embedded store itself: its ports and its folder")];

/// Each stack has a Python process of its own, beside five functions.
const TESTS_AT_ONCE: &str = "2";

/// Builds what the tests run, and runs them with the variable that brings ministack in.
pub(super) fn run(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let program = python::environment("ministack", TOOLS)?.join("ministack");
    let member = |name: &str| {
        let missing = || Problem::Missing(format!("the package {name} is missing"));
        workspace.member(name).ok_or_else(missing)
    };
    let mut packages: Vec<_> = workspace.functions().collect();
    packages.extend([member("local")?, member("http-tests")?]);
    // The same packages both times: cargo chooses features by them.
    let cargo = |verb: &str| {
        let mut command = folder.cargo();
        command.args([verb, "--all-features", "--test", "routes"]);
        for package in &packages {
            command.args(["--package", &package.id]);
        }
        command
    };
    run_program(cargo("build").arg("--bins"))?;
    let mut command = cargo("test");
    command
        .args(["--", "--test-threads", TESTS_AT_ONCE])
        .env("AVILEO_BIN_DIR", workspace.binary_folder())
        .env("AVILEO_MINISTACK", program);
    for (name, reason) in LEFT_OUT {
        say(&format!("left out: {name}: {reason}"));
        command.args(["--skip", name]);
    }
    run_program(&mut command)
}
