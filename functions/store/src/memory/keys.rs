//! What DynamoDB asks of keys: there, a text, not empty, not long.

use serde_json::Value;

use super::limits::invalid;
use crate::tables::{Item, Key, LocalIndex, StoreError, Table, Write};

/// A partition key.
pub(super) const PARTITION_KEY_BYTES_MAX: usize = 2048;
/// A sort key, of a table or of an index.
pub(super) const SORT_KEY_BYTES_MAX: usize = 1024;

/// What is wrong with the keys of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyFault {
    /// One is missing or no text: the reason of this write in a cancelled transaction.
    Mismatch,
    /// One is empty: that refuses a whole transaction.
    Empty,
    /// One is too long: a reason, as the first.
    Long,
}

/// The first thing that is wrong with the keys of `write`.
pub(super) fn key_fault(write: &Write) -> Option<KeyFault> {
    match write {
        Write::Put { table, item, .. } => of_item(*table, item),
        Write::Delete { key, .. } | Write::Check { key, .. } => of_key(key),
    }
}

/// A key by itself.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(super) fn check_key(key: &Key) -> Result<(), StoreError> {
    of_key(key).map_or(Ok(()), |_| Err(invalid("an empty or a long key")))
}

/// The local index of a table.
pub(super) fn index_of(table: Table) -> Option<LocalIndex> {
    (table == Table::Records).then_some(LocalIndex::SellerDate)
}

fn of_key(key: &Key) -> Option<KeyFault> {
    if key.partition.is_empty() || key.sort.is_empty() {
        return Some(KeyFault::Empty);
    }
    let long = key.partition.len() > PARTITION_KEY_BYTES_MAX || key.sort.len() > SORT_KEY_BYTES_MAX;
    long.then_some(KeyFault::Long)
}

fn of_item(table: Table, item: &Item) -> Option<KeyFault> {
    let present = |name| item.get(name).unwrap_or(&Value::Null);
    of_value(present(table.partition_attribute()))
        .or_else(|| of_value(present(table.sort_attribute())))
        .or_else(|| of_key(&Key::of(table, item)?))
        .or_else(|| of_index_value(item.get(index_of(table)?.attribute())?))
}

fn of_index_value(value: &Value) -> Option<KeyFault> {
    let long = value.as_str().is_some_and(|text| text.len() > SORT_KEY_BYTES_MAX);
    of_value(value).or(long.then_some(KeyFault::Long))
}

fn of_value(value: &Value) -> Option<KeyFault> {
    match value {
        Value::String(text) => text.is_empty().then_some(KeyFault::Empty),
        _ => Some(KeyFault::Mismatch),
    }
}
