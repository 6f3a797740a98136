//! What DynamoDB refuses before it looks at a table, and how it measures an item.
//!
//! Sizes: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>.
//! Limits: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use super::keys::{KeyFault, check_key, key_fault};
use super::number;
use crate::tables::{
    BATCH_GET_KEYS_MAX, Condition, Item, Key, StoreError, TRANSACTION_ITEMS_MAX, Write,
};

/// An item by DynamoDB's measure, names included.
pub const ITEM_BYTES_MAX: usize = 400 * 1024;
/// All that one transaction puts, and the keys of what it removes or checks.
pub const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// All that one batch read answers; the rest comes back unprocessed.
pub(super) const BATCH_GET_BYTES_MAX: usize = 16 * 1024 * 1024;
/// All that one page of a query answers.
pub(super) const QUERY_BYTES_MAX: usize = 1024 * 1024;
/// Lists and maps around a value, fewer than this.
pub(super) const NESTING_MAX: usize = 32;

/// `item` with every number in DynamoDB's own text.
///
/// # Errors
/// [`StoreError::Invalid`] for a number that it cannot keep, too deep a nesting, an empty name.
pub(super) fn kept(item: &Item) -> Result<Item, StoreError> {
    kept_map(item, 0)
}

fn kept_map(map: &Item, depth: usize) -> Result<Item, StoreError> {
    if map.contains_key("") {
        return Err(invalid("an attribute without a name"));
    }
    map.iter().map(|(name, value)| Ok((name.clone(), kept_value(value, depth)?))).collect()
}

/// A value as it is kept.
///
/// # Errors
/// As [`kept`].
pub(super) fn kept_value(value: &Value, depth: usize) -> Result<Value, StoreError> {
    let inside = depth + 1;
    Ok(match value {
        Value::Number(number) if number::is_plain(number.as_str()) => value.clone(),
        Value::Number(number) => {
            let text = number::normalised(number.as_str()).map_err(invalid)?;
            Value::Number(text.parse::<Number>().map_err(|_| invalid("no number"))?)
        }
        Value::Array(_) | Value::Object(_) if inside >= NESTING_MAX => {
            return Err(invalid("nested beyond 32 levels"));
        }
        Value::Array(list) => {
            Value::Array(list.iter().map(|one| kept_value(one, inside)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => Value::Object(kept_map(map, inside)?),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    })
}

/// Whether [`kept`] would keep it, without making it.
fn check_map(map: &Item, depth: usize) -> Result<(), StoreError> {
    if map.contains_key("") {
        return Err(invalid("an attribute without a name"));
    }
    map.values().try_for_each(|value| check_value(value, depth))
}

fn check_value(value: &Value, depth: usize) -> Result<(), StoreError> {
    let inside = depth + 1;
    match value {
        Value::Number(number) if number::is_plain(number.as_str()) => Ok(()),
        Value::Number(number) => number::normalised(number.as_str()).map(drop).map_err(invalid),
        Value::Array(_) | Value::Object(_) if inside >= NESTING_MAX => {
            Err(invalid("nested beyond 32 levels"))
        }
        Value::Array(list) => list.iter().try_for_each(|one| check_value(one, inside)),
        Value::Object(map) => check_map(map, inside),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// The bytes of an item by DynamoDB's rules.
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(number) => number::size(number.as_str()),
        Value::String(text) => text.len(),
        Value::Array(list) => 3 + list.iter().map(|one| 1 + value_size(one)).sum::<usize>(),
        Value::Object(map) => {
            3 + map.iter().map(|(name, one)| 1 + name.len() + value_size(one)).sum::<usize>()
        }
    }
}

/// Keys of a batch read: some, not too many, each once, each a key.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(super) fn check_batch(keys: &[Key]) -> Result<(), StoreError> {
    if keys.is_empty() || keys.len() > BATCH_GET_KEYS_MAX {
        return Err(invalid("a batch reads 1 to 100 keys"));
    }
    keys.iter().try_for_each(check_key)?;
    if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
        return Err(invalid("a key twice in one batch"));
    }
    Ok(())
}

/// Writes of a transaction: some, not too many, each on an item of its own, not too large in all.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(super) fn check_transaction(writes: &[Write]) -> Result<(), StoreError> {
    if writes.is_empty() || writes.len() > TRANSACTION_ITEMS_MAX {
        return Err(invalid("a transaction has 1 to 100 writes"));
    }
    writes.iter().try_for_each(check_write)?;
    let mut seen = BTreeSet::new();
    if !writes.iter().filter_map(target).all(|key| seen.insert(key)) {
        return Err(invalid("two writes on one item in a transaction"));
    }
    if writes.iter().map(write_size).sum::<usize>() > TRANSACTION_BYTES_MAX {
        return Err(invalid("a transaction of more than 4 MB"));
    }
    Ok(())
}

/// What can be said of one write by itself, whatever is stored, and refuses the whole call.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(super) fn check_write(write: &Write) -> Result<(), StoreError> {
    if let Condition::Equals(wanted) = condition(write) {
        wanted.iter().try_for_each(|(_, value)| check_value(value, 0))?;
    }
    if let Write::Check { condition: Condition::None, .. } = write {
        return Err(invalid("a check of nothing"));
    }
    if let Write::Put { item, .. } = write {
        check_map(item, 0)?;
        // Zeros that say nothing count for nothing in a number as it came, too.
        if item_size(item) > ITEM_BYTES_MAX {
            return Err(invalid("an item of more than 400 KB"));
        }
    }
    if key_fault(write) == Some(KeyFault::Empty) { Err(invalid("an empty key")) } else { Ok(()) }
}

/// The item that a write is about, if it has a key.
pub(super) fn target(write: &Write) -> Option<Key> {
    match write {
        Write::Put { table, item, .. } => Key::of(*table, item),
        Write::Delete { key, .. } | Write::Check { key, .. } => Some(key.clone()),
    }
}

/// The condition of a write.
pub(super) fn condition(write: &Write) -> &Condition {
    match write {
        Write::Put { condition, .. }
        | Write::Delete { condition, .. }
        | Write::Check { condition, .. } => condition,
    }
}

/// Shorthand.
pub(super) fn invalid(why: &str) -> StoreError {
    StoreError::Invalid(why.into())
}

fn write_size(write: &Write) -> usize {
    match write {
        Write::Put { item, .. } => item_size(item),
        Write::Delete { key, .. } | Write::Check { key, .. } => item_size(&key.to_item()),
    }
}
