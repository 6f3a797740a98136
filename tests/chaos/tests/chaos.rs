//! A slice of chaos with every change; `CHAOS_MINUTES=n` makes it long, `CHAOS_SEED=n` tries one
//! seed again.

use std::time::{Duration, Instant};

use chaos_tests::{Plan, Report, round};

#[test]
fn nothing_is_lost_doubled_missing_or_leaked_whatever_breaks() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let minutes = number("CHAOS_MINUTES");
    let begun = Instant::now();
    let mut reports: Vec<Report> = Vec::new();
    for seed in number("CHAOS_SEED").unwrap_or(1).. {
        let work = if minutes.is_some() { LONG } else { SLICE };
        let plan = Plan { seed, phones: PHONES, work, quiet_max: QUIET_MAX, pace: PACE };
        let report = round(plan);
        eprintln!("{report}");
        reports.push(report);
        let over =
            minutes.is_none_or(|minutes| begun.elapsed() >= Duration::from_secs(60 * minutes));
        if over {
            break;
        }
    }
    let all = Report::sum(&reports);
    eprintln!("in all, {:.1} minutes:\n{all}", begun.elapsed().as_secs_f64() / 60.0);
    assert!(all.counts.get("operations saved").is_some_and(|count| *count > 100));
    assert!(all.found.is_empty(), "{} faults: {:#?}", all.found.len(), all.found);
}

const PHONES: usize = 20;
const SLICE: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_secs(90);
const QUIET_MAX: Duration = Duration::from_secs(100);
const PACE: Duration = Duration::from_millis(1_500);
