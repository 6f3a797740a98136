//! Batches: how many calls they cost, how they are cut, and that a bad operation harms no other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http_tests::{Fate, Phone, Stack, operation, sale};
use serde_json::{Value, json};

fn customers(count: usize, prefix: &str) -> Vec<Value> {
    let insert = |at| {
        operation("customers", "insert", &format!("{prefix}{at}"), json!({"name": "Rosa Quispe"}))
    };
    (0..count).map(insert).collect()
}

fn assert_all_applied(results: &[Value]) {
    for result in results {
        assert_eq!(result["status"], "applied", "{result}");
    }
}

/// The calls of `phone`'s pushes, by operation: the feed has a table of its own.
fn calls_of_push(phone: &Phone, push: impl FnOnce()) -> BTreeMap<String, usize> {
    let (stack, proxy) = Stack::shared_behind_proxy();
    let business = phone.business().to_owned();
    let changes = stack.table("ChangesTable").to_owned();
    let counts = proxy.count(move |_, body| body.contains(&business) && !body.contains(&changes));
    push();
    let counts = counts.lock().unwrap();
    counts.clone()
}

#[test]
fn forty_updates_of_forty_records_cost_two_calls() {
    let phone = Stack::shared_behind_proxy().0.business();
    assert_all_applied(&phone.push(&customers(40, "c")));
    let updates: Vec<Value> = (0..40)
        .map(|at| operation("customers", "update", &format!("c{at}"), json!({"notes": "x"})))
        .collect();
    let calls = calls_of_push(&phone, || assert_all_applied(&phone.push(&updates)));
    let expected = [("BatchGetItem".to_owned(), 1), ("TransactWriteItems".to_owned(), 1)];
    assert_eq!(calls, BTreeMap::from(expected));
}

#[test]
fn fifty_operations_on_one_record_are_one_write_in_order() {
    let (stack, _) = Stack::shared_behind_proxy();
    let phone = stack.business();
    let mut batch = customers(1, "c");
    for at in 1..50 {
        batch.push(operation("customers", "update", "c0", json!({"notes": format!("nota {at}")})));
    }
    let calls = calls_of_push(&phone, || {
        let results = phone.push(&batch);
        assert_all_applied(&results);
        for (at, result) in results.iter().enumerate() {
            assert_eq!(result["version"], at + 1);
        }
    });
    assert_eq!(calls["TransactWriteItems"], 1, "{calls:?}");
    stack.stream_is_worked_off();
    let feed = phone.feed();
    assert_eq!(feed.len(), 1, "several operations folded into one write are one change");
    assert_eq!(feed[0]["action"], "insert");
    assert_eq!(feed[0]["version"], 50);
    assert_eq!(feed[0]["operationId"], batch[49]["operationId"]);
    assert_eq!(feed[0]["record"]["notes"], "nota 49");
}

#[test]
fn a_batch_of_several_transactions_tears_no_record_apart() {
    let (stack, proxy) = Stack::shared_behind_proxy();
    let phone = stack.business();
    // Fifty records with guards for their DNI: 150 items, more than a transaction holds.
    let batch: Vec<Value> = (0..50)
        .map(|at| {
            let fields = json!({"name": "Rosa", "dni": format!("{:08}", 10_000_000 + at)});
            operation("customers", "insert", &format!("c{at}"), fields)
        })
        .collect();
    let business = phone.business().to_owned();
    let keys: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let seen = Arc::clone(&keys);
    let records = stack.table("RecordsTable").to_owned();
    proxy.rule(move |operation, body| {
        let text = String::from_utf8_lossy(body);
        if operation == "TransactWriteItems" && text.contains(&business) && text.contains(&records)
        {
            let request: Value = serde_json::from_slice(body).unwrap();
            let ids = request["TransactItems"].as_array().unwrap().iter().filter_map(|item| {
                let item = &item["Put"]["Item"];
                // A receipt names its record too.
                let key = item["operation"]["S"].as_str().or(item["record"]["S"].as_str())?;
                Some(key.to_owned())
            });
            seen.lock().unwrap().push(ids.collect());
        }
        Fate::Pass
    });
    assert_all_applied(&phone.push(&batch));
    let transactions = keys.lock().unwrap().clone();
    assert_eq!(transactions.len(), 2, "150 items in transactions of at most 100");
    for operation in &batch {
        let record = format!("customers#{}", operation["entityId"].as_str().unwrap());
        let receipt = operation["operationId"].as_str().unwrap();
        let holding = |key: &str| {
            transactions.iter().position(|keys| keys.iter().any(|written| written == key))
        };
        assert!(holding(&record).is_some());
        assert_eq!(holding(&record), holding(receipt), "{record} and its receipt");
    }
    stack.stream_is_worked_off();
    assert_eq!(phone.feed().len(), 50);
}

#[test]
fn one_bad_operation_stops_only_what_hangs_on_it() {
    let phone = Stack::shared().business().seller();
    let results = phone.push(&[
        operation("customers", "insert", "c1", json!({"name": "Rosa"})),
        operation("customers", "insert", "c2", json!({"name": "x", "dni": "123"})),
        operation("customers", "update", "c2", json!({"notes": "sigue a la mala"})),
        operation("sales", "insert", "s2", sale("c2")),
        operation(
            "abonos",
            "insert",
            "a1",
            json!({"clientId": "c1", "amount": "5.00",
            "paymentMethod": "efectivo"}),
        ),
        operation("sale_items", "delete", "i1", json!({"saleId": "s2"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation("sales", "insert", "s3", sale("de-nadie")),
    ]);
    let told: Vec<(&str, &str)> = results
        .iter()
        .map(|r| (r["status"].as_str().unwrap(), r["code"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        told,
        [
            ("applied", ""),
            ("rejected", "invalid_field"),
            ("blocked", "earlier_failed"),
            ("blocked", "earlier_failed"),
            ("applied", ""),
            ("blocked", "earlier_failed"),
            ("applied", ""),
            ("blocked", "missing_reference"),
        ]
    );
    for result in &results {
        let status = result["status"].as_str().unwrap();
        let success = status == "applied";
        assert_eq!(result["success"], success);
        assert_eq!(result.get("error").is_some(), !success, "{result}");
        let retryable = (!success).then_some(status == "blocked");
        assert_eq!(result.get("retryable").and_then(Value::as_bool), retryable, "{result}");
    }
    // What was blocked is not stored: corrected, the same operations go through.
    let blocked = phone.push(&[
        operation("customers", "insert", "c2", json!({"name": "Luis"})),
        operation("sales", "insert", "s2", sale("c2")),
    ]);
    assert_all_applied(&blocked);
}

#[test]
fn a_blocked_operation_goes_through_under_the_same_id_once_its_customer_is_there() {
    let phone = Stack::shared().business().seller();
    let waiting = operation("sales", "insert", "s1", sale("c1"));
    let result = phone.push_one(&waiting);
    assert_eq!(
        (&result["status"], &result["code"]),
        (&json!("blocked"), &json!("missing_reference"))
    );
    phone.push(&[operation("customers", "insert", "c1", json!({"name": "Rosa"}))]);
    assert_eq!(phone.push_one(&waiting)["status"], "applied");
}

#[test]
fn malformed_elements_fail_alone_and_the_summary_counts_them() {
    let phone = Stack::shared().business();
    let good = |id: &str| operation("customers", "insert", id, json!({"name": "Rosa"}));
    let without = |field: &str| {
        let mut operation = good("cx");
        operation.as_object_mut().unwrap().remove(field);
        operation
    };
    let with = |field: &str, value: Value| {
        let mut operation = good("cx");
        operation[field] = value;
        operation
    };
    let batch = [
        (good("c1"), ""),
        (json!("hola"), "malformed_operation"),
        (Value::Null, "malformed_operation"),
        (json!([1, 2]), "malformed_operation"),
        (without("operationId"), "invalid_id"),
        (with("operationId", json!(7)), "invalid_id"),
        (with("entity", json!("clientes")), "unknown_entity"),
        (with("action", json!("upsert")), "unknown_action"),
        (without("entityId"), "invalid_id"),
        (with("clientTimestamp", json!("ayer")), "invalid_timestamp"),
        (with("payload", json!([])), "malformed_operation"),
        (with("payload", json!({"name": 5})), "invalid_field"),
        (good("c2"), ""),
    ];
    let operations: Vec<Value> = batch.iter().map(|(operation, _)| operation.clone()).collect();
    let answer = phone.send("POST", "/sync/batch", Some(&json!({"operations": operations})));
    let results = answer.data()["results"].as_array().unwrap();
    for (at, (result, (operation, code))) in results.iter().zip(&batch).enumerate() {
        if code.is_empty() {
            assert_eq!(result["status"], "applied", "{result}");
            continue;
        }
        assert_eq!(result["status"], "rejected", "{result}");
        assert_eq!(result["code"], *code, "{operation}");
        match operation.get("operationId").and_then(Value::as_str) {
            Some(id) => assert_eq!(result["operationId"], id),
            None => assert_eq!(result["index"], at, "{result}"),
        }
    }
    assert_eq!(answer.data()["summary"], json!({"total": 13, "succeeded": 2, "failed": 11}));
    assert_eq!(phone.feed_of(2).len(), 2);
}
