//! What is known of a business while operations are decided one after another.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Decision, Guard, GuardKey, Receipt, RecordKey, Row, RowKey, StoredRecord};
use protocol::{Entity, Gather, JsonObject, OperationId};
use serde_json::Value;

/// The rows that were read, with the decisions so far folded in.
///
/// A row that was never read is not the same as a row that is absent: asking for it is
/// [`NotLoaded`], and whoever holds the state reads it and asks again; unless it was said what it
/// [counts as](Self::assume).
#[derive(Debug, Clone, Default)]
pub struct State {
    rows: BTreeMap<RowKey, Slot>,
    failed: BTreeSet<RecordKey>,
    days: BTreeMap<String, Day>,
    assumed: Option<Row>,
}

/// All that was written of one seller's day.
#[derive(Debug, Clone, Default)]
pub struct Day(Vec<(Entity, StoredRecord)>);

/// A row as it was read, and as it is after the decisions so far.
#[derive(Debug, Clone)]
struct Slot {
    was_read: bool,
    loaded: Option<Row>,
    present: Present,
}

/// A row after the decisions so far.
#[derive(Debug, Clone)]
enum Present {
    /// As it was read.
    AsLoaded,
    /// As a decision left it.
    Decided(Option<Row>),
}

impl Slot {
    fn present(&self) -> Option<&Row> {
        match &self.present {
            Present::AsLoaded => self.loaded.as_ref(),
            Present::Decided(row) => row.as_ref(),
        }
    }
}

/// A decision needs rows that were not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rows that were not read are needed: {0:?}")]
pub struct NotLoaded(pub Vec<RowKey>);

impl State {
    /// Takes in a row as read; `None` if it is absent.
    pub fn load(&mut self, key: RowKey, row: Option<Row>) {
        self.rows.insert(key, Slot { was_read: true, loaded: row, present: Present::AsLoaded });
    }

    /// From now on a record that was not read counts as this one, and any other row as absent:
    /// for who foresees with what he knows.
    pub fn assume(&mut self, record: StoredRecord) {
        self.assumed = Some(Row::Record(record));
    }

    /// Whether the row was read.
    pub fn is_loaded(&self, key: &RowKey) -> bool {
        self.rows.contains_key(key)
    }

    /// The row as it was read, before any decision: what a write is conditioned on.
    pub fn as_loaded(&self, key: &RowKey) -> Option<&Row> {
        self.rows.get(key)?.loaded.as_ref()
    }

    /// The row after the decisions so far.
    pub fn present(&self, key: &RowKey) -> Option<&Row> {
        self.rows.get(key)?.present()
    }

    /// The record, tombstones included.
    ///
    /// # Errors
    /// [`NotLoaded`] if it was not read.
    pub fn record(&self, key: &RecordKey) -> Result<Option<&StoredRecord>, NotLoaded> {
        match self.row(&RowKey::Record(key.clone()))? {
            Some(Row::Record(record)) => Ok(Some(record)),
            _ => Ok(None),
        }
    }

    /// The guard.
    ///
    /// # Errors
    /// [`NotLoaded`] if it was not read.
    pub fn guard(&self, key: &GuardKey) -> Result<Option<&Guard>, NotLoaded> {
        match self.row(&RowKey::Guard(key.clone()))? {
            Some(Row::Guard(guard)) => Ok(Some(guard)),
            _ => Ok(None),
        }
    }

    /// The receipt.
    ///
    /// # Errors
    /// [`NotLoaded`] if it was not read.
    pub fn receipt(&self, id: &OperationId) -> Result<Option<&Receipt>, NotLoaded> {
        match self.row(&RowKey::Receipt(id.clone()))? {
            Some(Row::Receipt(receipt)) => Ok(Some(receipt)),
            _ => Ok(None),
        }
    }

    /// Every record that is there after the decisions so far.
    #[cfg(test)]
    pub(crate) fn records(&self) -> impl Iterator<Item = (&RecordKey, &StoredRecord)> {
        self.rows.iter().filter_map(|(key, slot)| match (key, slot.present()) {
            (RowKey::Record(key), Some(Row::Record(record))) => Some((key, record)),
            _ => None,
        })
    }

    /// Folds in a decision: its rows are what the next operation finds.
    pub fn apply(&mut self, decision: &Decision) {
        for (key, row) in &decision.rows {
            let present = Present::Decided(row.clone());
            if let Some(slot) = self.rows.get_mut(key) {
                slot.present = present;
            } else {
                let slot = Slot { was_read: false, loaded: None, present };
                self.rows.insert(key.clone(), slot);
            }
        }
    }

    /// What was read stays, what was decided on it is forgotten: for deciding everything once more.
    pub fn forget_decisions(&mut self) {
        self.rows.retain(|_, slot| slot.was_read);
        for slot in self.rows.values_mut() {
            slot.present = Present::AsLoaded;
        }
        self.failed.clear();
    }

    /// Notes that an operation on `record` failed: what follows on it, or names it, is blocked.
    pub fn note_failure(&mut self, record: RecordKey) {
        self.failed.insert(record);
    }

    /// An earlier operation of this batch on `record` failed.
    pub fn has_failed(&self, record: &RecordKey) -> bool {
        self.failed.contains(record)
    }

    /// Takes in the day `{seller}#{date}`, read after its guard was.
    pub fn load_day(&mut self, seller_date: String, day: Day) {
        self.days.insert(seller_date, day);
    }

    /// The day `{seller}#{date}`, if it was read.
    pub(crate) fn day(&self, seller_date: &str) -> Option<&Day> {
        self.days.get(seller_date)
    }

    fn row(&self, key: &RowKey) -> Result<Option<&Row>, NotLoaded> {
        match (self.rows.get(key), &self.assumed, key) {
            (Some(slot), ..) => Ok(slot.present()),
            (None, Some(assumed), RowKey::Record(_)) => Ok(Some(assumed)),
            (None, Some(_), _) => Ok(None),
            (None, None, _) => Err(NotLoaded(vec![key.clone()])),
        }
    }
}

impl Day {
    /// The records of a day, tombstones too.
    pub fn new(records: Vec<(Entity, StoredRecord)>) -> Self {
        Self(records)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = (Entity, &JsonObject)> {
        self.0.iter().map(|(entity, stored)| (*entity, &stored.record))
    }

    /// The products that its sales name: they tell what weighs.
    pub(crate) fn products_sold(&self) -> BTreeSet<RecordKey> {
        let sales = self.records().filter(|(entity, _)| *entity == Entity::Sales);
        let items = sales.filter_map(|(_, sale)| sale.get("items")?.as_array()).flatten();
        let named = items.filter_map(|item| item.get("productId").and_then(Value::as_str));
        named.filter_map(|id| Some(RecordKey::new(Entity::Products, id.parse().ok()?))).gather()
    }
}
