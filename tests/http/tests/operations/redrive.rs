//! The failure queue, from its filling to its emptiness: what the stream could not bring is in the
//! feed afterwards, and other businesses have noticed nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http_tests::{Fate, Phone, Stack, StackOptions, kill_children, operation, until};
use serde_json::{Value, json};

const FUNCTION: &str = "RecordChangesFunction";

fn customers(count: usize) -> Vec<Value> {
    let insert =
        |at| operation("customers", "insert", &format!("c{at}"), json!({"name": "Rosa Quispe"}));
    (0..count).map(insert).collect()
}

/// Whether a call appends to the feed of `business`.
fn appends(stack: &Stack, business: &Phone) -> impl Fn(&str, &[u8]) -> bool + use<> {
    let (business, changes) =
        (business.business().to_owned(), stack.table("ChangesTable").to_owned());
    move |operation, body| {
        let text = String::from_utf8_lossy(body);
        operation == "TransactWriteItems" && text.contains(&business) && text.contains(&changes)
    }
}

/// What the alarm of the template watches, read as the alarm reads it.
fn alarm_rings(messages: usize) -> bool {
    let template =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"));
    let template: serde_yaml_ng::Value = serde_yaml_ng::from_str(&template.unwrap()).unwrap();
    let alarm = &template["Resources"]["FailureQueueAlarm"]["Properties"];
    assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesVisible");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
    let queue = serde_yaml_ng::to_string(&alarm["Dimensions"]).unwrap();
    assert!(queue.contains("RecordChangesFailures.QueueName"), "{queue}");
    messages as u64 > alarm["Threshold"].as_u64().unwrap()
}

#[test]
fn what_the_stream_gave_up_is_repaired_and_the_queue_is_empty_again() {
    let options = StackOptions { stream_retries_max: Some(0), ..StackOptions::default() };
    let (stack, proxy) = Stack::behind_proxy(&options);
    let hit = stack.business();
    let others: Vec<Phone> = (0..OTHERS).map(|_| stack.business()).collect();
    let throttled = Arc::new(AtomicBool::new(true));
    let (is_throttled, appends) = (Arc::clone(&throttled), appends(&stack, &hit));
    proxy.rule(move |operation, body| {
        let is_hit = is_throttled.load(Ordering::SeqCst) && appends(operation, body);
        if is_hit { Fate::Throttle } else { Fate::Pass }
    });

    // While one business cannot be published, those of other lanes are; those of its lane wait until
    // it is given up, and no longer.
    hit.push(&customers(6));
    for other in &others {
        other.push(&customers(6));
    }
    until("a business of another lane", || others.iter().find(|other| other.feed().len() == 6));
    assert!(stack.failures().is_empty(), "the one that is hit has not been given up before");
    let messages = until("the failure queue", || {
        Some(stack.failures()).filter(|messages| !messages.is_empty())
    });
    for other in &others {
        assert_eq!(other.feed_of(6).len(), 6);
    }
    stack.stream_is_worked_off();
    assert!(hit.feed().is_empty());
    assert!(alarm_rings(messages.len()) && !alarm_rings(0));
    for message in &messages {
        assert_eq!(message["message"]["requestContext"]["condition"], "RetryAttemptsExhausted");
        assert!(message["message"]["DDBStreamBatchInfo"]["batchSize"].as_u64() >= Some(1));
    }
    let given_up = json!(messages).to_string();
    assert!((0..6).all(|at| given_up.contains(&format!("customers#c{at}"))), "{given_up}");

    // Too early: what fails again stays where it is.
    let report = stack.redrive();
    assert!(report["failed"].as_u64() >= Some(1), "{report}");
    assert_eq!(stack.failures().len() as u64, report["failed"].as_u64().unwrap());
    assert!(hit.feed().is_empty());

    // The store is well again. New writes flow; what was given up is still missing.
    throttled.store(false, Ordering::SeqCst);
    hit.push(&[operation("customers", "update", "c0", json!({"notes": "Paga los lunes"}))]);
    assert_eq!(hit.feed_of(1)[0]["version"], 2);
    stack.stream_is_worked_off();
    assert_eq!(hit.feed().len(), 1);

    // OPERATIONS.md, "Redrive": repair finds it by comparing tables, then the queue is emptied.
    let report = stack.invoke(FUNCTION, &json!({"repair": {"every": true}})).unwrap();
    let repaired = report["repaired"].as_array().unwrap();
    let of_hit = repaired.iter().find(|one| one["business"] == hit.business()).unwrap();
    assert_eq!(of_hit["published"], 5, "{report}");
    let feeds = || [&hit, &others[0]].map(Phone::feed);
    let before = feeds();
    assert_eq!(before[0].len(), 6);
    let report = stack.redrive();
    assert_eq!(report["failed"], 0, "{report}");
    assert!(!alarm_rings(stack.failures().len()));
    // The messages brought once more what is there already.
    assert_eq!(feeds(), before);
}

#[test]
fn a_killed_function_and_a_poison_record_leave_every_feed_whole_and_the_queue_empty() {
    let (stack, proxy) = Stack::behind_proxy(&StackOptions::default());
    let (hit, other, third) = (stack.business(), stack.business(), stack.business());
    let kills = Arc::new(AtomicUsize::new(0));
    let (killed, appends, pid) = (Arc::clone(&kills), appends(&stack, &hit), stack.pid());
    proxy.rule(move |operation, body| {
        if !appends(operation, body) || killed.load(Ordering::SeqCst) >= KILLS {
            return Fate::Pass;
        }
        kill_children(pid, "record-changes");
        // Nobody waits for the answer; the call may arrive all the same.
        let arrives = killed.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        if arrives { Fate::LoseReply } else { Fate::Fail }
    });
    let key = json!({"business": {"S": hit.business()}, "record": {"S": "customers#malo"}});
    let mut poison = key.clone();
    poison["version"] = json!({"S": "uno"});
    stack.dynamodb("PutItem", json!({"TableName": "RecordsTable", "Item": poison}));
    for phone in [&hit, &other, &third] {
        phone.push(&customers(10));
    }
    for phone in [&other, &third, &hit] {
        assert_eq!(phone.feed_of(10).len(), 10);
    }
    stack.stream_is_worked_off();
    assert_eq!(kills.load(Ordering::SeqCst), KILLS);
    // A batch whose function dies is tried again; a record that is wrong for good is no reason to.
    assert_eq!(stack.failures(), Vec::<Value>::new());
    let marked = || {
        let items = stack.items_of("ChangesTable", &hit);
        items.iter().any(|item| item["change"]["S"] == "repair")
    };
    assert!(marked(), "the business waits for repair");
    stack.dynamodb("DeleteItem", json!({"TableName": "RecordsTable", "Key": key}));
    until("the repair", || {
        stack.invoke(FUNCTION, &json!({"repair": {}})).unwrap();
        (!marked()).then_some(())
    });
    assert_eq!(hit.feed().len(), 10);
}

/// So many that they are hardly ever all of the lane of one business.
const OTHERS: usize = 8;

const KILLS: usize = 5;
