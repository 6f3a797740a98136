//! The domain's rows as items of the `records` and `operations` tables, and back.
//!
//! ```json
//! {"business":"b1","record":"customers#7f1e…","version":2,"value":{…},"clocks":{…},"operations":["0b2c…"]}
//! {"business":"b1","record":"unique#dni#45678912","version":1,"owner":"7f1e…"}
//! {"business":"b1","operation":"0b2c…","hash":"1:9c…","outcome":"applied","version":1,…,"expiresAt":1798000000}
//! ```

use domain::{Guard, Outcome, Receipt, Row, RowKey, StoredRecord};
use protocol::BusinessId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::tables::{Condition, Item, Key, Table, Write};

/// An item that is not of our shape: somebody else's hand, or a fault of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the item at {key} is not of our shape: {reason}")]
pub struct ForeignItem {
    /// Its sort key.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Where a row of `business` is kept.
pub fn key_of(business: &BusinessId, key: &RowKey) -> Key {
    match key {
        RowKey::Record(record) => Key::new(Table::Records, business.as_str(), record.to_string()),
        RowKey::Guard(guard) => Key::new(Table::Records, business.as_str(), guard.as_str()),
        RowKey::Receipt(id) => Key::new(Table::Operations, business.as_str(), id.as_str()),
    }
}

/// Reads the item that was found at `key`.
///
/// # Errors
/// [`ForeignItem`] if it is not of our shape.
pub fn read_row(key: &RowKey, item: Item) -> Result<Row, ForeignItem> {
    match key {
        RowKey::Record(_) => read_record(item).map(Row::Record),
        RowKey::Guard(guard) => from_item::<Guard>(item, guard.as_str()).map(Row::Guard),
        RowKey::Receipt(id) => from_item::<Receipt>(item, id.as_str()).map(Row::Receipt),
    }
}

/// Reads an item of the `records` table that is a record, also one from a stream's image.
///
/// # Errors
/// [`ForeignItem`] if it is not of our shape.
pub fn read_record(mut item: Item) -> Result<StoredRecord, ForeignItem> {
    let key = item.remove("record").and_then(|key| key.as_str().map(str::to_owned));
    let key = key.unwrap_or_default();
    let value = item.remove("value").unwrap_or(Value::Null);
    item.insert("record".into(), value);
    from_item(item, &key)
}

/// The write that brings a row from how it was loaded to how it shall be.
pub fn write_of(
    business: &BusinessId,
    key: &RowKey,
    loaded: Option<&Row>,
    present: Option<&Row>,
) -> Write {
    let condition = unchanged(loaded);
    match present {
        Some(row) => {
            let at = key_of(business, key);
            let mut item = to_item(row);
            item.extend(at.to_item());
            Write::Put { table: at.table, item, condition }
        }
        None => Write::Delete { key: key_of(business, key), condition },
    }
}

/// The condition that a row is still as it was loaded.
pub fn unchanged(loaded: Option<&Row>) -> Condition {
    match loaded {
        None => Condition::Absent,
        Some(Row::Record(record)) => Condition::Equals(vec![("version", record.version.0.into())]),
        Some(Row::Guard(guard)) => Condition::Equals(vec![("version", guard.version.0.into())]),
        Some(Row::Receipt(receipt)) => Condition::Equals(vec![
            ("outcome", outcome_text(&receipt.outcome).into()),
            ("manualRetries", receipt.manual_retries.into()),
        ]),
    }
}

/// The bytes of an item as JSON: near enough to how DynamoDB counts, and never far below it.
pub fn item_bytes(item: &Item) -> usize {
    protocol::json_bytes(item)
}

fn to_item(row: &Row) -> Item {
    match row {
        Row::Record(record) => record_item(record),
        Row::Guard(guard) => as_object(guard),
        Row::Receipt(receipt) => receipt_item(receipt),
    }
}

fn record_item(record: &StoredRecord) -> Item {
    let mut item = as_object(record);
    let value = item.remove("record").unwrap_or_default();
    item.insert("value".into(), value);
    if let Some(seller_date) = record.seller_date() {
        item.insert("sellerDate".into(), seller_date.into());
    }
    item
}

fn receipt_item(receipt: &Receipt) -> Item {
    let mut item = as_object(receipt);
    let decided_at_seconds = receipt.decided_at.as_millis().div_euclid(1000);
    item.insert("expiresAt".into(), (decided_at_seconds + RECEIPT_KEPT_SECONDS).into());
    if matches!(receipt.outcome, Outcome::Rejected { .. }) {
        // Only refusals have this attribute, so the operators' index holds nothing else.
        item.insert("refusedAt".into(), receipt.decided_at.to_string().into());
    }
    item
}

fn outcome_text(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Rejected { .. } => "rejected",
        Outcome::Succeeded { status, .. } => match status {
            protocol::OperationStatus::Merged => "merged",
            protocol::OperationStatus::Conflict => "conflict",
            _ => "applied",
        },
    }
}

fn as_object<T: Serialize>(row: &T) -> Item {
    match serde_json::to_value(row) {
        Ok(Value::Object(item)) => item,
        _ => unreachable!("rows are structs with text keys"),
    }
}

fn from_item<T: DeserializeOwned>(item: Item, key: &str) -> Result<T, ForeignItem> {
    protocol::json::from_value(&Value::Object(item))
        .map_err(|error| ForeignItem { key: key.to_owned(), reason: error.to_string() })
}

/// 400 days: as long as any client may wait before it sends an operation again.
pub(crate) const RECEIPT_KEPT_SECONDS: i64 = 400 * 86_400;
