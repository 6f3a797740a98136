//! What the screen shows of a record: the synced one with the queued operations on top, by the
//! domain's own decisions.
//!
//! A phone knows less than the server: no other device's clocks, no guards, no receipts, and
//! perhaps not yet the records that an operation names. So what it does not know counts as being
//! in order; the server has the last word.

use domain::{Caller, Channel, Decision, Refusal, Row, RowKey, State, StoredRecord};
use protocol::{
    Action, Entity, Instant, JsonObject, OperationId, OperationStatus, RecordId, Version,
};
use serde_json::{Value, json};

use crate::queue::Joining;
use crate::{OperationRecord, QueueStatus, RecordKey, SignedIn, SyncedRecord};

/// A record as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Entity and id.
    pub key: RecordKey,
    /// The whole record with `syncStatus` and `syncAttempts`; `None` if it is deleted, or not there.
    pub record: Option<JsonObject>,
    /// The version of the synced record: the base of what is done next.
    pub base_version: Option<Version>,
    /// The operations on top, in order.
    pub operations: Vec<OperationId>,
}

/// Lays the operations on one record over it. They are those on `key`, in order; those that the
/// synced record shows already are left out.
pub fn preview<'a>(
    key: &RecordKey,
    synced: Option<&SyncedRecord>,
    operations: impl Iterator<Item = &'a OperationRecord>,
    signed_in: &SignedIn,
) -> Shown {
    let version = synced.map(|row| row.version);
    let operations: Vec<_> = operations.filter(|operation| operation.shows_on(version)).collect();
    let mut desk = Desk::new(key, synced, signed_in);
    for operation in &operations {
        desk.lay(operation);
    }
    let failed = operations.iter().any(|one| one.status == QueueStatus::Failed);
    let pending = operations.iter().any(|one| one.status == QueueStatus::Pending);
    let status = if failed {
        "error"
    } else if pending {
        "pending"
    } else {
        "synced"
    };
    let attempts = operations.iter().map(|one| one.retry_count).max().unwrap_or(0);
    let record = desk.present().filter(|stored| !stored.is_deleted()).map(|stored| {
        let mut record = stored.record.clone();
        record.insert("version".to_owned(), json!(version.unwrap_or_default()));
        record.insert("syncStatus".to_owned(), json!(status));
        record.insert("syncAttempts".to_owned(), json!(attempts));
        record
    });
    let operations = operations.into_iter().map(|operation| operation.id.clone()).collect();
    Shown { key: key.clone(), record, base_version: version, operations }
}

/// What the server would refuse for good as far as a phone can know, with the server's own words.
///
/// # Errors
/// The refusal.
pub(crate) fn check<'a>(
    synced: Option<&SyncedRecord>,
    before: impl Iterator<Item = &'a OperationRecord>,
    operation: &OperationRecord,
    signed_in: &SignedIn,
) -> Result<(), Refusal> {
    let key = operation.target();
    let version = synced.map(|row| row.version);
    let mut desk = Desk::new(&key, synced, signed_in);
    for earlier in before.filter(|earlier| earlier.shows_on(version)) {
        desk.lay(earlier);
    }
    match desk.decide(operation) {
        Some(Decision { status: OperationStatus::Rejected, refusal: Some(refusal), .. }) => {
            Err(refusal)
        }
        _ => Ok(()),
    }
}

/// Whether an update may become part of the last operation before it: the domain takes the joined
/// operation, and the record looks as it does with the two apart.
pub(crate) fn joins(
    synced: Option<&SyncedRecord>,
    before: &[&OperationRecord],
    update: &OperationRecord,
    joining: &Joining,
    signed_in: &SignedIn,
) -> bool {
    let earlier = before.iter().copied().filter(|one| one.id != joining.as_read.id);
    if check(synced, earlier.clone(), &joining.joined, signed_in).is_err() {
        return false;
    }
    let apart = before.iter().copied().chain([update]);
    let looks_apart = looks(synced, apart, update, signed_in);
    looks_apart == looks(synced, earlier.chain([&joining.joined]), update, signed_in)
}

/// The record of `on` with operations on top, but for what counts them.
fn looks<'a>(
    synced: Option<&SyncedRecord>,
    operations: impl Iterator<Item = &'a OperationRecord>,
    on: &OperationRecord,
    signed_in: &SignedIn,
) -> Option<JsonObject> {
    let (key, version) = (on.target(), synced.map(|row| row.version));
    let mut desk = Desk::new(&key, synced, signed_in);
    for operation in operations.filter(|one| one.shows_on(version)) {
        desk.lay(operation);
    }
    let mut record = desk.present()?.record.clone();
    record.retain(|field, _| !matches!(field.as_str(), "version" | "updatedAt"));
    Some(record)
}

/// One record, and the state that the domain decides on.
struct Desk<'a> {
    key: &'a RecordKey,
    state: State,
    caller: Caller,
}

impl<'a> Desk<'a> {
    fn new(key: &'a RecordKey, synced: Option<&SyncedRecord>, signed_in: &SignedIn) -> Self {
        let mut state = State::default();
        let row = synced.map(|row| Row::Record(stored(row)));
        state.load(RowKey::Record(key.clone()), row);
        let caller = Caller {
            business: signed_in.account.business.clone(),
            user: signed_in.account.user.clone(),
            role: signed_in.role,
            deactivated_at: None,
            channel: Channel::Batch,
        };
        Self { key, state, caller }
    }

    fn present(&self) -> Option<&StoredRecord> {
        match self.state.present(&RowKey::Record(self.key.clone())) {
            Some(Row::Record(stored)) => Some(stored),
            _ => None,
        }
    }

    /// Lays an operation on top. What the domain refuses is shown as it was typed: a failed
    /// operation stays on top of the record until a person has done something about it.
    fn lay(&mut self, operation: &OperationRecord) {
        match self.decide(operation) {
            Some(decision) if decision.status.is_success() => self.state.apply(&decision),
            _ => self.lay_as_typed(operation),
        }
    }

    fn decide(&mut self, operation: &OperationRecord) -> Option<Decision> {
        let mut wire = operation.to_wire();
        // Without clocks there is nothing to compare a base with.
        wire.base_version = None;
        self.state.assume(in_order(operation.timestamp));
        domain::foresee(&self.state, &wire, &self.caller, operation.timestamp).ok()
    }

    fn lay_as_typed(&mut self, operation: &OperationRecord) {
        if operation.operation == Action::Delete || operation.entity == Entity::SaleItems {
            return;
        }
        let mut stored = self.present().cloned().unwrap_or_else(|| blank(&self.key.id));
        stored.record.extend(operation.data.clone());
        self.state.load(RowKey::Record(self.key.clone()), Some(Row::Record(stored)));
    }
}

/// What is not known counts as being in order: a named record is there, nothing is taken, nothing
/// was decided before.
fn in_order(at: Instant) -> StoredRecord {
    with_one("createdAt", json!(at))
}

fn blank(id: &RecordId) -> StoredRecord {
    with_one("id", json!(id))
}

fn with_one(field: &str, value: Value) -> StoredRecord {
    StoredRecord {
        version: Version(0),
        record: protocol::object([(field.to_owned(), value)]),
        clocks: std::collections::BTreeMap::new(),
        operations: Vec::new(),
    }
}

fn stored(row: &SyncedRecord) -> StoredRecord {
    let mut stored = StoredRecord { version: row.version, ..blank(&row.key.id) };
    match &row.record {
        Some(Value::Object(record)) => stored.record.clone_from(record),
        _ => {
            stored.record.insert("deletedAt".to_owned(), json!(Instant::from_millis(0)));
        }
    }
    stored
}
