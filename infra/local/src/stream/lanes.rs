//! Rows that were read and are not yet consumed, divided into lanes as `ParallelizationFactor` has it:
//! a partition key keeps to one lane, so its rows stay in order; lanes do not wait for each other.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::StreamRow;

/// The lanes of one stream.
#[derive(Debug)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// Rows in any lane, on their way or not.
    known: HashSet<i64>,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<StreamRow>,
    /// When the oldest of the waiting came.
    since: Option<Instant>,
    is_busy: bool,
}

impl Lanes {
    pub(super) fn new(count: usize) -> Self {
        Self { lanes: (0..count.max(1)).map(|_| Lane::default()).collect(), known: HashSet::new() }
    }

    /// Whether an idle lane lacks rows for a batch, and there is room for what is read for it.
    pub(super) fn is_hungry(&self, batch: usize) -> bool {
        self.known.len() < ROWS_KNOWN_MAX
            && self.lanes.iter().any(|lane| !lane.is_busy && lane.waiting.len() < batch)
    }

    /// The rows that were read already.
    pub(super) fn known(&self) -> &HashSet<i64> {
        &self.known
    }

    pub(super) fn add(&mut self, row: StreamRow) {
        let mut hasher = DefaultHasher::new();
        row.partition.hash(&mut hasher);
        let count = u64::try_from(self.lanes.len()).unwrap_or(1);
        let at = usize::try_from(hasher.finish() % count).unwrap_or(0);
        self.known.insert(row.row);
        let lane = &mut self.lanes[at];
        lane.since.get_or_insert_with(Instant::now);
        lane.waiting.push_back(row);
    }

    /// The next rows of a lane that is idle, once they fill a batch or have waited for `window`.
    pub(super) fn next(
        &mut self,
        batch: usize,
        window: Duration,
    ) -> Option<(usize, Vec<StreamRow>)> {
        let is_due = |lane: &Lane| {
            let waited = lane.since.is_some_and(|since| since.elapsed() >= window);
            !lane.is_busy && (lane.waiting.len() >= batch || waited)
        };
        let at = self.lanes.iter().position(is_due)?;
        let lane = &mut self.lanes[at];
        let rows: Vec<StreamRow> = lane.waiting.drain(..batch.min(lane.waiting.len())).collect();
        lane.is_busy = true;
        lane.since = (!lane.waiting.is_empty()).then(Instant::now);
        Some((at, rows))
    }

    /// The lane's rows have been delivered.
    pub(super) fn done(&mut self, at: usize, rows: &[i64]) {
        self.lanes[at].is_busy = false;
        self.forget(rows);
    }

    /// They have not: they are read once more, and those behind them too, to keep their order.
    pub(super) fn failed(&mut self, at: usize, rows: &[i64]) {
        let lane = std::mem::take(&mut self.lanes[at]);
        self.forget(rows);
        self.forget(&lane.waiting.iter().map(|row| row.row).collect::<Vec<_>>());
    }

    fn forget(&mut self, rows: &[i64]) {
        for row in rows {
            self.known.remove(row);
        }
    }
}

/// Rows in memory at most: a lane that stands still does not let the others fill it.
const ROWS_KNOWN_MAX: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: i64, partition: &str) -> StreamRow {
        StreamRow {
            row: at,
            item: format!("item {at}"),
            partition: partition.to_owned(),
            sequence_number: at.to_string(),
            created_at_s: 0,
            event: serde_json::Value::Null,
        }
    }

    fn take(lanes: &mut Lanes) -> Option<(usize, Vec<i64>)> {
        let (at, rows) = lanes.next(2, Duration::ZERO)?;
        Some((at, rows.iter().map(|row| row.row).collect()))
    }

    #[tokio::test]
    async fn a_key_keeps_to_its_lane_and_a_busy_lane_holds_no_other() {
        let mut lanes = Lanes::new(4);
        // Two keys of different lanes.
        let keys: Vec<String> = (0..100).map(|at| format!("business {at}")).collect();
        let lane_of = |key: &str| {
            let mut alone = Lanes::new(4);
            alone.add(row(0, key));
            take(&mut alone).unwrap().0
        };
        let (one, other) = (&keys[0], keys.iter().find(|key| lane_of(key) != lane_of(&keys[0])));
        let other = other.expect("a hundred keys have more than one lane");
        for at in 0..3 {
            lanes.add(row(at, one));
        }
        lanes.add(row(9, other));
        let mut first = [take(&mut lanes).unwrap(), take(&mut lanes).unwrap()];
        first.sort_by_key(|(_, rows)| rows[0]);
        assert_eq!((&first[0].1, &first[1].1), (&vec![0, 1], &vec![9]));
        assert_eq!(take(&mut lanes), None, "both are busy");
        lanes.done(first[0].0, &[0, 1]);
        assert_eq!(take(&mut lanes), Some((first[0].0, vec![2])));
    }

    #[tokio::test]
    async fn what_failed_is_read_again_with_all_that_stood_behind_it() {
        let mut lanes = Lanes::new(1);
        for at in 0..3 {
            lanes.add(row(at, "one"));
        }
        let (at, rows) = take(&mut lanes).unwrap();
        assert!(!lanes.is_hungry(2), "it is busy");
        lanes.failed(at, &rows);
        assert!(lanes.known().is_empty() && lanes.is_hungry(2));
        assert_eq!(take(&mut lanes), None);
    }

    #[tokio::test]
    async fn a_batch_waits_for_company_as_long_as_its_window_and_no_longer() {
        let mut lanes = Lanes::new(1);
        lanes.add(row(0, "one"));
        assert!(lanes.next(2, Duration::from_mins(1)).is_none());
        lanes.add(row(1, "one"));
        assert!(lanes.next(2, Duration::from_mins(1)).is_some(), "they fill a batch");
    }
}
