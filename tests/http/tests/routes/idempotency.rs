//! An operation takes effect once, however often and however it is sent.

use std::thread;

use http_tests::{Phone, Stack, operation, sale};
use serde_json::{Value, json};

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// Twelve operations, the fourth of which is refused for good.
fn batch() -> Vec<Value> {
    let mut batch = vec![
        operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation("customers", "update", "c1", json!({"phone": "987654321"})),
        operation(
            "abonos",
            "insert",
            "a1",
            json!({"clientId": "c1", "amount": "0.00",
            "paymentMethod": "yape"}),
        ),
    ];
    for at in 2..10 {
        let id = format!("c{at}");
        batch.push(operation("customers", "insert", &id, json!({"name": "Luis Rojas"})));
    }
    batch
}

fn records_in(feed: &[Value]) -> usize {
    let mut keys: Vec<_> = feed
        .iter()
        .map(|change| (change["entity"].to_string(), change["entityId"].to_string()))
        .collect();
    keys.sort();
    keys.dedup();
    keys.len()
}

#[test]
fn the_same_batch_three_times_takes_effect_once() {
    let stack = Stack::shared();
    let phone = stack.business().seller();
    let batch = batch();
    let first = phone.push(&batch);
    for result in &first {
        let expected = if result["entityId"] == "a1" { "rejected" } else { "applied" };
        assert_eq!(result["status"], expected, "{result}");
    }
    let versions = |results: &[Value]| -> Vec<Value> {
        results.iter().map(|result| result["version"].clone()).collect()
    };
    stack.stream_is_worked_off();
    let feed = phone.feed();
    assert_eq!(records_in(&feed), 10);
    for _ in 0..2 {
        let again = phone.push(&batch);
        for (result, before) in again.iter().zip(&first) {
            if result["entityId"] == "a1" {
                assert_eq!(result["status"], "rejected");
                assert_eq!(result["code"], before["code"]);
                assert_eq!(result["error"], before["error"]);
                assert_eq!(result["retryable"], false);
            } else {
                assert_eq!(result["status"], "duplicate", "{result}");
            }
        }
        // The customer's insert is told the version that the update has made since.
        assert_eq!(again[0]["version"], 2);
        assert_eq!(versions(&again)[1..], versions(&first)[1..]);
    }
    stack.stream_is_worked_off();
    assert_eq!(phone.feed(), feed);
}

#[test]
fn the_same_batch_from_eight_senders_at_once_takes_effect_once() {
    let stack = Stack::shared();
    let phone = stack.business().seller();
    let batch = batch();
    let answers: Vec<Vec<Value>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(|| phone.push(&batch))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    for (at, operation) in batch.iter().enumerate() {
        let statuses: Vec<&str> =
            answers.iter().map(|results| results[at]["status"].as_str().unwrap()).collect();
        let applied = statuses.iter().filter(|status| **status == "applied").count();
        let expected = usize::from(operation["entityId"] != "a1");
        assert_eq!(applied, expected, "{operation}: {statuses:?}");
        let others = if expected == 1 { "duplicate" } else { "rejected" };
        assert!(statuses.iter().all(|s| ["applied", "retry", others].contains(s)), "{statuses:?}");
    }
    stack.stream_is_worked_off();
    let feed = phone.feed();
    assert_eq!(records_in(&feed), 10);
    assert_eq!(feed.iter().rfind(|change| change["entityId"] == "c1").unwrap()["version"], 2);
}

#[test]
fn half_of_a_batch_inside_another_takes_effect_once() {
    let stack = Stack::shared();
    let phone = stack.business().seller();
    let batch = batch();
    phone.push(&batch);
    let mut mixed: Vec<Value> = batch.iter().step_by(2).cloned().collect();
    mixed.insert(3, operation("customers", "insert", "c20", json!({"name": "Nueva"})));
    mixed.push(operation("customers", "update", "c20", json!({"notes": "paga los lunes"})));
    let results = phone.push(&mixed);
    let expected: Vec<&str> = mixed
        .iter()
        .map(|operation| if operation["entityId"] == "c20" { "applied" } else { "duplicate" })
        .collect();
    assert_eq!(statuses(&results), expected);
    stack.stream_is_worked_off();
    assert_eq!(records_in(&phone.feed()), 11);
}

#[test]
fn the_same_operation_twice_in_a_batch_is_a_duplicate_the_second_time() {
    let phone = Stack::shared().business();
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa"}));
    let results = phone.push(&[insert.clone(), insert]);
    assert_eq!(statuses(&results), ["applied", "duplicate"]);
}

#[test]
fn only_entity_action_id_and_meaning_make_an_operation_the_same() {
    let phone = Stack::shared().business();
    let insert = operation(
        "abonos",
        "insert",
        "a1",
        json!({"clientId": "c1", "amount": "10.00",
        "paymentMethod": "yape"}),
    );
    phone.push(&[operation("customers", "insert", "c1", json!({"name": "Rosa"})), insert.clone()]);
    let mut same = insert.clone();
    same["payload"]["amount"] = json!(10);
    same["clientTimestamp"] = json!("2020-01-01T00:00:00Z");
    same["baseVersion"] = json!(7);
    same["deviceId"] = json!("otro-telefono");
    same["manualRetries"] = json!(3);
    assert_eq!(phone.push_one(&same)["status"], "duplicate");
    for (field, value) in [
        ("payload", json!({"clientId": "c1", "amount": "11.00", "paymentMethod": "yape"})),
        ("entityId", json!("a2")),
        ("action", json!("delete")),
        ("entity", json!("customers")),
    ] {
        let mut other = insert.clone();
        other[field] = value;
        let result = phone.push_one(&other);
        assert_eq!(result["status"], "rejected", "{result}");
        assert_eq!(result["code"], "operation_id_reused", "{result}");
    }
    let feed = phone.feed_of(2);
    assert_eq!(feed.len(), 2);
}

#[test]
fn a_rejection_is_decided_anew_only_when_the_seller_retries_by_hand() {
    let admin = Stack::shared().business();
    let seller = admin.seller();
    admin.push(&[operation("customers", "insert", "c1", json!({"name": "Rosa"}))]);
    // A variant's name is taken; its cause goes when the other variant is renamed.
    admin.send(
        "POST",
        "/products",
        Some(&json!({"id": "p1", "name": "Pollo", "type": "pollo",
        "unit": "kg"})),
    );
    let variant = |id: &str| {
        operation("product_variants", "insert", id, json!({"productId": "p1", "name": "Entero"}))
    };
    admin.push(&[variant("v1")]);
    let mut second = variant("v2");
    let refused = admin.push_one(&second);
    assert_eq!((&refused["status"], &refused["code"]), (&json!("rejected"), &json!("name_taken")));
    let renamed = json!({"name": "Entero con menudencia"});
    assert_eq!(
        admin.push_one(&operation("product_variants", "update", "v1", renamed))["status"],
        "applied"
    );
    // Without his wish it stays refused, though it would go through now.
    assert_eq!(admin.push_one(&second)["code"], "name_taken");
    second["manualRetries"] = json!(1);
    assert_eq!(admin.push_one(&second)["status"], "applied");
    assert_eq!(admin.push_one(&second)["status"], "duplicate");
    second["manualRetries"] = json!(2);
    assert_eq!(admin.push_one(&second)["status"], "duplicate");
    assert_eq!(seller.feed_of(5).len(), 5);
}

#[test]
fn eight_retries_by_hand_at_once_apply_a_rejected_operation_once() {
    let admin = Stack::shared().business();
    let mut insert = rejected_insert(&admin);
    insert["manualRetries"] = json!(1);
    let answers: Vec<Value> = thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(|| admin.push_one(&insert))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let applied = answers.iter().filter(|answer| answer["status"] == "applied").count();
    assert_eq!(applied, 1, "{answers:?}");
    let rest = ["applied", "duplicate", "retry"];
    assert!(answers.iter().all(|a| rest.contains(&a["status"].as_str().unwrap())), "{answers:?}");
}

/// A variant that was refused while its name was taken, which it no longer is.
fn rejected_insert(admin: &Phone) -> Value {
    let product = json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    admin.send("POST", "/products", Some(&product));
    let named = json!({"productId": "p1", "name": "Entero"});
    let insert = operation("product_variants", "insert", "v2", named.clone());
    let results = admin.push(&[
        operation("product_variants", "insert", "v1", named),
        insert.clone(),
        operation("product_variants", "delete", "v1", json!({})),
    ]);
    assert_eq!(statuses(&results), ["applied", "rejected", "applied"]);
    insert
}
