//! Receipts that a restore has lost, put back.
//!
//! Tables are restored one by one: a record may remember an operation whose receipt is a moment too
//! young to be there. It remembers [`domain::OPERATION_IDS_KEPT`] of them, and a phone that comes
//! back later than so many other writes would have its operation applied once more. So a rebuild,
//! which goes through every record anyway, writes down what each of them remembers.

use domain::{Outcome, Receipt, RecordKey, RequestHash, Row, RowKey, StoredRecord};
use protocol::planted::Bug;
use protocol::{BusinessId, Entity, Instant, OperationId, OperationStatus, UserId};
use serde_json::Value;

use super::PublishError;
use super::rebuild::again;
use crate::feed::FeedError;
use crate::reading::read_items;
use crate::rows::{RECEIPT_KEPT_SECONDS, key_of, read_record, read_row, write_of};
use crate::tables::{CancellationReason, Item, StoreError, Surroundings, Tables};

/// Puts back what the receipts of `records` (items of a page) have lost; how many were missing.
///
/// # Errors
/// [`PublishError`]; what was put back before it stays.
pub(super) async fn put_back<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    records: &[Item],
) -> Result<usize, PublishError> {
    if Bug::ReplayApplied.is_planted() {
        return Ok(0);
    }
    let expired = surroundings.now().plus_millis(-RECEIPT_KEPT_SECONDS * 1_000);
    let remembered: Vec<(RowKey, Row)> =
        records.iter().flat_map(|item| remembered(item, expired)).collect();
    let keys = remembered.iter().map(|(key, _)| key_of(business, key));
    let mut found = read_items(tables, surroundings, keys).await.map_err(FeedError::Store)?;
    let mut missing = 0;
    for (key, receipt) in remembered {
        let there = found.remove(&key_of(business, &key));
        let there = there.and_then(|item| read_row(&key, item).ok());
        if let Some(Row::Receipt(Receipt { outcome: Outcome::Succeeded { .. }, .. })) = there {
            continue;
        }
        missing += 1;
        let write = write_of(business, &key, there.as_ref(), Some(&receipt));
        let mut attempts = 0;
        while let Err(error) = tables.write(&write).await {
            // Its phone was first.
            if is_taken(&error) {
                break;
            }
            again(surroundings, &mut attempts, error).await?;
        }
    }
    Ok(missing)
}

/// A receipt for each operation that a record remembers and whose own would still be kept. It is not
/// known what was asked: its hash has a prefix of its own, and so counts as the same.
///
/// Not of closings: they remember late sales too, which are other records' operations.
fn remembered(item: &Item, expired: Instant) -> Vec<(RowKey, Row)> {
    let text = item.get("record").and_then(Value::as_str).unwrap_or_default();
    let Ok(key) = text.parse::<RecordKey>() else { return Vec::new() };
    if key.entity == Entity::Closings {
        return Vec::new();
    }
    let Ok(stored) = read_record(item.clone()) else { return Vec::new() };
    let of = |id: &OperationId| receipt(id, &key, &stored).filter(|one| one.decided_at > expired);
    let rows = stored.operations.iter().filter_map(|id| Some((id, of(id)?)));
    rows.map(|(id, receipt)| (RowKey::Receipt(id.clone()), Row::Receipt(receipt))).collect()
}

/// As far as the record knows: its clocks say who made each of its latest versions, and when.
fn receipt(id: &OperationId, key: &RecordKey, stored: &StoredRecord) -> Option<Receipt> {
    let text = |name: &str| stored.record.get(name).and_then(Value::as_str);
    let clock = stored.clocks.values().find(|clock| clock.operation == *id);
    let by: Option<UserId> = text("updatedBy").and_then(|by| by.parse().ok());
    let at: Option<Instant> = text("updatedAt").and_then(|at| at.parse().ok());
    let at = clock.map(|clock| clock.at).or(at)?;
    Some(Receipt {
        hash: RequestHash::from_text(HASH),
        outcome: Outcome::Succeeded { status: OperationStatus::Applied, version: stored.version },
        record: key.clone(),
        manual_retries: 0,
        device: clock.and_then(|clock| clock.device.clone()),
        by: clock.map(|clock| clock.by.clone()).or(by)?,
        client_timestamp: at,
        decided_at: at,
    })
}

fn is_taken(error: &StoreError) -> bool {
    let failed = CancellationReason::ConditionFailed;
    matches!(error, StoreError::Cancelled(reasons) if reasons.contains(&failed))
}

/// Compares with no request.
const HASH: &str = "restored:";
