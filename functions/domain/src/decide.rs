//! The one entrance: an operation against what is stored.

use protocol::planted::Bug;
use protocol::{
    Action, Entity, ErrorCode, Instant, JsonObject, Operation, OperationStatus, Version,
};
use serde_json::Value;

use crate::closings::day_shown_by;
use crate::hash::request_hash;
use crate::judge::{Request, Stop, normal_payload, record_named_by, references_in};
use crate::schema::schema;
use crate::unique::guard_of;
use crate::write::{Written, write};
use crate::{
    Caller, Decision, NotLoaded, Outcome, Receipt, RecordKey, Refusal, RequestHash, Row, RowKey,
    State, StoredRecord,
};

/// The rows that an operation names by itself: its receipt, its record, its references and the
/// guards that its payload shows, in this order: the first record is the one that it writes.
/// Reading them first is enough for most operations.
pub fn keys_named_by(operation: &Operation) -> Vec<RowKey> {
    let record = record_named_by(operation);
    let mut keys =
        vec![RowKey::Receipt(operation.operation_id.clone()), RowKey::Record(record.clone())];
    if operation.action == Action::Delete || operation.entity == Entity::SaleItems {
        return keys;
    }
    let normal = normal_payload(
        operation.entity,
        operation.action,
        &operation.entity_id,
        &operation.payload,
    );
    let Ok(payload) = normal else { return keys };
    keys.extend(references_in(schema(record.entity), &payload).into_iter().map(RowKey::Record));
    keys.extend(guard_of(record.entity, &payload).map(RowKey::Guard));
    if operation.action == Action::Insert {
        let day = day_shown_by(record.entity, &payload, operation);
        keys.extend(day.map(RowKey::Guard));
    }
    keys
}

/// Decides one operation.
///
/// A closing counts a day. Until [`State::load_day`] has brought it, the answer is `retry`, with the
/// claim to write first where there is none yet; load the day after that write, and ask again.
///
/// # Errors
/// [`NotLoaded`] names rows to read before it can be decided; load them and ask again.
pub fn decide(
    state: &State,
    operation: &Operation,
    caller: &Caller,
    now: Instant,
) -> Result<Decision, NotLoaded> {
    let key = record_named_by(operation);
    let normal = normal_payload(
        operation.entity,
        operation.action,
        &operation.entity_id,
        &operation.payload,
    );
    // The receipt is looked for before anything is hashed: most callers have yet to read it.
    state.receipt(&operation.operation_id)?;
    let hash = request_hash(operation, normal.as_ref().ok());
    if let Some(decision) = decided_before(state, operation, &key, &hash)?
        && !Bug::DedupeOff.is_planted()
    {
        return Ok(decision);
    }
    if state.has_failed(&key) {
        return Ok(blocked(ErrorCode::EarlierFailed.into()));
    }
    let request = Request { state, operation, caller, now, key: &key };
    conclude(&request, normal, |outcome| Some(receipt(&request, hash.clone(), outcome)))
}

/// What an operation would come to if nobody had decided it before: no receipt is looked for and
/// none is made. What a phone draws with, over and over, and where a hash would be for nothing.
///
/// # Errors
/// [`NotLoaded`] as for [`decide`].
pub fn foresee(
    state: &State,
    operation: &Operation,
    caller: &Caller,
    now: Instant,
) -> Result<Decision, NotLoaded> {
    let key = record_named_by(operation);
    state.record(&key)?;
    let normal = normal_payload(
        operation.entity,
        operation.action,
        &operation.entity_id,
        &operation.payload,
    );
    conclude(&Request { state, operation, caller, now, key: &key }, normal, |_| None)
}

fn conclude(
    request: &Request<'_>,
    normal: Result<JsonObject, Refusal>,
    receipt: impl Fn(Outcome) -> Option<ReceiptRow>,
) -> Result<Decision, NotLoaded> {
    let written = request.check_channel().map_err(Stop::from).and_then(|()| {
        let payload = normal?;
        write(request, payload)
    });
    match written {
        Ok(written) => Ok(succeeded(written, receipt)),
        Err(Stop::Refused(refusal)) => Ok(rejected(&refusal, receipt)),
        Err(Stop::Blocked(refusal)) if Bug::BlockedStored.is_planted() => {
            let stored = rejected(&refusal, receipt);
            Ok(Decision { rows: stored.rows, ..blocked(refusal) })
        }
        Err(Stop::Blocked(refusal)) => Ok(blocked(refusal)),
        Err(Stop::Unready(rows)) => {
            Ok(Decision { rows, ..failed(OperationStatus::Retry, ErrorCode::Contention.into()) })
        }
        Err(Stop::NotLoaded(rows)) => Err(rows),
    }
}

/// The answer to an operation that has been decided already, if it has and stands.
fn decided_before(
    state: &State,
    operation: &Operation,
    key: &RecordKey,
    hash: &RequestHash,
) -> Result<Option<Decision>, NotLoaded> {
    let Some(receipt) = state.receipt(&operation.operation_id)? else {
        return remembered(state, operation, key);
    };
    if !receipt.hash.matches(hash) {
        return Ok(Some(rejected(&ErrorCode::OperationIdReused.into(), NO_RECEIPT)));
    }
    match &receipt.outcome {
        Outcome::Succeeded { version, .. } => {
            Ok(Some(duplicate(state.record(&receipt.record)?, *version)))
        }
        Outcome::Rejected { code, message } => {
            let refusal = Refusal { code: *code, message: message.clone() };
            let again = operation.manual_retries > receipt.manual_retries;
            let stored = || if again { None } else { Some(rejected(&refusal, NO_RECEIPT)) };
            Ok(remembered(state, operation, key)?.or_else(stored))
        }
    }
}

/// A restore may have lost the receipt, or that of a success which came after a refusal; the record
/// remembers its latest operations.
fn remembered(
    state: &State,
    operation: &Operation,
    key: &RecordKey,
) -> Result<Option<Decision>, NotLoaded> {
    let done = state.record(key)?.filter(|record| {
        record.operations.contains(&operation.operation_id) && !Bug::ReplayApplied.is_planted()
    });
    Ok(done.map(|record| duplicate(Some(record), record.version)))
}

fn succeeded(written: Written, receipt: impl Fn(Outcome) -> Option<ReceiptRow>) -> Decision {
    let Written { status, record, conflict, mut rows, checks } = written;
    let version = record.version;
    rows.extend(receipt(Outcome::Succeeded { status, version }));
    Decision {
        status,
        refusal: None,
        version: Some(version),
        record: Some(Value::Object(record.record)),
        conflict,
        rows,
        checks,
    }
}

/// A refusal for good; with its receipt, unless it is an old one that is only told again.
fn rejected(refusal: &Refusal, receipt: impl Fn(Outcome) -> Option<ReceiptRow>) -> Decision {
    let Refusal { code, message } = refusal.clone();
    let row = receipt(Outcome::Rejected { code, message });
    let rows = row.into_iter().collect();
    Decision { rows, ..failed(OperationStatus::Rejected, refusal.clone()) }
}

fn blocked(refusal: Refusal) -> Decision {
    failed(OperationStatus::Blocked, refusal)
}

fn failed(status: OperationStatus, refusal: Refusal) -> Decision {
    Decision { refusal: Some(refusal), ..bare(status) }
}

fn duplicate(record: Option<&StoredRecord>, version: Version) -> Decision {
    Decision {
        version: Some(record.map_or(version, |record| record.version)),
        record: record.map(|record| Value::Object(record.record.clone())),
        ..bare(OperationStatus::Duplicate)
    }
}

fn bare(status: OperationStatus) -> Decision {
    Decision {
        status,
        refusal: None,
        version: None,
        record: None,
        conflict: Vec::new(),
        rows: Vec::new(),
        checks: Vec::new(),
    }
}

fn receipt(request: &Request<'_>, hash: RequestHash, outcome: Outcome) -> ReceiptRow {
    let operation = request.operation;
    let receipt = Receipt {
        hash,
        outcome,
        record: request.key.clone(),
        manual_retries: operation.manual_retries,
        device: operation.device_id.clone(),
        by: request.caller.user.clone(),
        client_timestamp: operation.client_timestamp,
        decided_at: request.now,
    };
    (RowKey::Receipt(operation.operation_id.clone()), Some(Row::Receipt(receipt)))
}

/// A receipt to write.
type ReceiptRow = (RowKey, Option<Row>);

const NO_RECEIPT: fn(Outcome) -> Option<ReceiptRow> = |_| None;
