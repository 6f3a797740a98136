//! `cargo xtask admin` and `cargo xtask invoke`: builds the operators' program, then becomes it.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::run as run_program;
use crate::workspace::Workspace;

/// Hands all arguments to the operators' program; the first is one of its commands, or `help`.
///
/// # Errors
/// When there is no command, or the program cannot be built or run.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    if arguments.first().is_none_or(|word| word.starts_with('-')) {
        return Err(Problem::Usage("admin takes a command; `admin help` lists them".to_owned()));
    }
    launch(arguments)
}

/// `invoke FUNCTION EVENT.json [OPTION…]` is `admin invoke …`.
///
/// # Errors
/// When either is missing, or the program cannot be built or run.
pub(crate) fn invoke(arguments: &[String]) -> Result<(), Problem> {
    let named = arguments.iter().take(2).filter(|word| !word.starts_with('-')).count();
    if named < 2 {
        return Err(Problem::Usage("invoke takes FUNCTION and EVENT.json".to_owned()));
    }
    launch(&[&["invoke".to_owned()], arguments].concat())
}

fn launch(arguments: &[String]) -> Result<(), Problem> {
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    run_program(folder.cargo().args(["build", "--quiet", "--package", "admin", "--bins"]))?;
    drop(folder);
    let mut command = Command::new(workspace.binary_folder().join("admin"));
    let source = command.args(arguments).exec();
    let line = command.get_program().to_string_lossy().into_owned();
    Err(Problem::Program { line, cause: format!("could not be run: {source}") })
}
