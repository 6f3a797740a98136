//! Single items: what is kept of them, and what is refused.

use serde_json::{Value, json};
use store::memory::ITEM_BYTES_MAX;
use store::tables::{Condition, Key, Table, Tables, Write};

use crate::building::{check, delete, fill, is_invalid, item, key, of_size, put, stored};

pub(super) async fn an_item_comes_back_as_it_was_put(tables: &impl Tables) {
    let attributes = json!({
        "text": "ñandú 🐔", "empty": "", "yes": true, "no": false, "nothing": null,
        "list": [1, "two", [], {}], "map": {"deep": {"deeper": [null]}},
        "money": "84.00", "long": 12_345_678_901_234_567_890_u64,
    });
    let key = key("sales#1");
    fill(tables, &[put(&key, attributes.clone())]).await;
    assert_eq!(stored(tables, &key).await, Some(item(&key, attributes)));
}

pub(super) async fn a_number_comes_back_in_its_one_text(tables: &impl Tables) {
    for (given, kept) in [
        ("1.50", "1.5"),
        ("1E2", "100"),
        ("1e-3", "0.001"),
        ("-0.0", "0"),
        ("-12.340", "-12.34"),
        ("1000000000000000000000", "1000000000000000000000"),
        ("0.1234567890123456789012345678901234567", "0.1234567890123456789012345678901234567"),
        ("12345678901234567890.12345678901234567", "12345678901234567890.12345678901234567"),
    ] {
        let number = |text: &str| json!({ "n": text.parse::<serde_json::Number>().unwrap() });
        fill(tables, &[put(&key("n"), number(given))]).await;
        let read = stored(tables, &key("n")).await.unwrap();
        assert_eq!(read["n"].to_string(), kept, "{given}");
    }
}

pub(super) async fn a_number_has_at_most_38_digits(tables: &impl Tables) {
    let with = |text: String| {
        put(&key("n"), json!({"in": [protocol::json::from_str::<Value>(&text).unwrap()]}))
    };
    assert_eq!(tables.write(&with("9".repeat(38))).await, Ok(()));
    for text in ["9".repeat(39), "1E126".into(), "1E-131".into()] {
        assert!(is_invalid(&tables.write(&with(text.clone())).await), "{text}");
        assert!(is_invalid(&tables.transact(&[with(text.clone())]).await), "{text}");
    }
}

pub(super) async fn a_put_replaces_the_whole_item(tables: &impl Tables) {
    fill(tables, &[put(&key("a"), json!({"old": 1})), put(&key("a"), json!({"new": 2}))]).await;
    assert_eq!(stored(tables, &key("a")).await, Some(item(&key("a"), json!({"new": 2}))));
}

pub(super) async fn deleting_nothing_succeeds(tables: &impl Tables) {
    assert_eq!(tables.write(&delete(&key("a"))).await, Ok(()));
    assert_eq!(tables.transact(&[delete(&key("a"))]).await, Ok(()));
    assert_eq!(stored(tables, &key("a")).await, None);
}

pub(super) async fn an_item_has_at_most_400_kilobytes(tables: &impl Tables) {
    let (most, more) = (of_size(&key("a"), ITEM_BYTES_MAX), of_size(&key("b"), ITEM_BYTES_MAX + 1));
    assert_eq!(tables.write(&most).await, Ok(()));
    assert!(is_invalid(&tables.write(&more).await));
    assert!(is_invalid(&tables.transact(&[more]).await));
    assert_eq!(stored(tables, &key("b")).await, None);
}

pub(super) async fn a_value_is_nested_at_most_31_levels(tables: &impl Tables) {
    let nested = |levels| (0..levels).fold(json!("leaf"), |inner, _| json!([inner]));
    let with = |levels| put(&key("a"), json!({"value": nested(levels)}));
    assert_eq!(tables.write(&with(31)).await, Ok(()));
    assert!(is_invalid(&tables.write(&with(32)).await));
    assert!(is_invalid(&tables.transact(&[with(32)]).await));
}

pub(super) async fn a_key_is_there_and_a_text_and_not_empty_and_not_long(tables: &impl Tables) {
    let table = Table::Records;
    let at = |partition: &str, sort: &str| Key::new(table, partition, sort);
    let longest = at(&"p".repeat(2048), &"s".repeat(1024));
    assert_eq!(tables.write(&put(&longest, json!({}))).await, Ok(()));
    assert!(stored(tables, &longest).await.is_some());
    for bad in [at("", "s"), at("p", ""), at(&"p".repeat(2049), "s"), at("p", &"s".repeat(1025))] {
        assert!(is_invalid(&tables.write(&put(&bad, json!({}))).await));
        assert!(is_invalid(&tables.write(&delete(&bad)).await));
        assert!(is_invalid(&tables.batch_get(&[bad]).await));
    }
    for bad in [json!({"business": "b"}), json!({"business": "b", "record": 1})] {
        let Value::Object(item) = bad else { panic!() };
        let write = Write::Put { table, item, condition: Condition::None };
        assert!(is_invalid(&tables.write(&write).await));
    }
}

pub(super) async fn an_index_key_is_a_text_that_is_not_empty(tables: &impl Tables) {
    for bad in [json!(1), json!(null), json!("")] {
        let write = put(&key("a"), json!({"sellerDate": bad}));
        assert!(is_invalid(&tables.write(&write).await), "{bad}");
    }
    // Other tables have no index: there it is an attribute like any other.
    let elsewhere = Key::new(Table::Changes, "b", "a");
    assert_eq!(tables.write(&put(&elsewhere, json!({"sellerDate": 1}))).await, Ok(()));
}

pub(super) async fn a_check_by_itself_is_no_write(tables: &impl Tables) {
    assert!(is_invalid(&tables.write(&check(&key("a"), Condition::Absent)).await));
}

pub(super) async fn every_attribute_has_a_name(tables: &impl Tables) {
    for bad in [json!({"": 1}), json!({"a": {"": 1}}), json!({"a": [{"b": {"": 1}}]})] {
        let write = put(&key("a"), bad);
        assert!(is_invalid(&tables.write(&write).await));
        assert!(is_invalid(&tables.transact(&[write]).await));
    }
}

/// AWS does; dynoxide does not measure an index's keys.
pub(super) async fn an_index_key_is_not_long(tables: &impl Tables) {
    let write = put(&key("a"), json!({"sellerDate": "d".repeat(1025)}));
    assert!(is_invalid(&tables.write(&write).await));
}
