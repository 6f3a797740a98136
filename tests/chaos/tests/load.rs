//! A slice of load with every change; `LOAD_MINUTES=n` asks for the whole.

use std::time::Duration;

use chaos_tests::{LoadPlan, load};

#[test]
fn too_much_load_is_told_to_wait_and_loses_nothing() {
    let minutes = std::env::var("LOAD_MINUTES").ok().and_then(|text| text.parse::<u64>().ok());
    let plan = match minutes {
        None => LoadPlan {
            phones_max: 10,
            step: Duration::from_secs(2),
            steady: Duration::from_secs(5),
            burst: 100,
        },
        Some(minutes) => LoadPlan {
            phones_max: 320,
            step: Duration::from_secs(20),
            steady: Duration::from_secs(60 * minutes),
            burst: 400,
        },
    };
    let report = load(plan);
    eprintln!("{report}");
    assert!(report.steps.iter().all(|step| step.name == "burst" || step.answered > 0));
    assert!(report.counts.get("lines of log looked through").is_some_and(|count| *count > 100));
    assert!(report.counts.get("secrets that none of them holds").is_some_and(|count| *count >= 3));
    assert!(report.found.is_empty(), "{:#?}", report.found);
}
