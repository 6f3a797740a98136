//! Alarms: each metric is driven over its threshold and read where CloudWatch reads it, in the
//! function's log; and the log names ids and no people.
//!
//! Which metrics, and how far, is read from the template: an alarm whose trouble nobody makes here
//! fails the test.

use std::collections::BTreeSet;
use std::slice::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_tests::{Fate, Phone, Stack, StackOptions, kill_children, operation, until};
use serde_json::{Value, json};

use crate::alarms::{Alarm, GUIDE, alarms, metrics_of_the_template};

/// The lines of metrics that a function has written.
fn lines(stack: &Stack, function: &str) -> Vec<Value> {
    let prefix = format!("[{function}] ");
    let log = stack.log();
    let own = log.lines().filter_map(|line| line.split_once(&prefix).map(|(_, text)| text));
    own.filter_map(|text| serde_json::from_str::<Value>(text).ok())
        .filter(|line| !line["_aws"].is_null())
        .collect()
}

/// The metrics that a line describes, by name.
fn described(line: &Value, function: &str) -> BTreeSet<String> {
    let described = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(described["Namespace"], "Avileo");
    assert_eq!(line["Function"], format!("avileo-local-{function}"));
    assert_eq!(line["Stage"], "dev");
    let metrics = described["Metrics"].as_array().unwrap();
    metrics.iter().map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
}

/// Waits for a line in which `metric` is described and at least `threshold`.
fn rings(stack: &Stack, function: &str, metric: &str, threshold: u64) -> Value {
    until(&format!("{metric} of {function}"), || {
        lines(stack, function).into_iter().find(|line| {
            described(line, function).contains(metric)
                && line[metric].as_u64().is_some_and(|value| value >= threshold)
        })
    })
}

/// What CloudWatch would hold against the alarm's threshold by now: a sum over all lines, or of the
/// other statistics the worst line.
fn value(stack: &Stack, alarm: &Alarm) -> f64 {
    let mut values = Vec::new();
    for (function, metric) in &alarm.metrics {
        for line in lines(stack, function) {
            if described(&line, function).contains(metric) {
                values.push(line[metric].as_f64().unwrap());
            }
        }
    }
    if alarm.is_sum { values.iter().sum() } else { values.into_iter().fold(0.0, f64::max) }
}

#[test]
fn every_alarm_of_ours_rings_when_its_trouble_comes() {
    let (stack, proxy) = Stack::behind_proxy(&StackOptions::default());
    let fate = Arc::new(AtomicUsize::new(PASSES));
    let now = Arc::clone(&fate);
    proxy.rule(move |_, _| match now.load(Ordering::SeqCst) {
        FAILS => Fate::Fail,
        HANGS => Fate::Hang(PAUSE),
        _ => Fate::Pass,
    });
    let admin = stack.business();
    operations_are_refused(&stack, &admin);
    a_record_cannot_be_published(&stack, &admin);
    let other = stack.business();
    a_write_comes_late(&stack, &other);
    a_row_of_the_feed_is_lost(&stack, &other);
    fate.store(HANGS, Ordering::SeqCst);
    the_store_is_slow(&other);
    fate.store(FAILS, Ordering::SeqCst);
    the_store_is_out_of_order(&stack, &admin);
    fate.store(PASSES, Ordering::SeqCst);
    the_keys_are_gone(&stack, &admin);

    for alarm in alarms() {
        until(&alarm.id, || {
            let value = value(&stack, &alarm);
            let rings = value > alarm.threshold || alarm.at_threshold && value >= alarm.threshold;
            rings.then_some(())
        });
    }
    let functions = ["SyncBatch", "SyncChanges", "RecordChanges", "Auth", "Crud"];
    let functions = functions.map(|name| format!("{name}Function"));
    let told = functions.iter().flat_map(|function| {
        lines(&stack, function).into_iter().flat_map(move |line| described(&line, function))
    });
    let (told, shown) = (told.collect::<BTreeSet<_>>(), metrics_of_the_template());
    assert_eq!(shown.difference(&told).count(), 0, "{shown:?} and {told:?}");
    for unseen in told.difference(&shown) {
        assert!(GUIDE.contains(&format!("`{unseen}`")), "nobody hears of {unseen}");
    }

    let log = stack.log();
    for personal in ["Rosa", "Luis", "Ana Torres", "@example.pe", "clave-segura", "Bearer", "eyJ"] {
        assert!(!log.contains(personal), "the log says {personal}");
    }
}

const PASSES: usize = 0;
const FAILS: usize = 1;
const HANGS: usize = 2;

/// Short of what a call of ours waits; two calls are past every threshold but that of `crud`.
const PAUSE: Duration = Duration::from_millis(2_600);

fn operations_are_refused(stack: &Stack, admin: &Phone) {
    let wrong =
        |at| operation("customers", "update", &format!("none-{at}"), json!({"saldoInicial": "x"}));
    let refused: Vec<Value> = (0..21).map(wrong).collect();
    admin.push(&refused);
    let line = rings(stack, "SyncBatchFunction", "OperationsRefused", 21);
    assert_eq!(line["business"], admin.business());
    assert_eq!(line["operations"].as_array().unwrap().len(), 21);
    rings(stack, "SyncBatchFunction", "Operations", 21);
}

/// No function of ours can have written it.
fn a_record_cannot_be_published(stack: &Stack, admin: &Phone) {
    let poison = json!({"business": {"S": admin.business()}, "record": {"S": "customers#poison"},
        "version": {"S": "one"}});
    stack.dynamodb("PutItem", json!({"TableName": "RecordsTable", "Item": poison}));
    rings(stack, "RecordChangesFunction", "BusinessesMarked", 1);
    stack.invoke("RecordChangesFunction", &json!({"repair": {}})).unwrap();
    rings(stack, "RecordChangesFunction", "BusinessesAwaitingRepair", 1);
}

fn a_write_comes_late(stack: &Stack, other: &Phone) {
    other.push(&[operation("customers", "insert", "c1", json!({"name": "Rosa"}))]);
    rings(stack, "RecordChangesFunction", "ChangesPublished", 1);
    let items = stack.items_of("RecordsTable", other);
    let mut late = items.into_iter().find(|item| item["record"]["S"] == "customers#c1").unwrap();
    late["version"] = json!({"N": "2"});
    late["value"]["M"]["updatedAt"] = json!({"S": "2026-01-01T12:00:00.000Z"});
    stack.dynamodb("PutItem", json!({"TableName": "RecordsTable", "Item": late}));
    rings(stack, "RecordChangesFunction", "PublishLag", 60_000);
}

fn a_row_of_the_feed_is_lost(stack: &Stack, other: &Phone) {
    let epoch =
        other.send("GET", "/sync/changes", None).data()["nextSince"].as_str().unwrap().to_owned();
    let epoch = epoch.split_once('.').unwrap().0.to_owned();
    let key =
        json!({"business": {"S": other.business()}, "change": {"S": format!("change#{:016}", 1)}});
    stack.dynamodb("DeleteItem", json!({"TableName": "ChangesTable", "Key": key}));
    let gap = other.changes(&format!("{epoch}.0"), 50);
    assert_eq!(gap.failure(), "500 feed_gap");
    let line = rings(stack, "SyncChangesFunction", "FeedGaps", 1);
    assert_eq!((&line["code"], &line["Failures"]), (&json!("feed_gap"), &json!(1)));
}

fn the_store_is_slow(phone: &Phone) {
    let login = json!({"email": phone.session["user"]["email"], "password": "clave-segura"});
    let insert = operation("customers", "insert", "slow", json!({"name": "Luis"}));
    let batch = json!({"operations": [insert]});
    std::thread::scope(|scope| {
        for (method, path, body) in [
            ("GET", "/reports/accounts-receivable", None),
            ("GET", "/sync/snapshot", None),
            ("POST", "/auth/login", Some(&login)),
            ("POST", "/sync/batch", Some(&batch)),
        ] {
            scope.spawn(move || {
                let answer = phone.send(method, path, body);
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            });
        }
    });
}

fn the_store_is_out_of_order(stack: &Stack, admin: &Phone) {
    let routes = [
        ("/customers", "CrudFunction"),
        ("/team", "AuthFunction"),
        ("/sync/snapshot", "SyncChangesFunction"),
    ];
    // At once: each is tried again for some seconds before it is given up.
    std::thread::scope(|scope| {
        for (path, _) in routes.repeat(5) {
            scope.spawn(move || {
                let answer = admin.send("GET", path, None);
                assert!(answer.status >= 500, "{path}: {}", answer.status);
            });
        }
    });
    for (_, function) in routes {
        let line = rings(stack, function, "Failures", 1);
        assert!(line["requestId"].is_string(), "{line}");
    }
    let pushed = admin.try_push(&[operation("customers", "insert", "c2", json!({"name": "Luis"}))]);
    assert!(pushed.is_none_or(|results| results[0]["status"] == "retry"));
}

/// A push that the store does not take is answered operation by operation; without keys there is
/// no such answer.
fn the_keys_are_gone(stack: &Stack, admin: &Phone) {
    let secret = stack.signing_keys();
    stack.put_signing_keys("none");
    kill_children(stack.pid(), "sync-batch");
    let insert = operation("customers", "insert", "c3", json!({"name": "Luis"}));
    for _ in 0..5 {
        let body = json!({"operations": [insert]});
        let answer = admin.send("POST", "/sync/batch", Some(&body));
        assert!(answer.status >= 500, "{}", answer.status);
    }
    stack.put_signing_keys(&secret);
    kill_children(stack.pid(), "sync-batch");
    // The killed process may still have been given a call, which is answered 500.
    let results = until("a push with the keys back", || admin.try_push(from_ref(&insert)));
    assert_eq!(results[0]["status"], "applied");
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
