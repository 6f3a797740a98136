//! `cargo xtask sim`: builds the simulation with the profile `sim` and lives through schedules.
//!
//! A schedule that breaks a promise ends it with its seed; `--replay SEED` tells that one's story,
//! and `--wasm N` lives through N days on the host and again on wasm32, under node: their traces
//! must be the same.

use std::process::Command;

use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::{output, run as run_program, say};
use crate::wasm::WasmToolchain;
use crate::workspace::Workspace;

/// Options that the simulation takes, each with a value.
const OPTIONS: [&str; 4] = ["--schedules", "--seed", "--planted", "--replay"];

/// It goes on after a schedule that fails.
const KEEP_GOING: &str = "--keep-going";

/// Replays on wasm32 too.
const WASM: &str = "--wasm";

/// Runs a program's `main` in node: a trap is an exception.
const RUN_IN_NODE: &str = "const read = require('node:fs').readFileSync;\
WebAssembly.instantiate(read(process.argv[1]), {}).then(({ instance }) => {\
instance.exports.main(0, 0); console.log('the same traces on wasm32'); });";

/// Builds the simulation and runs it.
///
/// # Errors
/// When an argument makes no sense, it does not compile, or a schedule breaks a promise.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    check(arguments)?;
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    match arguments {
        [wasm, count] if wasm == WASM => replay_on_wasm(&workspace, &folder, count),
        _ => schedules(&workspace, &folder, arguments),
    }
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

fn replay_on_wasm(workspace: &Workspace, folder: &BuildFolder, count: &str) -> Result<(), Problem> {
    let package = workspace
        .member("simulation-tests")
        .ok_or_else(|| Problem::Missing("tests/simulation is missing".to_owned()))?;
    let mut host = folder.cargo();
    host.args(["run", "--quiet", "--profile", "sim", "--package", &package.id]);
    host.args(["--bin", "simulation", "--", "--traces", count]);
    let traces = output(&mut host)?;
    say(&format!("sim: {count} days on the host; now the same on wasm32"));
    let mut wasm = WasmToolchain::find()?.cargo(folder, "build");
    wasm.args(["--profile", "sim", "--no-default-features", "--package", &package.id]);
    run_program(wasm.args(["--example", "replay"]).env("AVILEO_TRACES", traces.trim()))?;
    let built = workspace.target.join("wasm32-unknown-unknown/sim/examples/replay.wasm");
    run_program(Command::new("node").args(["-e", RUN_IN_NODE]).arg(built))
}

/// Names come in pairs with values.
fn check(arguments: &[String]) -> Result<(), Problem> {
    let mut arguments = arguments.to_vec();
    arguments.retain(|argument| argument != KEEP_GOING);
    if matches!(&arguments[..], [wasm, count] if wasm == WASM && count.parse::<u64>().is_ok()) {
        return Ok(());
    }
    for pair in arguments.chunks(2) {
        let known = OPTIONS.contains(&pair[0].as_str());
        let number = |text: &String| pair[0] == "--planted" || text.parse::<u64>().is_ok();
        if !known || !pair.get(1).is_some_and(number) {
            let line = arguments.join(" ");
            return Err(Problem::Usage(format!(
                "sim takes --schedules N, --seed S, --keep-going, --planted NAME, --replay SEED \
                 or --wasm N, not `{line}`"
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
        assert!(is_taken("--schedules 9 --keep-going --seed 4"));
        assert!(is_taken("--wasm 20"));
        for line in ["--schedules", "--schedules many", "--nonsense 1", "10", "--seed 1 --replay"] {
            assert!(!is_taken(line), "{line}");
        }
    }
}
