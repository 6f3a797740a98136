//! A record while an operation is merged into it.

use std::collections::BTreeMap;

use protocol::{
    ErrorCode, FieldConflict, Instant, JsonObject, OperationId, UserId, Version, json_bytes,
};
use serde_json::{Value, json};

use crate::stamp::{Stamp, Stance};
use crate::{
    CHANGES_BYTES_MAX, CONFLICTS_MAX, FieldClock, OPERATION_IDS_KEPT, RECORD_BYTES_MAX, Refusal,
    StoredRecord,
};

/// A record while an operation is merged into it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) record: JsonObject,
    pub(crate) clocks: BTreeMap<String, FieldClock>,
    /// The conflicts of this operation.
    pub(crate) conflicts: Vec<FieldConflict>,
    operations: Vec<OperationId>,
}

impl Draft {
    /// Begins with what is stored.
    pub(crate) fn of(stored: &StoredRecord) -> Self {
        Self {
            record: stored.record.clone(),
            clocks: stored.clocks.clone(),
            conflicts: Vec::new(),
            operations: stored.operations.clone(),
        }
    }

    /// Begins with a record whose history is not known: whatever is merged stands.
    pub(crate) fn without_history(record: &JsonObject) -> Self {
        Self { record: record.clone(), ..Self::default() }
    }

    /// The value of a field; null if absent.
    pub(crate) fn value(&self, field: &str) -> Value {
        self.record.get(field).cloned().unwrap_or(Value::Null)
    }

    /// Puts a value; null takes the field away.
    pub(crate) fn put(&mut self, field: &str, value: Value) {
        if value.is_null() {
            self.record.remove(field);
        } else {
            self.record.insert(field.to_owned(), value);
        }
    }

    /// Merges the fields of an update, each by itself.
    pub(crate) fn merge(&mut self, changes: &JsonObject, stamp: &Stamp) {
        for (field, value) in changes {
            self.merge_field(field, value, stamp);
        }
    }

    fn merge_field(&mut self, field: &str, value: &Value, stamp: &Stamp) {
        let clock = self.clocks.get(field).cloned();
        let stored = self.value(field);
        let stance = stamp.stance(clock.as_ref());
        if stance == Stance::Informed {
            self.clear_conflicts(field);
        } else if stored != *value {
            self.note(stance, field, value, &stored, clock.as_ref(), stamp);
        }
        if stance != Stance::Loses {
            self.put(field, value.clone());
            self.clocks.insert(field.to_owned(), stamp.clock(clock.as_ref(), None));
        }
    }

    /// Notes a conflict over `field` between the operation's value and the one that is stored.
    pub(crate) fn note(
        &mut self,
        stance: Stance,
        field: &str,
        value: &Value,
        stored: &Value,
        clock: Option<&FieldClock>,
        stamp: &Stamp,
    ) {
        let rival = clock.map_or((&stamp.by, stamp.at), |clock| (&clock.by, clock.at));
        let (kept, lost, (lost_by, lost_at)) = match stance {
            Stance::Loses => (stored, value, (&stamp.by, stamp.at)),
            Stance::Wins | Stance::Informed => (value, stored, rival),
        };
        self.lose(field, kept, lost, lost_by, lost_at);
    }

    /// Notes that `lost` has lost against `kept`.
    pub(crate) fn lose(
        &mut self,
        field: &str,
        kept: &Value,
        lost: &Value,
        lost_by: &UserId,
        lost_at: Instant,
    ) {
        self.conflicts.push(FieldConflict {
            field: field.to_owned(),
            kept: kept.clone(),
            lost: lost.clone(),
            lost_by: lost_by.clone(),
            lost_at,
        });
    }

    /// Clears the conflicts that somebody has looked at.
    pub(crate) fn clear_conflicts(&mut self, field: &str) {
        let mut entries = self.stored_conflicts();
        entries.retain(|entry| entry.get("field").and_then(Value::as_str) != Some(field));
        self.put_conflicts(entries);
    }

    /// The stored record after the operation of `stamp`.
    ///
    /// # Errors
    /// `record_too_large`, where nothing is left that could be forgotten, and the record is not a
    /// tombstone: a delete always fits.
    pub(crate) fn finish(mut self, stamp: &Stamp, now: Instant) -> Result<StoredRecord, Refusal> {
        self.append_conflicts();
        self.keep_version_clock(stamp);
        self.record.insert("version".into(), json!(stamp.version));
        self.record.insert("updatedAt".into(), json!(now));
        self.record.insert("updatedBy".into(), json!(stamp.by));
        self.operations.push(stamp.operation.clone());
        let surplus = self.operations.len().saturating_sub(OPERATION_IDS_KEPT);
        self.operations.drain(..surplus);
        let Self { record, clocks, operations, .. } = self;
        let is_new = operations.len() == 1;
        let stored = StoredRecord { version: stamp.version, record, clocks, operations };
        fit(stored, if is_new { RECORD_BYTES_MAX } else { RECORD_BYTES_MAX + CHANGES_BYTES_MAX })
    }

    fn append_conflicts(&mut self) {
        let mut entries = self.stored_conflicts();
        for conflict in &self.conflicts {
            // Earlier losers of the same field stay, and see what stands now.
            for entry in &mut entries {
                if entry["field"] == conflict.field.as_str() {
                    entry["kept"] = conflict.kept.clone();
                }
            }
            if !protocol::planted::Bug::ConflictForgotten.is_planted() {
                entries.push(json!(conflict));
            }
        }
        let surplus = entries.len().saturating_sub(CONFLICTS_MAX);
        entries.drain(..surplus);
        self.put_conflicts(entries);
    }

    fn keep_version_clock(&mut self, stamp: &Stamp) {
        let kept = Version(stamp.version.0.saturating_sub(OPERATION_IDS_KEPT as u64));
        self.clocks.retain(|key, clock| !is_version_clock(key) || clock.version > kept);
        let key = format!("{VERSION_CLOCK}{}", stamp.version);
        self.clocks.insert(key, stamp.clock(None, None));
    }

    fn stored_conflicts(&self) -> Vec<Value> {
        self.record.get(CONFLICTS).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    fn put_conflicts(&mut self, entries: Vec<Value>) {
        let none = entries.is_empty();
        self.put(CONFLICTS, if none { Value::Null } else { Value::Array(entries) });
    }
}

/// A record that is not too large, by forgetting.
///
/// A tombstone keeps its values and clocks, since the merge needs them, and is stored whatever it
/// has come to: it had fitted before, and a delete adds one field and at most three clocks.
fn fit(mut stored: StoredRecord, bytes_max: usize) -> Result<StoredRecord, Refusal> {
    while json_bytes(&stored) > bytes_max {
        if !forget_oldest(&mut stored) {
            if stored.is_deleted() {
                break;
            }
            return Err(ErrorCode::RecordTooLarge.into());
        }
    }
    Ok(stored)
}

/// Forgets what costs least: the oldest value that could be taken back, then the oldest conflict.
fn forget_oldest(stored: &mut StoredRecord) -> bool {
    let restorable = stored.clocks.values_mut().filter(|clock| clock.previous.is_some());
    if let Some(oldest) = restorable.min_by_key(|clock| clock.version) {
        oldest.previous = None;
        return true;
    }
    let Some(Value::Array(conflicts)) = stored.record.get_mut(CONFLICTS) else { return false };
    conflicts.remove(0);
    if conflicts.is_empty() {
        stored.record.remove(CONFLICTS);
    }
    true
}

const CONFLICTS: &str = "conflicts";

/// The clock is of a version and not of a field.
pub(crate) fn is_version_clock(key: &str) -> bool {
    key.starts_with(VERSION_CLOCK)
}

const VERSION_CLOCK: &str = "version/";
