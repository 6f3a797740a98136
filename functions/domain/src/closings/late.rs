//! What is written of a day that is being counted, or has been.

use std::collections::BTreeSet;

use protocol::{Entity, Gather, JsonObject, Operation};
use serde_json::{Value, json};

use super::{all_read, day_guard, follows};
use crate::draft::Draft;
use crate::judge::{Request, Stop};
use crate::stamp::Stamp;
use crate::{
    Guard, GuardKey, GuardState, RecordKey, Refusal, Row, RowKey, StoredRecord, seller_date,
};

/// What a write to a seller's day brings with it.
#[derive(Debug, Default)]
pub(crate) struct Late {
    /// Guards of days under count, and closings with their late entries.
    pub(crate) rows: Vec<(RowKey, Option<Row>)>,
    /// Guards that must still be as read.
    pub(crate) checks: Vec<GuardKey>,
}

/// The guard of the day that a new sale or abono will belong to, as far as its payload shows.
pub(crate) fn day_shown_by(
    entity: Entity,
    payload: &JsonObject,
    operation: &Operation,
) -> Option<GuardKey> {
    let field = match entity {
        Entity::Sales => "saleDate",
        Entity::Abonos => "createdAt",
        _ => return None,
    };
    let mut record = payload.clone();
    record.entry(field).or_insert_with(|| json!(operation.client_timestamp));
    seller_date(&record).map(|day| day_guard(&day))
}

/// Keeps the days that a sale or abono counts for, before and after a write, with their closings.
///
/// # Errors
/// Rows to load.
pub(crate) fn late(
    request: &Request<'_>,
    before: Option<&JsonObject>,
    after: &JsonObject,
    stamp: &Stamp,
) -> Result<Late, Stop> {
    let mut late = Late::default();
    if !matches!(request.key.entity, Entity::Sales | Entity::Abonos) {
        return Ok(late);
    }
    let (before, after) = (before.and_then(counted), counted(after));
    if before == after {
        return Ok(late);
    }
    let days: BTreeSet<String> = before.into_iter().chain(after).map(|(day, _)| day).gather();
    let guards = days.iter().map(|day| day_guard(day));
    for (key, guard) in all_read(guards, |key| request.state.guard(key))? {
        let Some(guard) = guard else {
            late.checks.push(key);
            continue;
        };
        if guard.state != GuardState::Counting {
            late.rows.extend(noted(request, guard, stamp)?);
        }
        match guard.state {
            GuardState::Held => late.checks.push(key),
            state => late.rows.push(follows(key, guard, &guard.owner, state)),
        }
    }
    Ok(late)
}

/// What a day counts of a record: the day, and the fields that its figures come from.
fn counted(record: &JsonObject) -> Option<(String, Vec<Option<&Value>>)> {
    if record.contains_key("deletedAt") {
        return None;
    }
    Some((seller_date(record)?, COUNTED.iter().map(|field| record.get(*field)).collect()))
}

/// The closing that stands, with one more late entry; its figures stay as they were signed.
fn noted(
    request: &Request<'_>,
    guard: &Guard,
    stamp: &Stamp,
) -> Result<Option<(RowKey, Option<Row>)>, Stop> {
    let Ok(id) = guard.owner.parse() else { return Ok(None) };
    let key = RecordKey::new(Entity::Closings, id);
    let Some(closing) = request.state.record(&key)? else { return Ok(None) };
    let noted = note(closing, request, stamp)?;
    Ok(Some((key.into(), Some(Row::Record(noted)))))
}

fn note(
    closing: &StoredRecord,
    request: &Request<'_>,
    stamp: &Stamp,
) -> Result<StoredRecord, Refusal> {
    let mut draft = Draft::of(closing);
    let mut entries = draft.value(ENTRIES).as_array().cloned().unwrap_or_default();
    let (entity, id) = (json!(request.key.entity), json!(request.key.id));
    entries.retain(|entry| entry["entity"] != entity || entry["id"] != id);
    entries.push(json!({"entity": entity, "id": id, "at": request.now}));
    entries.drain(..entries.len().saturating_sub(ENTRIES_MAX));
    let count = draft.value(COUNT).as_u64().unwrap_or_default() + 1;
    draft.put(ENTRIES, json!(entries));
    draft.put(COUNT, json!(count));
    let stamp = Stamp { version: closing.version.next(), ..stamp.clone() };
    draft.finish(&stamp, request.now)
}

/// The latest sales and abonos that came after the close: `[{"entity","id","at"}]`.
const ENTRIES: &str = "lateEntries";

/// How many operations came after the close, those on one record each counted.
const COUNT: &str = "lateEntriesCount";

/// A closing lists at most so many.
const ENTRIES_MAX: usize = 20;

/// What the figures of a day come from.
const COUNTED: &[&str] =
    &["totalAmount", "amountPaid", "balanceDue", "items", "amount", "paymentMethod"];
