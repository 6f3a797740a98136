//! Work is bounded: no tab asks the network, or its own database, more often in a virtual minute
//! than a phone can bear.

use std::collections::BTreeMap;

use super::Violation;
use crate::agenda::Millis;

/// Counts by tab and minute.
#[derive(Debug, Default)]
pub(crate) struct Bounded {
    requests: BTreeMap<usize, (Millis, u64)>,
    effects: BTreeMap<usize, (Millis, u64)>,
    failed_commits: BTreeMap<usize, (Millis, u64)>,
    violation: Option<Violation>,
}

impl Bounded {
    pub(crate) fn note_request(&mut self, tab: usize, now: Millis) {
        let count = count(&mut self.requests, tab, now, 1);
        if count > REQUESTS_A_MINUTE_MAX {
            self.accuse(format!("tab {tab} sends {count} requests in a minute"));
        }
    }

    pub(crate) fn note_event(&mut self, tab: usize, effects: usize, now: Millis) {
        let count = count(&mut self.effects, tab, now, effects as u64);
        if count > EFFECTS_A_MINUTE_MAX {
            self.accuse(format!("tab {tab} asks for {count} effects in a minute"));
        }
    }

    /// The database would not take something.
    pub(crate) fn note_failed_commit(&mut self, tab: usize, now: Millis) {
        let count = count(&mut self.failed_commits, tab, now, 1);
        if count > FAILED_COMMITS_A_MINUTE_MAX {
            self.accuse(format!("tab {tab} hammers its database: {count} failures in a minute"));
        }
    }

    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    fn accuse(&mut self, what: String) {
        self.violation.get_or_insert(Violation { checker: "bounded", what });
    }
}

fn count(counts: &mut BTreeMap<usize, (Millis, u64)>, tab: usize, now: Millis, more: u64) -> u64 {
    let minute = now / 60_000;
    let entry = counts.entry(tab).or_insert((minute, 0));
    if entry.0 != minute {
        *entry = (minute, 0);
    }
    entry.1 += more;
    entry.1
}

/// A busy seller writes every few seconds, and each write is a push and a pull.
const REQUESTS_A_MINUTE_MAX: u64 = 240;
const EFFECTS_A_MINUTE_MAX: u64 = 4_000;

/// A full disk is tried again in a while; each thing that a seller types is tried a few times.
const FAILED_COMMITS_A_MINUTE_MAX: u64 = 150;
