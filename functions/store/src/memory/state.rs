//! What is stored, and what was written since: items in order of their keys, and the stream.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys::key_fault;
use super::limits::{condition, kept, kept_value, target};
use crate::tables::{CancellationReason, Condition, Item, Key, StoreError, Table, Write};

/// Items by key; Rust orders text as DynamoDB does, by the bytes of its UTF-8.
pub(super) type Items = BTreeMap<Key, Arc<Item>>;

/// One entry of the stream of the `records` table: an item before and after a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// Rises from entry to entry.
    pub sequence: u64,
    /// Which item.
    pub key: Key,
    /// It as it was; `None` if there was none.
    pub old: Option<Arc<Item>>,
    /// It as it became; `None` if it was removed.
    pub new: Option<Arc<Item>>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) items: Items,
    pub(super) stream: Vec<StreamRecord>,
    pub(super) sequence: u64,
}

impl State {
    /// Why each write would not go through, in order; all [`CancellationReason::None`] if they do.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a condition that cannot be read.
    pub(super) fn reasons(&self, writes: &[Write]) -> Result<Vec<CancellationReason>, StoreError> {
        writes.iter().map(|write| self.reason(write)).collect()
    }

    fn reason(&self, write: &Write) -> Result<CancellationReason, StoreError> {
        if key_fault(write).is_some() {
            return Ok(CancellationReason::Invalid);
        }
        let stored = target(write).and_then(|key| self.items.get(&key));
        let holds = holds(condition(write), stored.map(Arc::as_ref))?;
        Ok(if holds { CancellationReason::None } else { CancellationReason::ConditionFailed })
    }

    /// Writes what has been checked.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a number that cannot be kept; nothing is written then.
    pub(super) fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let mut next = Vec::with_capacity(writes.len());
        for write in writes {
            let new = match write {
                Write::Put { item, .. } => Some(Arc::new(kept(item)?)),
                Write::Delete { .. } => None,
                Write::Check { .. } => continue,
            };
            next.extend(target(write).map(|key| (key, new)));
        }
        for (key, new) in next {
            let old = match &new {
                Some(item) => self.items.insert(key.clone(), Arc::clone(item)),
                None => self.items.remove(&key),
            };
            self.tell(key, old, new);
        }
        Ok(())
    }

    /// A write that changes nothing leaves no trace in a stream.
    fn tell(&mut self, key: Key, old: Option<Arc<Item>>, new: Option<Arc<Item>>) {
        if key.table != Table::Records || old == new {
            return;
        }
        self.sequence += 1;
        self.stream.push(StreamRecord { sequence: self.sequence, key, old, new });
    }
}

fn holds(condition: &Condition, stored: Option<&Item>) -> Result<bool, StoreError> {
    match (condition, stored) {
        (Condition::None, _) | (Condition::Absent, None) => Ok(true),
        (Condition::Absent, Some(_)) | (Condition::Equals(_), None) => Ok(false),
        (Condition::Equals(wanted), Some(item)) => {
            for (name, value) in wanted {
                if item.get(*name) != Some(&kept_value(value, 0)?) {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}
