//! What a phone asks before the server answers: may this be written, and how will it look.

use protocol::{Action, Entity, ErrorCode, JsonObject, Operation, RecordId, Role};
use serde_json::json;

use crate::draft::Draft;
use crate::judge::{Stop, check_role, normal_payload, record_named_by};
use crate::schema::schema;
use crate::stamp::Stamp;
use crate::write::{DELETED_AT, change, compose};
use crate::{Caller, Refusal};

/// The payload in its normal form, if its fields and the role allow it: what a screen asks before
/// it queues an operation. Whatever needs other records is left to the server.
///
/// # Errors
/// The refusal that the server would give, with its words.
pub fn check(
    entity: Entity,
    action: Action,
    id: &RecordId,
    payload: &JsonObject,
    role: Role,
) -> Result<JsonObject, Refusal> {
    let normal = normal_payload(entity, action, id, payload)?;
    check_role(role, entity, action, &normal)?;
    Ok(normal)
}

/// The record as it looks with a queued operation on top, without clocks: what is queued here
/// stands above what is synced. Fields that this version does not know stay as they are.
///
/// `record` is the one that [`record_named_by`](crate::record_named_by) names: for `sale_items`
/// the sale. A deleted one comes back with `deletedAt`. `syncStatus` and `version` are not
/// changed: they are the queue's to tell.
///
/// # Errors
/// Why the operation cannot be laid on top; show the record as it is, and the operation's error.
pub fn preview(
    record: Option<&JsonObject>,
    operation: &Operation,
    caller: &Caller,
) -> Result<JsonObject, Refusal> {
    let mut payload = normal_payload(
        operation.entity,
        operation.action,
        &operation.entity_id,
        &operation.payload,
    )?;
    let stamp = Stamp::new(operation, caller, operation.client_timestamp, None);
    let key = record_named_by(operation);
    if operation.action == Action::Insert && operation.entity != Entity::SaleItems {
        if let Some(owner) = schema(key.entity).owner {
            payload.entry(owner).or_insert_with(|| json!(stamp.by));
        }
        return compose(&key, caller, payload, &stamp).map(|draft| draft.record);
    }
    let record = record.ok_or(ErrorCode::RecordNotFound)?;
    let mut draft = Draft::without_history(record);
    if operation.action == Action::Delete && operation.entity != Entity::SaleItems {
        draft.put(DELETED_AT, json!(stamp.at));
    } else if let Err(stop) = change(&mut draft, operation, payload, &stamp) {
        return Err(match stop {
            Stop::Refused(refusal) | Stop::Blocked(refusal) => refusal,
            Stop::NotLoaded(_) | Stop::Unready(_) => ErrorCode::RecordNotFound.into(),
        });
    }
    Ok(draft.record)
}
