//! Alarms: each metric is driven over its threshold and read where CloudWatch reads it, in the
//! function's log; and the log names ids and no people.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_tests::{Fate, Stack, StackOptions, operation, until};
use serde_json::{Value, json};

/// The lines of metrics that a function has written.
fn lines(stack: &Stack, function: &str) -> Vec<Value> {
    let prefix = format!("[{function}] ");
    let log = stack.log();
    let own = log.lines().filter_map(|line| line.split_once(&prefix).map(|(_, text)| text));
    own.filter_map(|text| serde_json::from_str::<Value>(text).ok())
        .filter(|line| !line["_aws"].is_null())
        .collect()
}

/// Waits for a line in which `metric` is described, told of its function, and at least `threshold`.
fn rings(stack: &Stack, function: &str, metric: &str, threshold: u64) -> Value {
    until(&format!("{metric} of {function}"), || {
        lines(stack, function).into_iter().find(|line| {
            let described = &line["_aws"]["CloudWatchMetrics"][0];
            let names = described["Metrics"].as_array().unwrap();
            let is_described = names.iter().any(|known| known["Name"] == metric);
            assert_eq!(described["Namespace"], "Avileo");
            assert_eq!(line["Function"], format!("avileo-local-{function}"));
            assert_eq!(line["Stage"], "dev");
            is_described && line[metric].as_u64().is_some_and(|value| value >= threshold)
        })
    })
}

#[test]
fn each_metric_of_an_alarm_is_written_when_its_trouble_comes() {
    let (stack, proxy) = Stack::behind_proxy(&StackOptions::default());
    let admin = stack.business();
    let wrong =
        |at| operation("customers", "update", &format!("none-{at}"), json!({"saldoInicial": "x"}));
    let refused: Vec<Value> = (0..20).map(wrong).collect();
    admin.push(&refused);
    let line = rings(&stack, "SyncBatchFunction", "OperationsRefused", 20);
    assert_eq!(line["business"], admin.business());
    assert_eq!(line["operations"].as_array().unwrap().len(), 20);
    rings(&stack, "SyncBatchFunction", "Operations", 20);
    rings(&stack, "SyncBatchFunction", "Latency", 1);

    // A record that no function of ours can have written: it can never be published.
    let poison = json!({"business": {"S": admin.business()}, "record": {"S": "customers#poison"},
        "version": {"S": "one"}});
    stack.dynamodb("PutItem", json!({"TableName": "RecordsTable", "Item": poison}));
    rings(&stack, "RecordChangesFunction", "BusinessesMarked", 1);
    stack.invoke("RecordChangesFunction", &json!({"repair": {}})).unwrap();
    rings(&stack, "RecordChangesFunction", "BusinessesAwaitingRepair", 1);

    // A write that the stream brings late.
    let other = stack.business();
    other.push(&[operation("customers", "insert", "c1", json!({"name": "Rosa"}))]);
    rings(&stack, "RecordChangesFunction", "ChangesPublished", 1);
    let items = stack.items_of("RecordsTable", &other);
    let mut late = items.into_iter().find(|item| item["record"]["S"] == "customers#c1").unwrap();
    late["version"] = json!({"N": "2"});
    late["value"]["M"]["updatedAt"] = json!({"S": "2026-01-01T12:00:00.000Z"});
    stack.dynamodb("PutItem", json!({"TableName": "RecordsTable", "Item": late}));
    rings(&stack, "RecordChangesFunction", "PublishLag", 60_000);

    // A row of the feed is lost.
    let epoch =
        other.send("GET", "/sync/changes", None).data()["nextSince"].as_str().unwrap().to_owned();
    let epoch = epoch.split_once('.').unwrap().0.to_owned();
    let key =
        json!({"business": {"S": other.business()}, "change": {"S": format!("change#{:016}", 1)}});
    stack.dynamodb("DeleteItem", json!({"TableName": "ChangesTable", "Key": key}));
    let gap = other.changes(&format!("{epoch}.0"), 50);
    assert_eq!(gap.failure(), "500 feed_gap");
    let line = rings(&stack, "SyncChangesFunction", "FeedGaps", 1);
    assert_eq!((&line["code"], &line["Failures"]), (&json!("feed_gap"), &json!(1)));

    // The store is out of order.
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = Arc::clone(&broken);
    proxy.rule(move |_, _| if is_broken.load(Ordering::SeqCst) { Fate::Fail } else { Fate::Pass });
    for (path, function) in [
        ("/customers", "CrudFunction"),
        ("/team", "AuthFunction"),
        ("/sync/snapshot", "SyncChangesFunction"),
    ] {
        let answer = admin.send("GET", path, None);
        assert!(answer.status >= 500, "{path}: {}", answer.status);
        let line = rings(&stack, function, "Failures", 1);
        assert!(line["requestId"].is_string(), "{line}");
    }
    let pushed = admin.try_push(&[operation("customers", "insert", "c2", json!({"name": "Luis"}))]);
    assert!(pushed.is_none_or(|results| results[0]["status"] == "retry"));
    broken.store(false, Ordering::SeqCst);
    let log = stack.log();
    for personal in ["Rosa", "Luis", "Ana Torres", "@example.pe", "clave-segura", "Bearer", "eyJ"] {
        assert!(!log.contains(personal), "the log says {personal}");
    }
}

#[test]
fn who_calls_around_the_edge_is_refused() {
    let stack = Stack::shared();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../lambda/events/crud-health.json");
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let through = stack.invoke("CrudFunction", &event).unwrap();
    assert_eq!(through["statusCode"], 200, "{through}");
    for shown in [json!("guessed"), json!("local,local"), json!(""), Value::Null] {
        event["headers"]["x-avileo-origin"] = shown.clone();
        if shown.is_null() {
            event["headers"].as_object_mut().unwrap().remove("x-avileo-origin");
        }
        let around = stack.invoke("CrudFunction", &event).unwrap();
        assert_eq!(around["statusCode"], 403, "{shown}: {around}");
        assert!(around["body"].as_str().unwrap().contains("forbidden"), "{around}");
    }
}
