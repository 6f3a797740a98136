//! Short ways to say a key, an item, a write and a range.

use serde_json::{Value, json};
use store::tables::{
    CancellationReason, Condition, Item, Key, LocalIndex, Query, QueryPage, StoreError, Table,
    Tables, Write,
};

/// A record's key in the business `b`.
pub(crate) fn key(sort: &str) -> Key {
    Key::new(Table::Records, "b", sort)
}

/// The item at `key` with these attributes besides.
pub(crate) fn item(key: &Key, attributes: Value) -> Item {
    let mut item = key.to_item();
    let Value::Object(attributes) = attributes else { panic!("attributes are an object") };
    item.extend(attributes);
    item
}

pub(crate) fn put_if(key: &Key, attributes: Value, condition: Condition) -> Write {
    Write::Put { table: key.table, item: item(key, attributes), condition }
}

pub(crate) fn put(key: &Key, attributes: Value) -> Write {
    put_if(key, attributes, Condition::None)
}

pub(crate) fn delete(key: &Key) -> Write {
    Write::Delete { key: key.clone(), condition: Condition::None }
}

pub(crate) fn check(key: &Key, condition: Condition) -> Write {
    Write::Check { key: key.clone(), condition }
}

pub(crate) fn equals(name: &'static str, value: Value) -> Condition {
    Condition::Equals(vec![(name, value)])
}

/// From `from` to `to` in the business `b`.
pub(crate) fn range(from: &str, to: &str) -> Query {
    Query {
        table: Table::Records,
        index: None,
        partition: "b".into(),
        from: from.into(),
        to: to.into(),
        after: None,
        limit: None,
        descending: false,
    }
}

pub(crate) fn by_seller_date(from: &str, to: &str) -> Query {
    Query { index: Some(LocalIndex::SellerDate), ..range(from, to) }
}

pub(crate) fn cancelled(reasons: &[CancellationReason]) -> Result<(), StoreError> {
    Err(StoreError::Cancelled(reasons.to_vec()))
}

pub(crate) fn is_invalid<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Invalid(_)))
}

/// The item at `key`, now.
pub(crate) async fn stored(tables: &impl Tables, key: &Key) -> Option<Item> {
    let got = tables.batch_get(std::slice::from_ref(key)).await.unwrap();
    assert!(got.unprocessed.is_empty());
    got.items.into_iter().next().map(|(_, item)| item)
}

/// Puts, however many, without conditions.
pub(crate) async fn fill(tables: &impl Tables, writes: &[Write]) {
    for write in writes {
        tables.write(write).await.unwrap();
    }
}

/// The sort keys of a page.
pub(crate) fn sorts(page: &QueryPage) -> Vec<&str> {
    page.items.iter().map(|item| item["record"].as_str().unwrap()).collect()
}

/// An item of exactly so many bytes by DynamoDB's measure.
pub(crate) fn of_size(key: &Key, bytes: usize) -> Write {
    let empty = store::memory::item_size(&item(key, json!({"text": ""})));
    put(key, json!({"text": "x".repeat(bytes - empty)}))
}
