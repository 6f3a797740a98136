//! Planted bugs: which checker finds each, and after how many schedules.

use protocol::planted::{Bug, plant};

use crate::{Violation, run};

/// Runs schedules from `first` on with this bug until a checker sees something; with how many.
pub fn hunt(bug: Bug, first: u64, schedules: u64) -> Option<(u64, Violation)> {
    plant(Some(bug));
    let found = (0..schedules).find_map(|count| {
        run(first + count, false).violation.map(|violation| (count + 1, violation))
    });
    plant(None);
    found
}
