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
        let (work, within) = if minutes.is_some() { (LONG, None) } else { (SLICE, Some(WITHIN)) };
        let plan = Plan { seed, phones: PHONES, work, within, quiet_max: QUIET_MAX, pace: PACE };
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
    // Each phone has saved something; how much more depends on the machine.
    assert!(all.counts.get("operations saved").is_some_and(|count| *count > 2 * PHONES as u64));
    assert_eq!(all.counts.get("sellers dismissed"), Some(&(2 * reports.len() as u64)));
    assert!(all.counts.get("lines of log looked through").is_some_and(|count| *count > 100));
    assert!(all.found.is_empty(), "{} faults: {:#?}", all.found.len(), all.found);
}

const PHONES: usize = 20;
const SLICE: Duration = Duration::from_secs(20);
/// Where the machine is busy with something else, there is less work instead of more time.
const WITHIN: Duration = Duration::from_mins(1);
const LONG: Duration = Duration::from_secs(90);
const QUIET_MAX: Duration = Duration::from_secs(100);
const PACE: Duration = Duration::from_millis(1_500);
