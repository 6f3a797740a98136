//! As unkind an order as DynamoDB's stream may have, repeatable by its seed.
//!
//! DynamoDB promises the order of one item's changes and nothing across items, and Lambda
//! delivers at least once. So: items are mixed (each one's changes stay in order), batches are cut
//! anywhere, some come twice (always whole, so that an item's repeated changes are again in
//! order), some come late.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::store::StreamRow;

/// A source of unkindness.
#[derive(Debug)]
pub(crate) struct Chaos {
    state: u64,
}

/// What is delivered next.
#[derive(Debug)]
pub(crate) struct Step {
    /// After how long.
    pub(crate) delay: Duration,
    /// What.
    pub(crate) rows: Vec<StreamRow>,
}

impl Chaos {
    /// The unkindness called `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Delivers every one of `rows` at least once.
    pub(crate) fn plan(&mut self, rows: Vec<StreamRow>) -> Vec<Step> {
        let mut mixed: VecDeque<StreamRow> = self.mixed(rows).into();
        let mut steps = Vec::new();
        while !mixed.is_empty() {
            let length = 1 + self.below(mixed.len().min(CUT_MAX));
            let rows: Vec<StreamRow> = mixed.drain(..length).collect();
            let repeats = self.below(REPEAT_ONE_IN) == 0;
            let again = repeats.then(|| Step { delay: self.delay(), rows: rows.clone() });
            steps.push(Step { delay: self.delay(), rows });
            steps.extend(again);
        }
        steps
    }

    /// Takes the items' changes in turns.
    fn mixed(&mut self, rows: Vec<StreamRow>) -> Vec<StreamRow> {
        let mut items: BTreeMap<String, VecDeque<StreamRow>> = BTreeMap::new();
        for row in rows {
            items.entry(row.item.clone()).or_default().push_back(row);
        }
        let mut queues: Vec<VecDeque<StreamRow>> = items.into_values().collect();
        let mut mixed = Vec::new();
        while !queues.is_empty() {
            let at = self.below(queues.len());
            mixed.extend(queues[at].pop_front());
            if queues[at].is_empty() {
                queues.swap_remove(at);
            }
        }
        mixed
    }

    fn delay(&mut self) -> Duration {
        match self.below(DELAY_ONE_IN) {
            0 => Duration::from_millis(self.next() % DELAY_MAX_MS),
            _ => Duration::ZERO,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Rows in a cut batch at most.
const CUT_MAX: usize = 20;
/// One batch in so many comes twice.
const REPEAT_ONE_IN: usize = 4;
/// One batch in so many comes late.
const DELAY_ONE_IN: usize = 4;
/// By how much at most.
const DELAY_MAX_MS: u64 = 150;

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<StreamRow> {
        let row = |at: i64| StreamRow {
            row: at,
            item: format!("item {}", at % 7),
            partition: "business".to_owned(),
            sequence_number: at.to_string(),
            created_at_s: 0,
            event: serde_json::Value::Null,
        };
        (0..100).map(row).collect()
    }

    fn delivered(seed: u64) -> Vec<i64> {
        let steps = Chaos::new(seed).plan(rows());
        steps.iter().flat_map(|step| step.rows.iter().map(|row| row.row)).collect()
    }

    #[test]
    fn every_row_comes_and_each_item_s_first_appearances_are_in_order() {
        for seed in 0..200 {
            let mut seen: Vec<i64> = Vec::new();
            for row in delivered(seed) {
                if !seen.contains(&row) {
                    let later = seen.iter().any(|other| other % 7 == row % 7 && *other > row);
                    assert!(!later, "seed {seed}: {row} came too late");
                    seen.push(row);
                }
            }
            assert_eq!(seen.len(), 100, "seed {seed}");
        }
    }

    #[test]
    fn it_reorders_and_repeats_and_is_the_same_for_a_seed() {
        let once = delivered(1);
        assert_eq!(once, delivered(1));
        assert_ne!(once, delivered(2));
        assert!(once.len() > 100);
        assert_ne!(once[..20], (0..20).collect::<Vec<i64>>()[..]);
    }
}
