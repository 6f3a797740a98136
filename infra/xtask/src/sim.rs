//! `cargo xtask sim`: builds the simulation with the profile `sim` and lives through schedules.
//!
//! A schedule that breaks a promise ends it with its seed; `--replay SEED` tells that one's story.

use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::{run as run_program, say};
use crate::workspace::Workspace;

/// Options that the simulation takes, each with a value.
const OPTIONS: [&str; 4] = ["--schedules", "--seed", "--planted", "--replay"];

/// Builds the simulation and runs it.
///
/// # Errors
/// When an argument makes no sense, it does not compile, or a schedule breaks a promise.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    check(arguments)?;
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    schedules(&workspace, &folder, arguments)
}

/// The suite of `cargo xtask soak`.
///
/// # Errors
/// As [`run`].
pub(crate) fn soak(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let arguments = ["--schedules", "100000"].map(str::to_owned);
    schedules(workspace, folder, &arguments)
}

fn schedules(
    workspace: &Workspace,
    folder: &BuildFolder,
    arguments: &[String],
) -> Result<(), Problem> {
    let package = workspace
        .member("simulation-tests")
        .ok_or_else(|| Problem::Missing("tests/simulation is missing".to_owned()))?;
    say("sim: building with the profile `sim` (minutes at first, then seconds)");
    let mut command = folder.cargo();
    command.args(["run", "--profile", "sim", "--package", &package.id, "--bin", "simulation"]);
    if arguments.iter().any(|argument| argument == "--planted") {
        command.args(["--features", "planted"]);
    }
    run_program(command.arg("--").args(arguments))
}

/// Names come in pairs with values.
fn check(arguments: &[String]) -> Result<(), Problem> {
    for pair in arguments.chunks(2) {
        let known = OPTIONS.contains(&pair[0].as_str());
        let number = |text: &String| pair[0] == "--planted" || text.parse::<u64>().is_ok();
        if !known || !pair.get(1).is_some_and(number) {
            let line = arguments.join(" ");
            return Err(Problem::Usage(format!(
                "sim takes --schedules N, --seed S, --planted NAME and --replay SEED, not `{line}`"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(line: &str) -> bool {
        check(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).is_ok()
    }

    #[test]
    fn options_need_their_values_and_others_are_refused() {
        assert!(is_taken("--schedules 10 --seed 4 --planted dedupe-off"));
        assert!(is_taken(""));
        for line in ["--schedules", "--schedules many", "--nonsense 1", "10", "--seed 1 --replay"] {
            assert!(!is_taken(line), "{line}");
        }
    }
}
