//! An operation that may be done is merged into its record.

use protocol::{Action, Entity, ErrorCode, JsonObject, Operation, OperationStatus, Role, arrange};
use serde_json::{Value, json};

use crate::draft::{Draft, is_version_clock};
use crate::judge::{Request, Stop, check_role, sets_nothing};
use crate::normalise::DISMISS;
use crate::stamp::{Stamp, Stance};
use crate::{
    Caller, GuardKey, RecordKey, Refusal, Row, RowKey, StoredRecord, closings, distribuciones,
    products, sales, unique,
};

/// What a successful operation leaves.
pub(crate) struct Written {
    pub(crate) status: OperationStatus,
    pub(crate) record: StoredRecord,
    pub(crate) conflict: Vec<protocol::FieldConflict>,
    /// Record and guards; nothing where the record stays as it is.
    pub(crate) rows: Vec<(RowKey, Option<Row>)>,
    /// Guards that must still be as read.
    pub(crate) checks: Vec<GuardKey>,
}

/// Does the operation.
///
/// # Errors
/// [`Stop`]: rows to load, a refusal, or something to wait for.
pub(crate) fn write(request: &Request<'_>, payload: JsonObject) -> Result<Written, Stop> {
    let operation = request.operation;
    check_role(request.caller.role, operation.entity, operation.action, &payload)?;
    let stored = request.state.record(request.key)?;
    let inserts = operation.action == Action::Insert && operation.entity != Entity::SaleItems;
    let stamp = Stamp::new(operation, request.caller, request.now, stored);
    match (inserts, stored) {
        (true, Some(_)) => Err(ErrorCode::AlreadyExists.into()),
        (false, None) => Err(Stop::Blocked(ErrorCode::RecordNotFound.into())),
        (true, None) => {
            request.check_departure(&stamp)?;
            insert(request, payload, &stamp)
        }
        (false, Some(stored)) => {
            request.check_owner(&stored.record)?;
            request.check_departure(&stamp)?;
            match (operation.entity, operation.action) {
                (entity, Action::Delete) if entity != Entity::SaleItems => {
                    delete(request, stored, &stamp)
                }
                _ => update(request, stored, payload, &stamp),
            }
        }
    }
}

fn insert(request: &Request<'_>, mut fields: JsonObject, stamp: &Stamp) -> Result<Written, Stop> {
    request.check_admin_fields(&mut fields, None)?;
    if let Some(owner) = request.schema().owner {
        fields.entry(owner).or_insert_with(|| json!(stamp.by));
    }
    request.check_owner(&fields)?;
    request.check_references(&fields)?;
    if request.key.entity == Entity::Closings {
        closings::count(request, &mut fields)?;
    }
    let draft = compose(request.key, request.caller, fields, stamp)?;
    finish(request, None, draft, stamp, OperationStatus::Applied)
}

fn update(
    request: &Request<'_>,
    stored: &StoredRecord,
    mut changes: JsonObject,
    stamp: &Stamp,
) -> Result<Written, Stop> {
    if request.operation.entity != Entity::SaleItems {
        request.check_immutable(&mut changes, &stored.record)?;
        request.check_admin_fields(&mut changes, Some(&stored.record))?;
    }
    // After what can never succeed: a refusal for good must not wait for a record.
    request.check_references(&changes)?;
    let mut draft = Draft::of(stored);
    if stored.is_deleted() {
        revive(request, &mut draft, &changes, stamp)?;
    } else if outdone_by_a_delete(request, &changes, stored, stamp) {
        return Err(Refusal::new(ErrorCode::Deleted, OUTDONE).into());
    }
    if change(&mut draft, request.operation, changes, stamp)? == Change::None {
        return Ok(unchanged(stored));
    }
    let status = status(&draft, stored, stamp);
    finish(request, Some(stored), draft, stamp, status)
}

/// Whether an update had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// What it asks for has been done.
    None,
    /// It has been merged.
    Merged,
}

/// A new record.
///
/// # Errors
/// What does not add up.
pub(crate) fn compose(
    key: &RecordKey,
    caller: &Caller,
    mut fields: JsonObject,
    stamp: &Stamp,
) -> Result<Draft, Refusal> {
    fill_in(key.entity, &mut fields, stamp);
    let mut draft = Draft::default();
    for (field, value) in fields {
        draft.clocks.insert(field.clone(), stamp.clock(None, None));
        draft.put(&field, value);
    }
    derive(key.entity, &mut draft)?;
    draft.put("id", json!(key.id));
    draft.put("businessId", json!(caller.business));
    draft.put("createdAt", json!(stamp.at));
    draft.put("createdBy", json!(stamp.by));
    draft.put("syncStatus", json!("synced"));
    draft.put("syncAttempts", json!(0));
    Ok(draft)
}

/// Merges an update, or an operation on an item, into a record.
///
/// # Errors
/// A refusal, or something to wait for.
pub(crate) fn change(
    draft: &mut Draft,
    operation: &Operation,
    mut changes: JsonObject,
    stamp: &Stamp,
) -> Result<Change, Stop> {
    let dismissed = changes.remove(DISMISS);
    for field in dismissed.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str) {
        draft.clear_conflicts(field);
    }
    match operation.entity {
        Entity::SaleItems => {
            return sales::merge_item(
                draft,
                operation.action,
                &operation.entity_id,
                &changes,
                stamp,
            );
        }
        Entity::Sales => sales::merge_sale(draft, changes, stamp)?,
        Entity::Distribuciones => distribuciones::merge(draft, changes, stamp)?,
        _ => draft.merge(&changes, stamp),
    }
    derive(operation.entity, draft)?;
    Ok(Change::Merged)
}

/// An update that is later than the delete takes it back; what stays deleted is not written.
fn revive(
    request: &Request<'_>,
    draft: &mut Draft,
    changes: &JsonObject,
    stamp: &Stamp,
) -> Result<(), Refusal> {
    if request.schema().delete_always_wins || sets_nothing(changes) {
        return Err(ErrorCode::Deleted.into());
    }
    let clock = draft.clocks.get(DELETED_AT).cloned();
    let deleted_at = draft.value(DELETED_AT);
    match stamp.stance(clock.as_ref()) {
        Stance::Loses => return Err(ErrorCode::Deleted.into()),
        Stance::Informed => draft.clear_conflicts(DELETED_AT),
        Stance::Wins => {
            draft.note(Stance::Wins, DELETED_AT, &Value::Null, &deleted_at, clock.as_ref(), stamp);
        }
    }
    draft.put(DELETED_AT, Value::Null);
    Ok(())
}

/// Of a record that was deleted and revived: the update is earlier than that delete and did not
/// know of it. Had it come while the record lay deleted, it would have been refused; what revived
/// the record says nothing for it. So the same comes out whichever of the two arrives first.
fn outdone_by_a_delete(
    request: &Request<'_>,
    changes: &JsonObject,
    stored: &StoredRecord,
    stamp: &Stamp,
) -> bool {
    request.operation.action == Action::Update
        && !sets_nothing(changes)
        && stamp.stance(stored.clocks.get(DELETED_AT)) == Stance::Loses
}

fn delete(request: &Request<'_>, stored: &StoredRecord, stamp: &Stamp) -> Result<Written, Stop> {
    if stored.is_deleted() {
        return Ok(unchanged(stored));
    }
    let mut draft = Draft::of(stored);
    let outdone = stored
        .clocks
        .iter()
        .any(|(key, clock)| !is_version_clock(key) && stamp.stance(Some(clock)) == Stance::Loses);
    if outdone && !request.schema().delete_always_wins {
        draft.lose(DELETED_AT, &Value::Null, &json!(stamp.at), &stamp.by, stamp.at);
        return finish(request, Some(stored), draft, stamp, OperationStatus::Conflict);
    }
    let clock = stamp.clock(draft.clocks.get(DELETED_AT), None);
    draft.clear_conflicts(DELETED_AT);
    draft.put(DELETED_AT, json!(stamp.at));
    draft.clocks.insert(DELETED_AT.to_owned(), clock);
    finish(request, Some(stored), draft, stamp, OperationStatus::Applied)
}

/// There was nothing left to do.
fn unchanged(stored: &StoredRecord) -> Written {
    Written {
        status: OperationStatus::Applied,
        record: stored.clone(),
        conflict: Vec::new(),
        rows: Vec::new(),
        checks: Vec::new(),
    }
}

/// What a new record is unless it says otherwise.
fn fill_in(entity: Entity, fields: &mut JsonObject, stamp: &Stamp) {
    match entity {
        Entity::Sales => drop(fields.entry("saleDate").or_insert_with(|| json!(stamp.at))),
        Entity::Distribuciones => distribuciones::fill_in(fields),
        _ => products::fill_in(entity, fields),
    }
}

/// What follows from the other fields.
fn derive(entity: Entity, draft: &mut Draft) -> Result<(), Refusal> {
    match entity {
        Entity::Sales => sales::derive(&mut draft.record),
        Entity::Distribuciones => distribuciones::derive(&mut draft.record),
        _ => Ok(()),
    }
}

fn finish(
    request: &Request<'_>,
    before: Option<&StoredRecord>,
    mut draft: Draft,
    stamp: &Stamp,
    status: OperationStatus,
) -> Result<Written, Stop> {
    flag(request, before, &mut draft)?;
    let before = before.map(|stored| &stored.record);
    let mut rows = unique::settle(request, before, &mut draft.record)?;
    let conflict = draft.conflicts.clone();
    let record = draft.finish(stamp, request.now)?;
    let closings::Late { rows: late_rows, checks } =
        closings::late(request, before, &record.record, stamp)?;
    rows.push((request.key.clone().into(), Some(Row::Record(record.clone()))));
    rows.extend(late_rows);
    Ok(Written { status, record, conflict, rows, checks })
}

/// Marks what an administrator should look at: `flags` of the record.
fn flag(
    request: &Request<'_>,
    before: Option<&StoredRecord>,
    draft: &mut Draft,
) -> Result<(), Stop> {
    let stored = draft.record.get(FLAGS).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut flags: Vec<String> =
        stored.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let names_another = |field: &str| {
        before.is_none_or(|before| before.record.get(field) != draft.record.get(field))
    };
    if request.schema().references.iter().any(|reference| names_another(reference.field)) {
        flags.retain(|flag| flag != DELETED_REFERENCE);
        if request.names_a_deleted_record(&draft.record)? {
            flags.push(DELETED_REFERENCE.to_owned());
        }
    }
    if request.caller.role == Role::Saliente {
        flags.push(DEPARTED_SELLER.to_owned());
    }
    arrange(&mut flags, Ord::cmp);
    flags.dedup();
    draft.put(FLAGS, if flags.is_empty() { Value::Null } else { json!(flags) });
    Ok(())
}

fn status(draft: &Draft, stored: &StoredRecord, stamp: &Stamp) -> OperationStatus {
    if !draft.conflicts.is_empty() {
        OperationStatus::Conflict
    } else if stored.clocks.values().any(|clock| stamp.has_not_seen(clock)) {
        OperationStatus::Merged
    } else {
        OperationStatus::Applied
    }
}

/// When the record was deleted; no live record has it.
pub(crate) const DELETED_AT: &str = "deletedAt";

/// To the seller whose update was outdone by a delete that the record has outlived.
const OUTDONE: &str = "Alguien eliminó este registro después de tu cambio, y luego se recuperó: \
    revisa cómo quedó y corrige tu cambio si aún hace falta.";

/// Words about a record that its administrator should look at.
const FLAGS: &str = "flags";

/// The record names a customer, product or load that had been deleted.
const DELETED_REFERENCE: &str = "deleted_reference";

/// Somebody wrote it whose account had been deactivated by then; it was done before.
const DEPARTED_SELLER: &str = "departed_seller";
