//! Two devices change one record without knowing of each other.

use protocol::{Action, Entity, ErrorCode, OperationStatus};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, seller};

fn shop() -> Shop {
    let mut shop = Shop::default();
    let made = Op::new("make", Entity::Customers, Action::Insert, "c1")
        .payload(json!({"name": "Rosa", "phone": "900"}));
    shop.done(&admin(), &made);
    shop
}

fn update(operation: &str, device: &str, payload: Value) -> Op {
    Op::new(operation, Entity::Customers, Action::Update, "c1")
        .payload(payload)
        .device(device)
        .base(1)
}

fn delete(operation: &str, device: &str) -> Op {
    Op::new(operation, Entity::Customers, Action::Delete, "c1").device(device).base(1)
}

#[test]
fn fields_that_nobody_else_touched_are_merged() {
    let mut shop = shop();
    shop.done(&admin(), &update("o1", "a", json!({"phone": "911"})).at(1));
    let decision = shop.push(&seller(), &update("o2", "b", json!({"address": "Puno"})).at(2));
    assert_eq!(decision.status, OperationStatus::Merged);
    let record = decision.record.unwrap();
    assert_eq!((&record["phone"], &record["address"]), (&json!("911"), &json!("Puno")));
    assert_eq!((record.get("conflicts"), &record["version"]), (None, &json!(3)));
}

#[test]
fn the_later_value_stands_and_both_are_shown_in_either_order() {
    let early = update("o1", "a", json!({"phone": "911"})).at(1);
    let late = update("o2", "b", json!({"phone": "922"})).at(2);
    let shown = json!([{"field": "phone", "kept": "922", "lost": "911", "lostBy": "ana",
                        "lostAt": "2026-11-22T13:01:00.000Z"}]);
    for order in [[&early, &late], [&late, &early]] {
        let mut shop = shop();
        let first = if order[0].0.operation_id.as_str() == "o1" { admin() } else { seller() };
        let second = if order[1].0.operation_id.as_str() == "o1" { admin() } else { seller() };
        assert_eq!(shop.push(&first, order[0]).status, OperationStatus::Applied);
        let decision = shop.push(&second, order[1]);
        assert_eq!(decision.status, OperationStatus::Conflict);
        assert_eq!(json!(decision.conflict), shown);
        let record = decision.record.unwrap();
        assert_eq!((&record["phone"], &record["conflicts"]), (&json!("922"), &shown));
    }
}

#[test]
fn a_conflict_is_cleared_by_looking_at_it() {
    let disputed = || {
        let mut shop = shop();
        shop.done(&admin(), &update("o1", "a", json!({"phone": "911"})).at(1));
        shop.done(&seller(), &update("o2", "b", json!({"phone": "922"})).at(2));
        shop
    };
    let mut shop = disputed();
    let restore = update("o3", "a", json!({"phone": "911"})).at(3).base(3);
    let record = shop.done(&admin(), &restore);
    assert_eq!((record["phone"].as_str(), record.get("conflicts")), (Some("911"), None));

    let mut shop = disputed();
    let other = shop.done(&admin(), &update("o3", "a", json!({"notes": "x"})).at(3).base(3));
    assert!(other.contains_key("conflicts"), "another field's update clears nothing");
    let record =
        shop.done(&admin(), &update("o4", "a", json!({"dismiss": ["phone"]})).at(3).base(4));
    assert_eq!((record["phone"].as_str(), record.get("conflicts")), (Some("922"), None));
}

#[test]
fn the_same_device_is_no_rival_of_itself_but_no_device_is() {
    let mut shop1 = shop();
    shop1.done(&seller(), &update("o1", "a", json!({"phone": "911"})).at(2));
    let own = shop1.push(&seller(), &update("o2", "a", json!({"phone": "922"})).at(1));
    assert_eq!(own.status, OperationStatus::Applied);
    assert_eq!(own.record.unwrap()["phone"], "922");

    let mut shop2 = shop();
    let mut unnamed = update("o1", "a", json!({"phone": "911"})).at(2);
    unnamed.0.device_id = None;
    shop2.done(&seller(), &unnamed);
    let mut other = update("o2", "a", json!({"phone": "922"})).at(1);
    other.0.device_id = None;
    assert_eq!(shop2.push(&seller(), &other).status, OperationStatus::Conflict);
}

#[test]
fn without_a_usable_base_times_alone_decide() {
    for base in [None, Some(0), Some(99)] {
        let mut shop = shop();
        shop.done(&admin(), &update("o1", "a", json!({"phone": "911"})).at(5));
        let with_base = |op: Op| match base {
            Some(base) => op.base(base),
            None => Op(protocol::Operation { base_version: None, ..op.0 }),
        };
        let early = with_base(update("o2", "b", json!({"phone": "922"})).at(4));
        let decision = shop.push(&seller(), &early);
        assert_eq!(decision.status, OperationStatus::Conflict);
        assert_eq!(decision.record.unwrap()["phone"], "911");
        let late = with_base(update("o3", "b", json!({"phone": "933"})).at(6));
        let decision = shop.push(&seller(), &late);
        assert_eq!(decision.status, OperationStatus::Applied);
        assert_eq!(decision.record.unwrap()["phone"], "933");
    }
}

#[test]
fn a_slow_clock_loses_nothing_that_its_owner_had_seen() {
    let mut shop = shop();
    shop.done(&admin(), &update("o1", "a", json!({"phone": "911"})).at(5));
    let slow = update("o2", "b", json!({"phone": "922"})).at(-5000).base(2);
    let decision = shop.push(&seller(), &slow);
    assert_eq!(decision.status, OperationStatus::Applied);
    assert_eq!(decision.record.unwrap()["phone"], "922");
    assert_eq!(shop.stored("customers#c1").clocks["phone"].at, crate::fixture::minute(5));
}

#[test]
fn what_was_seen_stays_known_after_it_was_set_again() {
    // Both clocks are slow; both count from the record as it was seen, whichever comes first.
    let one = update("o1", "a", json!({"phone": "911"})).at(-9);
    let two = update("o2", "b", json!({"phone": "922"})).at(-3);
    let name = update("o0", "c", json!({"phone": "901"})).at(50);
    let outcome = |order: [&Op; 2]| {
        let mut shop = shop();
        shop.done(&admin(), &name);
        for op in order {
            shop.done(&admin(), &Op(op.0.clone()).base(2));
        }
        shop.stored("customers#c1").record["phone"].clone()
    };
    assert_eq!(outcome([&one, &two]), "922");
    assert_eq!(outcome([&two, &one]), "922");
}

#[test]
fn equal_values_are_no_conflict() {
    let mut shop = shop();
    shop.done(&admin(), &update("o1", "a", json!({"phone": "911"})).at(1));
    let same = shop.push(&seller(), &update("o2", "b", json!({"phone": "911"})).at(2));
    assert_eq!((same.status, same.conflict), (OperationStatus::Merged, vec![]));
}

#[test]
fn a_later_delete_wins_in_either_order() {
    let edit = update("o1", "a", json!({"phone": "911"})).at(1);
    let end = delete("o2", "b").at(2);

    let mut shop1 = shop();
    shop1.done(&admin(), &edit);
    assert_eq!(shop1.push(&admin(), &end).status, OperationStatus::Applied);

    let mut shop2 = shop();
    shop2.done(&admin(), &end);
    assert_eq!(shop2.fails(&admin(), &edit).1, ErrorCode::Deleted);

    for shop in [shop1, shop2] {
        assert_eq!(shop.stored("customers#c1").record["deletedAt"], "2026-11-22T13:02:00.000Z");
    }
}

#[test]
fn a_later_update_wins_against_a_delete_in_either_order() {
    let end = delete("o1", "a").at(1);
    let edit = update("o2", "b", json!({"phone": "911"})).at(2);
    let shown = json!([{"field": "deletedAt", "kept": null, "lost": "2026-11-22T13:01:00.000Z",
                        "lostBy": "ana", "lostAt": "2026-11-22T13:01:00.000Z"}]);
    for order in [[&end, &edit], [&edit, &end]] {
        let mut shop = shop();
        shop.done(&admin(), order[0]);
        let decision = shop.push(&admin(), order[1]);
        assert_eq!(decision.status, OperationStatus::Conflict);
        assert_eq!(json!(decision.conflict), shown);
        let record = decision.record.unwrap();
        assert_eq!((record.get("deletedAt"), &record["phone"]), (None, &json!("911")));
        assert_eq!(record["conflicts"], shown);
    }
}

#[test]
fn what_a_delete_has_outdone_is_refused_before_and_after_the_record_is_revived() {
    let early = update("o1", "a", json!({"address": "Puno"})).at(1);
    let end = delete("o2", "b").at(2);
    let late = update("o3", "c", json!({"phone": "911"})).at(3);
    for order in [[&end, &early, &late], [&end, &late, &early]] {
        let mut shop = shop();
        for op in order {
            if op.0.operation_id == early.0.operation_id {
                assert_eq!(shop.fails(&admin(), op).1, ErrorCode::Deleted);
            } else {
                shop.push(&admin(), op);
            }
        }
        let record = shop.stored("customers#c1").record;
        assert_eq!((record.get("deletedAt"), &record["phone"]), (None, &json!("911")));
        assert_eq!(record.get("address"), None, "as refused as it was before the revival");
        // Who has seen the delete, or comes after it, is refused nothing.
        let informed = update("o4", "a", json!({"address": "Puno"})).at(1).base(3);
        assert_eq!(shop.done(&admin(), &informed)["address"], "Puno");
        let after = update("o5", "d", json!({"notes": "x"})).at(4);
        assert_eq!(shop.push(&admin(), &after).record.unwrap()["notes"], "x");
        let look = update("o6", "e", json!({"dismiss": ["phone"]})).at(1);
        shop.done(&admin(), &look);
    }
}

#[test]
fn a_second_delete_changes_nothing_and_what_stays_deleted_is_not_written() {
    let mut shop = shop();
    shop.done(&admin(), &delete("o1", "a").at(5));
    let again = shop.push(&admin(), &delete("o2", "b").at(9));
    assert_eq!((again.status, again.version.unwrap().0), (OperationStatus::Applied, 2));
    assert_eq!(again.rows.len(), 1, "only its receipt");
    for payload in [json!({"phone": "1"}), json!({"dismiss": ["phone"]}), json!({})] {
        let late = update(&format!("u{payload}").replace(' ', ""), "b", payload).at(4);
        assert_eq!(shop.fails(&seller(), &late).1, ErrorCode::Deleted);
    }
    assert_eq!(shop.stored("customers#c1").record["phone"], "900", "a tombstone keeps its values");
}

#[test]
fn conflicts_are_bounded_and_the_oldest_go() {
    let mut shop = shop();
    for number in 0..30 {
        let op = update(
            &format!("o{number}"),
            &format!("d{number}"),
            json!({"phone": format!("9{number}")}),
        );
        shop.push(&seller(), &op.at(number));
    }
    let record = shop.stored("customers#c1").record;
    let conflicts = record["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), crate::CONFLICTS_MAX);
    assert_eq!((&conflicts[0]["lost"], &conflicts[19]["lost"]), (&json!("99"), &json!("928")));
    assert!(conflicts.iter().all(|entry| entry["kept"] == "929"));
}
