//! `simulation --schedules N [--seed S] [--keep-going]` lives through seeded days until one of them
//! breaks a promise, and then names its seed. `--replay SEED` tells one day's story, with `--planted
//! NAME` that of a world in which it is planted; `--traces N` the traces of N days as
//! `seed:trace,…`; `--planted NAME|all` hunts for what was planted.

mod days;

#[cfg(feature = "planted")]
use std::collections::BTreeSet;
use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "a program for the command line")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        arguments.iter().position(|one| one == name).and_then(|at| arguments.get(at + 1)).cloned()
    };
    let number = |name: &str| value(name).and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("--replay") {
        #[cfg(feature = "planted")]
        if let Some(name) = value("--planted") {
            let known = protocol::planted::Bug::ALL.into_iter().find(|(known, _)| *known == name);
            protocol::planted::plant(known.map(|(_, bug)| bug));
        }
        let outcome = simulation_tests::run(seed, true);
        for line in &outcome.lines {
            println!("{line}");
        }
        println!(
            "seed {seed} trace {:016x} {:?} {:?}",
            outcome.trace, outcome.figures, outcome.violation
        );
        return if outcome.violation.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let (first, count) = (number("--seed").unwrap_or(1), number("--schedules").unwrap_or(1_000));
    if let Some(count) = number("--traces") {
        let traces: Vec<String> = (first..first + count)
            .map(|seed| format!("{seed}:{:016x}", simulation_tests::run(seed, false).trace))
            .collect();
        println!("{}", traces.join(","));
        return ExitCode::SUCCESS;
    }
    if let Some(name) = value("--planted") {
        return hunt(&name, first, count);
    }
    let keep_going = arguments.iter().any(|one| one == "--keep-going");
    days::live(first, count, keep_going)
}

/// A planted bug must be found; says by whom and how soon, from several places. One must not.
#[cfg(feature = "planted")]
#[expect(clippy::print_stdout, reason = "a program for the command line")]
fn hunt(name: &str, first: u64, count: u64) -> ExitCode {
    let mut missed = false;
    let bugs =
        protocol::planted::Bug::ALL.iter().filter(|(known, _)| name == "all" || name == *known);
    for (known, bug) in bugs {
        let runs: Vec<_> = (0..RUNS)
            .filter_map(|run| {
                let first = first + run * RUNS_APART;
                simulation_tests::planted::hunt(*bug, first, count)
            })
            .collect();
        let mut schedules: Vec<u64> = runs.iter().map(|(schedules, _)| *schedules).collect();
        schedules.sort_unstable();
        let checkers: BTreeSet<&str> = runs.iter().map(|(_, found)| found.checker).collect();
        let checkers: Vec<&str> = checkers.into_iter().collect();
        missed |= if bug.is_harmless() { !runs.is_empty() } else { (runs.len() as u64) < RUNS };
        for (schedules, found) in runs.iter().filter(|_| bug.is_harmless()) {
            println!("{known}, schedule {schedules}: {found:?}");
        }
        match schedules.get(schedules.len() / 2) {
            Some(median) => println!(
                "| {known} | {} | {median} | {} of {RUNS} |",
                checkers.join(", "),
                runs.len()
            ),
            None => println!("| {known} | – | not in {count} | 0 of {RUNS} |"),
        }
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Runs of a hunt, for a median.
#[cfg(feature = "planted")]
const RUNS: u64 = 5;

/// How far apart they begin.
#[cfg(feature = "planted")]
const RUNS_APART: u64 = 10_000_000;

#[cfg(not(feature = "planted"))]
fn hunt(name: &str, _: u64, _: u64) -> ExitCode {
    eprintln!("to plant {name}, build with --features planted");
    ExitCode::FAILURE
}
