//! Conditions: what they hold of, and that a failed one leaves no trace.

use serde_json::{Value, json};
use store::tables::{CancellationReason, Condition, Tables, Write};

use crate::building::{cancelled, check, delete, equals, fill, item, key, put, put_if, stored};

const FAILED: &[CancellationReason] = &[CancellationReason::ConditionFailed];

pub(super) async fn absent_holds_once(tables: &impl Tables) {
    let first = put_if(&key("a"), json!({"by": 1}), Condition::Absent);
    assert_eq!(tables.write(&first).await, Ok(()));
    assert_eq!(tables.write(&first).await, cancelled(FAILED));
    assert_eq!(tables.transact(&[first]).await, cancelled(FAILED));
    fill(tables, &[delete(&key("a"))]).await;
    assert_eq!(tables.transact(&[check(&key("a"), Condition::Absent)]).await, Ok(()));
}

pub(super) async fn equals_holds_only_of_the_very_value(tables: &impl Tables) {
    let attributes = json!({
        "n": 1, "t": "1", "e": "", "z": null, "f": false,
        "l": [1, {"a": 2}], "m": {"a": [1], "b": "x"},
    });
    fill(tables, &[put(&key("a"), attributes)]).await;
    let holds = async |name, value: Value| {
        let outcome = tables.transact(&[check(&key("a"), equals(name, value.clone()))]).await;
        assert!(outcome == Ok(()) || outcome == cancelled(FAILED), "{name} {value}: {outcome:?}");
        outcome.is_ok()
    };
    for (name, value) in [
        ("n", json!(1)),
        ("t", json!("1")),
        ("e", json!("")),
        ("z", json!(null)),
        ("f", json!(false)),
        ("l", json!([1, {"a": 2}])),
        ("m", json!({"b": "x", "a": [1]})),
        ("record", json!("a")),
    ] {
        assert!(holds(name, value.clone()).await, "{name} {value}");
    }
    for (name, value) in [
        ("n", json!("1")),
        ("n", json!(2)),
        ("t", json!(1)),
        ("e", json!(null)),
        ("z", json!(false)),
        ("f", json!(true)),
        ("l", json!([{"a": 2}, 1])),
        ("l", json!([1])),
        ("m", json!({"a": [1]})),
        ("missing", json!(null)),
        ("missing", json!("")),
    ] {
        assert!(!holds(name, value.clone()).await, "{name} {value}");
    }
}

pub(super) async fn numbers_are_equal_by_value(tables: &impl Tables) {
    let number = |text: &str| protocol::json::from_str::<Value>(text).unwrap();
    fill(tables, &[put(&key("a"), json!({"version": number("7.0"), "in": [number("1E1")]}))]).await;
    for text in ["7", "7.00", "0.7E1"] {
        let check = check(&key("a"), equals("version", number(text)));
        assert_eq!(tables.transact(&[check]).await, Ok(()), "{text}");
    }
    let inside = check(&key("a"), equals("in", json!([number("10.0")])));
    assert_eq!(tables.transact(&[inside]).await, Ok(()));
}

pub(super) async fn equals_of_nothing_asks_for_existence(tables: &impl Tables) {
    let exists = || check(&key("a"), Condition::Equals(Vec::new()));
    assert_eq!(tables.transact(&[exists()]).await, cancelled(FAILED));
    fill(tables, &[put(&key("a"), json!({}))]).await;
    assert_eq!(tables.transact(&[exists()]).await, Ok(()));
}

pub(super) async fn a_failed_condition_writes_nothing(tables: &impl Tables) {
    fill(tables, &[put(&key("a"), json!({"version": 1}))]).await;
    let stale = || Condition::Equals(vec![("version", json!(2)), ("record", json!("a"))]);
    let over = put_if(&key("a"), json!({"version": 3}), stale());
    let removal = Write::Delete { key: key("a"), condition: stale() };
    assert_eq!(tables.write(&over).await, cancelled(FAILED));
    assert_eq!(tables.write(&removal).await, cancelled(FAILED));
    assert_eq!(stored(tables, &key("a")).await, Some(item(&key("a"), json!({"version": 1}))));
}
