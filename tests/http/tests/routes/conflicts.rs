//! Two phones change one record without knowing of each other.

use http_tests::{Phone, Stack, done_at, on_version, operation};
use serde_json::{Value, json};

/// A customer at version 1, two phones that have seen it.
fn two_phones() -> (Phone, Phone) {
    let admin = Stack::shared().business();
    let made = operation("customers", "insert", "c1", json!({"name": "Rosa", "phone": "111"}));
    admin.push(&[done_at("2026-01-01T10:00:00Z", made)]);
    (admin.other_device(), admin.other_device())
}

fn update(fields: Value) -> Value {
    on_version(1, operation("customers", "update", "c1", fields))
}

fn delete() -> Value {
    on_version(1, operation("customers", "delete", "c1", json!({})))
}

/// The record as the feed has it at last.
fn record(phone: &Phone) -> Value {
    Stack::shared().stream_is_worked_off();
    phone.feed().iter().rfind(|change| change["entityId"] == "c1").unwrap()["record"].clone()
}

#[test]
fn changes_of_different_fields_are_merged() {
    let (one, other) = two_phones();
    assert_eq!(one.push_one(&update(json!({"phone": "222"})))["status"], "applied");
    let result = other.push_one(&update(json!({"notes": "paga los lunes"})));
    assert_eq!(result["status"], "merged", "{result}");
    assert!(result.get("conflict").is_none());
    let record = record(&one);
    assert_eq!(record["phone"], "222");
    assert_eq!(record["notes"], "paga los lunes");
    assert_eq!(record["version"], 3);
    assert!(record.get("conflicts").is_none());
}

#[test]
fn of_two_changes_of_one_field_the_later_stands_and_the_other_is_told() {
    let morning = |phone: &str| done_at("2026-01-02T08:00:00Z", update(json!({"phone": phone})));
    let evening = |phone: &str| done_at("2026-01-02T20:00:00Z", update(json!({"phone": phone})));
    // Whichever arrives first, the evening's stands.
    for evening_first in [true, false] {
        let (one, other) = two_phones();
        let (first, second) = if evening_first {
            (evening("333"), morning("222"))
        } else {
            (morning("222"), evening("333"))
        };
        assert_eq!(one.push_one(&first)["status"], "applied");
        let result = other.push_one(&second);
        assert_eq!(result["status"], "conflict", "{result}");
        assert_eq!(result["success"], true);
        let expected = json!([{"field": "phone", "kept": "333", "lost": "222",
            "lostBy": one.user(), "lostAt": "2026-01-02T08:00:00.000Z"}]);
        assert_eq!(result["conflict"], expected);
        let record = record(&one);
        assert_eq!(record["phone"], "333");
        assert_eq!(record["conflicts"], expected);
    }
}

#[test]
fn a_conflict_is_shown_until_it_is_dismissed_or_the_field_is_set_again() {
    for clearing in [json!({"dismiss": ["phone"]}), json!({"phone": "222"})] {
        let (one, other) = two_phones();
        one.push_one(&done_at("2026-01-02T08:00:00Z", update(json!({"phone": "222"}))));
        let result =
            other.push_one(&done_at("2026-01-02T20:00:00Z", update(json!({"phone": "333"}))));
        assert_eq!(result["record"]["conflicts"].as_array().unwrap().len(), 1);
        let clear = on_version(3, operation("customers", "update", "c1", clearing.clone()));
        let result = one.push_one(&clear);
        assert_eq!(result["status"], "applied", "{result}");
        let record = record(&one);
        assert!(record.get("conflicts").is_none(), "{record}");
        let phone = if clearing.get("phone").is_some() { "222" } else { "333" };
        assert_eq!(record["phone"], phone);
    }
}

#[test]
fn a_device_s_own_changes_never_conflict() {
    let (one, _) = two_phones();
    one.push_one(&update(json!({"phone": "222"})));
    let result = one.push_one(&update(json!({"phone": "333"})));
    assert_eq!(result["status"], "applied", "{result}");
    assert_eq!(record(&one)["phone"], "333");
}

#[test]
fn a_delete_and_an_update_end_alike_in_either_order() {
    let at = |time: &str, operation: Value| done_at(time, operation);
    let (early, late) = ("2026-01-02T08:00:00Z", "2026-01-02T20:00:00Z");
    for delete_is_later in [true, false] {
        let mut outcomes = Vec::new();
        for delete_first in [true, false] {
            let (one, other) = two_phones();
            let deleting = at(if delete_is_later { late } else { early }, delete());
            let updating =
                at(if delete_is_later { early } else { late }, update(json!({"phone": "222"})));
            let (first, second) =
                if delete_first { (deleting, updating) } else { (updating, deleting) };
            assert_eq!(one.push_one(&first)["status"], "applied");
            let result = other.push_one(&second);
            match (delete_is_later, delete_first) {
                (true, true) => assert_eq!(result["code"], "deleted", "{result}"),
                (true, false) => assert_eq!(result["status"], "applied", "{result}"),
                (false, _) => {
                    assert_eq!(result["status"], "conflict", "{result}");
                    assert_eq!(result["conflict"][0]["field"], "deletedAt", "{result}");
                    assert_eq!(result["conflict"][0]["kept"], Value::Null);
                }
            }
            let record = record(&one);
            assert_eq!(record.is_null(), delete_is_later, "{record}");
            outcomes.push((record["phone"].clone(), record["conflicts"].clone()));
        }
        assert_eq!(outcomes[0].0, outcomes[1].0);
        let field = |outcome: &(Value, Value)| outcome.1[0]["field"].clone();
        assert_eq!(field(&outcomes[0]), field(&outcomes[1]));
    }
}

#[test]
fn of_sales_the_delete_always_wins() {
    for delete_first in [true, false] {
        let admin = Stack::shared().business();
        let (one, other) = (admin.other_device(), admin.other_device());
        admin.push(&[
            operation("customers", "insert", "c1", json!({"name": "Rosa"})),
            done_at(
                "2026-01-01T10:00:00Z",
                operation("sales", "insert", "s1", http_tests::sale("c1")),
            ),
        ]);
        let deleting = done_at(
            "2026-01-02T08:00:00Z",
            on_version(1, operation("sales", "delete", "s1", json!({}))),
        );
        let updating = done_at(
            "2026-01-02T20:00:00Z",
            on_version(1, operation("sales", "update", "s1", json!({"amountPaid": "30.00"}))),
        );
        let (first, second) =
            if delete_first { (deleting, updating) } else { (updating, deleting) };
        one.push_one(&first);
        let result = other.push_one(&second);
        let expected = if delete_first { "rejected" } else { "applied" };
        assert_eq!(result["status"], expected, "{result}");
        Stack::shared().stream_is_worked_off();
        let feed = admin.feed();
        let last = feed.iter().rfind(|change| change["entityId"] == "s1").unwrap();
        assert_eq!((&last["action"], &last["record"]), (&json!("delete"), &Value::Null));
    }
}

#[test]
fn a_second_delete_changes_nothing_and_succeeds() {
    let (one, other) = two_phones();
    assert_eq!(one.push_one(&delete())["version"], 2);
    let again = other.push_one(&delete());
    assert_eq!((&again["status"], &again["version"]), (&json!("applied"), &json!(2)));
    let insert = operation("customers", "insert", "c1", json!({"name": "Otra"}));
    assert_eq!(one.push_one(&insert)["code"], "already_exists");
}

#[test]
fn clocks_of_1970_and_2100_are_taken_and_harmless() {
    let (one, other) = two_phones();
    // A clock of 2100 counts as now: it beats what was done before, not what is done after.
    let future = one.push_one(&done_at("2100-01-01T00:00:00Z", update(json!({"phone": "2100"}))));
    assert_eq!(future["status"], "applied", "{future}");
    let past = other.push_one(&done_at("1970-01-01T00:00:00Z", update(json!({"phone": "1970"}))));
    assert_eq!(past["status"], "conflict", "{past}");
    assert_eq!(past["record"]["phone"], "2100");
    // Who has seen it sets it anew, whatever either clock says.
    let seen = on_version(3, operation("customers", "update", "c1", json!({"phone": "999"})));
    let after = other.push_one(&done_at("1970-01-01T00:00:00Z", seen));
    assert_eq!(after["status"], "applied", "{after}");
    assert_eq!(after["record"]["phone"], "999");
    // And who has not, but acts later by the server's clock, wins over the phone from 2100.
    let rival = other.other_device();
    let later = rival.push_one(&update(json!({"name": "Rosa Quispe", "notes": "ahora"})));
    assert_eq!(later["success"], true, "{later}");
    let record = record(&one);
    assert_eq!(record["name"], "Rosa Quispe");
    assert_eq!(record["phone"], "999");
    for field in ["createdAt", "updatedAt"] {
        assert!(record[field].as_str().unwrap() < "2099", "{record}");
    }
}

#[test]
fn a_record_made_by_a_clock_of_2100_can_still_be_changed_by_all() {
    let admin = Stack::shared().business();
    let made = operation("customers", "insert", "c1", json!({"name": "Rosa", "phone": "1"}));
    let made = admin.push_one(&done_at("2100-01-01T00:00:00Z", made));
    assert_eq!(made["status"], "applied", "{made}");
    let other = admin.other_device();
    // Even without a base version: times alone decide, and the one from 2100 is bounded.
    let result = other.push_one(&operation("customers", "update", "c1", json!({"phone": "2"})));
    assert_eq!(result["record"]["phone"], "2", "{result}");
}
