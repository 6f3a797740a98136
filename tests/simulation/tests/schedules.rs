//! A slice of the simulation with every change: some schedules, every seed that ever failed, and
//! the proof that a seed replays exactly.

use std::time::{Duration, Instant};

use simulation_tests::{regressions, run};

/// `SIMULATION_SCHEDULES=n` runs n of them, however long it takes.
#[test]
fn no_schedule_breaks_a_promise() {
    let asked = std::env::var("SIMULATION_SCHEDULES").ok().and_then(|text| text.parse().ok());
    let schedules: u64 = asked.unwrap_or(SCHEDULES);
    let begun = Instant::now();
    let (mut done, mut joined) = (0, 0);
    for seed in 1..=schedules {
        if asked.is_none() && begun.elapsed() > PATIENCE {
            break;
        }
        let outcome = run(seed, false);
        let violation = outcome.violation;
        assert!(violation.is_none(), "seed {seed} breaks a promise: {violation:?}");
        joined += outcome.figures.joined;
        done += 1;
    }
    eprintln!("{done} of {schedules} schedules in {:?}", begun.elapsed());
    assert!(done > 0 && (joined > 0 || done < 20), "edits of unsent records become one operation");
}

#[test]
fn no_seed_that_ever_failed_fails_again() {
    for (seed, what) in regressions::SEEDS {
        let violation = run(*seed, false).violation;
        assert!(violation.is_none(), "seed {seed} ({what}) fails again: {violation:?}");
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 1..=2 {
        let (first, second) = (run(seed, false), run(seed, true));
        assert_eq!(first.trace, second.trace, "seed {seed}");
        assert!(!second.lines.is_empty() && first.figures.happenings > 100);
    }
    assert_ne!(run(1, false).trace, run(2, false).trace);
}

/// Every bug that is planted is found by a checker that knows nothing of it. The table of all, with
/// the schedules that each takes, is `cargo xtask sim --planted all`.
#[cfg(feature = "planted")]
#[test]
fn planted_bugs_are_found() {
    use protocol::planted::Bug;

    let rare = [Bug::SealedOfItsMoment, Bug::RowsOfAnotherRevision, Bug::FullDiskIgnored];
    for (name, bug) in Bug::ALL.iter().filter(|(_, bug)| !rare.contains(bug)) {
        let found =
            simulation_tests::planted::hunt(*bug, 1, if bug.is_harmless() { 50 } else { 400 });
        assert_eq!(found.is_none(), bug.is_harmless(), "{name}: {found:?}");
    }
}

const SCHEDULES: u64 = 3_000;

/// A slow machine runs fewer.
const PATIENCE: Duration = Duration::from_secs(150);
