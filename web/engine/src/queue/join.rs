//! Edits of a record that was not sent yet become one operation.
//!
//! A seller without signal edits one customer 26 times: the queue holds one operation, not 27. An
//! update joins the last operation on its record, which keeps its id, its place and its kind, if:
//!
//! - that one is an insert or update of the same thing, and was never sent: what was sent never
//!   changes;
//! - both were made on the same version, since the fields of one operation have one base. Without a
//!   base times alone decide which value stands, so the earlier update must be replaced whole;
//! - no record that the two name together is made behind that place, and no other variant has
//!   changed since: a name that a variant takes may have been freed only then;
//! - the domain accepts the joined operation and shows the same record for it as for the two. The
//!   engine checks this with the synced record at hand.
//!
//! Everything else is appended. So is a delete, even of an insert that was never sent: what a seller
//! wrote down and took away again leaves a trace for the business, and what others did in the
//! meantime with the record (a sale to the customer) stays whole. An operation on a sale's item joins
//! operations on the same item only.
//!
//! A joined insert is as old as the insert, which dates the record. A joined update is as old as its
//! last edit, which must win against what others set before it. What was edited first becomes up to
//! ten minutes younger by that ([`JOINED_WITHIN_MS`]); an edit after that is an operation of its own,
//! so that times go on deciding between phones, and on which side of a dismissal an edit lies.

use protocol::{Action, Entity, JsonObject};
use serde_json::Value;

use super::Queue;
use super::dependency::names_what_comes_after;
use crate::{OperationRecord, QueueStatus};

/// An update that may become part of an operation in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Joining {
    /// The operation as it is in the queue.
    pub(crate) as_read: OperationRecord,
    /// The same with the update in it.
    pub(crate) joined: OperationRecord,
}

/// The operation that `update` joins, as far as the queue tells.
pub(super) fn joining(queue: &Queue, update: &OperationRecord) -> Option<Joining> {
    let last = queue.on(&update.target()).next_back()?;
    let is_same = (last.entity, &last.entity_id) == (update.entity, &update.entity_id);
    let may_join = update.operation == Action::Update
        && is_same
        && last.is_unsent()
        && last.base_version == update.base_version
        && match last.operation {
            Action::Insert => true,
            Action::Update => {
                let replaces_all = || last.data.keys().all(|one| update.data.contains_key(one));
                is_of_its_time(last, update) && (last.base_version.is_some() || replaces_all())
            }
            Action::Delete => false,
        };
    if !may_join || takes_a_freed_name(queue, last) {
        return None;
    }
    let joined = join(last, update);
    let comes_too_early = names_what_comes_after(queue, &joined, last.sequence);
    (!comes_too_early).then(|| Joining { as_read: last.clone(), joined })
}

/// An update shortly after the first edit of `last`, by a clock that has not gone back.
fn is_of_its_time(last: &OperationRecord, update: &OperationRecord) -> bool {
    let passed_ms = update.timestamp.as_millis() - last.created_at.as_millis();
    (0..=JOINED_WITHIN_MS).contains(&passed_ms)
}

fn join(last: &OperationRecord, update: &OperationRecord) -> OperationRecord {
    let mut joined = last.clone();
    let mut data = update.data.clone();
    if last.operation == Action::Insert {
        // A record that is new has no conflicts, and nothing that could be cleared.
        data.remove(DISMISS);
        joined.data.extend(data);
        joined.data.retain(|_, value| !value.is_null());
    } else {
        if let Some(dismissed) = both_dismissed(&joined.data, &data) {
            data.insert(DISMISS.to_owned(), dismissed);
        }
        joined.data.extend(data);
        joined.timestamp = update.timestamp;
    }
    joined.joined.push(update.id.clone());
    let surplus = joined.joined.len().saturating_sub(JOINED_KEPT);
    joined.joined.drain(..surplus);
    joined.touch(update.updated_at);
    joined
}

/// The fields whose conflicts either of the two has dismissed, if both did.
fn both_dismissed(one: &JsonObject, other: &JsonObject) -> Option<Value> {
    let (Value::Array(one), Value::Array(other)) = (one.get(DISMISS)?, other.get(DISMISS)?) else {
        return None;
    };
    Some(Value::Array(one.iter().chain(other).cloned().collect()))
}

/// A variant's name is unique within its product; the server meets operations in their order.
fn takes_a_freed_name(queue: &Queue, last: &OperationRecord) -> bool {
    let behind = queue.iter().rev().take_while(|other| other.sequence > last.sequence);
    last.entity == Entity::ProductVariants
        && behind
            .filter(|other| other.status != QueueStatus::Processed)
            .any(|other| other.entity == Entity::ProductVariants)
}

/// The conflicts that a user has seen, as an update names them.
const DISMISS: &str = "dismiss";

/// How long after its first edit an update takes others in.
const JOINED_WITHIN_MS: i64 = 10 * 60 * 1_000;

/// So many ids of updates are remembered: the engine repeats a command only right after a commit
/// whose outcome is unknown.
const JOINED_KEPT: usize = 16;
