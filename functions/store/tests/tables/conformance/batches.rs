//! Batch reads: what is found, what is not, and what has to be asked again.

use std::collections::BTreeSet;

use serde_json::json;
use store::tables::{BATCH_GET_KEYS_MAX, BatchGot, Key, Table, Tables};

use crate::building::{fill, is_invalid, item, key, of_size, put};

pub(super) async fn what_is_not_there_is_neither_found_nor_unprocessed(tables: &impl Tables) {
    assert_eq!(tables.batch_get(&[key("a"), key("b")]).await, Ok(BatchGot::default()));
}

pub(super) async fn a_batch_spans_tables_and_businesses(tables: &impl Tables) {
    let keys = [
        key("same"),
        Key::new(Table::Records, "other", "same"),
        Key::new(Table::Operations, "b", "same"),
        Key::new(Table::Accounts, "b", "same"),
    ];
    for (place, key) in keys.iter().enumerate() {
        fill(tables, &[put(key, json!({ "place": place }))]).await;
    }
    let mut got = tables.batch_get(&keys).await.unwrap();
    got.items.sort_by(|a, b| a.1["place"].to_string().cmp(&b.1["place"].to_string()));
    let wanted = keys.iter().enumerate();
    let wanted = wanted.map(|(place, key)| (key.clone(), item(key, json!({ "place": place }))));
    assert_eq!(got, BatchGot { items: wanted.collect(), unprocessed: Vec::new() });
}

pub(super) async fn a_batch_has_1_to_100_keys_each_once(tables: &impl Tables) {
    let mut keys: Vec<_> = (0..=BATCH_GET_KEYS_MAX).map(|n| key(&n.to_string())).collect();
    assert!(is_invalid(&tables.batch_get(&keys).await));
    keys.pop();
    assert!(tables.batch_get(&keys).await.is_ok());
    assert!(is_invalid(&tables.batch_get(&[]).await));
    assert!(is_invalid(&tables.batch_get(&[key("a"), key("b"), key("a")]).await));
}

pub(super) async fn beyond_16_megabytes_keys_come_back_unprocessed(tables: &impl Tables) {
    let keys: Vec<_> = (0..45).map(|number| key(&format!("{number:02}"))).collect();
    for ten in keys.chunks(10) {
        let writes: Vec<_> = ten.iter().map(|key| of_size(key, 400_000)).collect();
        assert_eq!(tables.transact(&writes).await, Ok(()));
    }
    let mut left = keys.clone();
    let mut read = BTreeSet::new();
    let mut rounds = 0;
    while !left.is_empty() {
        let got = tables.batch_get(&left).await.unwrap();
        assert!(!got.items.is_empty());
        read.extend(got.items.into_iter().map(|(key, _)| key));
        left = got.unprocessed;
        rounds += 1;
    }
    assert_eq!((rounds, read.len()), (2, keys.len()));
}
