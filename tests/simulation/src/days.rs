//! Many days, as many at a time as the machine has cores: each is a world of its own on one thread,
//! so that neither their order nor how many there are changes what happens in one.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use simulation_tests::{Figures, run};

/// How often a long run says how far it is.
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// How far a run is.
struct Progress {
    /// The seed of the next day.
    next: u64,
    /// The first seed that is not lived through.
    end: u64,
    lived: u64,
    failed: u64,
    figures: Figures,
    reports: u32,
}

/// Lives through the days of `count` seeds from `first` on. A day that breaks a promise, or
/// panics, is named, and no other is begun after it unless the run is to keep going.
#[expect(clippy::print_stdout, reason = "a program for the command line")]
pub(crate) fn live(first: u64, count: u64, keep_going: bool) -> ExitCode {
    let begun = Instant::now();
    let progress = Mutex::new(Progress {
        next: first,
        end: first.saturating_add(count),
        lived: 0,
        failed: 0,
        figures: Figures::default(),
        reports: 0,
    });
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| some_days(&progress, begun, keep_going));
        }
    });
    let Progress { lived, failed, figures, .. } =
        progress.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Figures { minutes, saved, changes, happenings, restores, .. } = figures;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{lived} schedules in {seconds:.1} s on {cores} threads; {minutes} virtual minutes, \
         {saved} saved, {changes} changes, {happenings} happenings, {restores} restores; \
         {failed} failed"
    );
    if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]
fn some_days(progress: &Mutex<Progress>, begun: Instant, keep_going: bool) {
    let lock = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let seed = {
            let mut progress = lock();
            if progress.next == progress.end {
                return;
            }
            progress.next += 1;
            progress.next - 1
        };
        let failure = match catch_unwind(|| run(seed, false)) {
            Ok(outcome) => {
                lock().figures += outcome.figures;
                outcome.violation.map(|found| format!("{}: {}", found.checker, found.what))
            }
            Err(_) => Some("panics".to_owned()),
        };
        let mut progress = lock();
        progress.lived += 1;
        if let Some(failure) = failure {
            println!("seed {seed} {failure}");
            progress.failed += 1;
            if !keep_going {
                progress.end = progress.next;
            }
        }
        if begun.elapsed() >= REPORT_EVERY * (progress.reports + 1) {
            progress.reports += 1;
            let Progress { lived, failed, reports, .. } = *progress;
            eprintln!("after {reports} min: {lived} schedules, {failed} failed");
        }
    }
}
