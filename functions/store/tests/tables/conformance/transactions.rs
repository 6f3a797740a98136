//! Transactions: all or nothing, a reason for each write, and their bounds.

use serde_json::{Value, json};
use store::tables::CancellationReason::{ConditionFailed, Invalid, None as Fine};
use store::tables::{Condition, Key, TRANSACTION_ITEMS_MAX, Table, Tables, Write};

use crate::building::{
    cancelled, check, delete, equals, fill, is_invalid, item, key, of_size, put, put_if, range,
    sorts, stored,
};

pub(super) async fn all_or_nothing_with_a_reason_for_each_in_order(tables: &impl Tables) {
    fill(tables, &[put(&key("a"), json!({"version": 1})), put(&key("b"), json!({}))]).await;
    let writes = [
        put_if(&key("a"), json!({"version": 2}), equals("version", json!(1))),
        put_if(&key("b"), json!({"new": true}), Condition::Absent),
        delete(&key("c")),
        check(&key("d"), equals("version", json!(1))),
        put_if(&key("e"), json!({}), Condition::Absent),
    ];
    let outcome = tables.transact(&writes).await;
    assert_eq!(outcome, cancelled(&[Fine, ConditionFailed, Fine, ConditionFailed, Fine]));
    assert_eq!(stored(tables, &key("a")).await, Some(item(&key("a"), json!({"version": 1}))));
    assert_eq!(stored(tables, &key("e")).await, None);
}

pub(super) async fn a_check_guards_without_writing(tables: &impl Tables) {
    let closing = check(&key("unique#closing"), Condition::Absent);
    let sale = put_if(&key("sales#1"), json!({}), Condition::Absent);
    assert_eq!(tables.transact(&[closing.clone(), sale]).await, Ok(()));
    assert_eq!(stored(tables, &key("unique#closing")).await, None);
    fill(tables, &[put(&key("unique#closing"), json!({}))]).await;
    let late = put_if(&key("sales#2"), json!({}), Condition::Absent);
    assert_eq!(tables.transact(&[closing, late]).await, cancelled(&[ConditionFailed, Fine]));
}

pub(super) async fn a_check_needs_a_condition(tables: &impl Tables) {
    let idle = check(&key("a"), Condition::None);
    assert!(is_invalid(&tables.transact(&[put(&key("b"), json!({})), idle]).await));
    assert_eq!(stored(tables, &key("b")).await, None);
}

pub(super) async fn a_transaction_spans_tables(tables: &impl Tables) {
    let everywhere = Table::ALL.map(|table| Key::new(table, "b", "same"));
    let writes = everywhere.each_ref().map(|key| put_if(key, json!({}), Condition::Absent));
    assert_eq!(tables.transact(&writes).await, Ok(()));
    for key in &everywhere {
        assert_eq!(stored(tables, key).await, Some(key.to_item()));
    }
}

pub(super) async fn one_hundred_writes_go_through_and_one_more_is_refused(tables: &impl Tables) {
    let write = |number: usize| put(&key(&format!("{number:03}")), json!({}));
    let mut writes: Vec<_> = (0..=TRANSACTION_ITEMS_MAX).map(write).collect();
    assert!(is_invalid(&tables.transact(&writes).await));
    writes.pop();
    assert_eq!(tables.transact(&writes).await, Ok(()));
    let page = tables.query(&range("0", "9")).await.unwrap();
    assert_eq!(sorts(&page).len(), TRANSACTION_ITEMS_MAX);
    assert!(is_invalid(&tables.transact(&[]).await));
}

pub(super) async fn two_writes_on_one_item_are_refused(tables: &impl Tables) {
    let twice = [put(&key("a"), json!({})), check(&key("a"), Condition::Absent)];
    assert!(is_invalid(&tables.transact(&twice).await));
    assert_eq!(stored(tables, &key("a")).await, None);
}

pub(super) async fn more_than_4_megabytes_are_refused(tables: &impl Tables) {
    let large = |number: usize| of_size(&key(&format!("{number:02}")), 400_000);
    let mut writes: Vec<_> = (0..11).map(large).collect();
    assert!(is_invalid(&tables.transact(&writes).await));
    writes.pop();
    assert_eq!(tables.transact(&writes).await, Ok(()));
    assert!(stored(tables, &key("09")).await.is_some());
    assert!(stored(tables, &key("10")).await.is_none());
}

pub(super) async fn a_key_that_is_missing_cancels_and_an_empty_one_refuses(tables: &impl Tables) {
    let of = |item: Value| {
        let Value::Object(item) = item else { panic!() };
        Write::Put { table: Table::Records, item, condition: Condition::None }
    };
    let fine = || put(&key("a"), json!({}));
    for bad in [
        json!({"business": "b"}),
        json!({"business": 1, "record": "x"}),
        json!({"business": "b", "record": "s".repeat(1025)}),
        json!({"business": "b", "record": "x", "sellerDate": 1}),
    ] {
        assert_eq!(tables.transact(&[fine(), of(bad)]).await, cancelled(&[Fine, Invalid]));
    }
    for bad in [
        json!({"business": "b", "record": ""}),
        json!({"business": "b", "record": "x", "sellerDate": ""}),
    ] {
        assert!(is_invalid(&tables.transact(&[fine(), of(bad)]).await));
    }
    assert_eq!(stored(tables, &key("a")).await, None);
}
