//! The stream's records on their way to a function.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Place, Stack, TEMPLATE, until};

fn drained(stack: &Stack) {
    until("the stream is consumed", || stack.waiting() == 0);
}

/// All values that were consumed, in order and once.
fn values(place: &Place) -> Vec<u64> {
    let values: BTreeSet<u64> = place.consumed().into_iter().map(|(_, value)| value).collect();
    values.into_iter().collect()
}

/// The values of each item, in the order of their first appearance.
fn by_item(consumed: Vec<(String, u64)>) -> BTreeMap<String, Vec<u64>> {
    let mut items: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (item, value) in consumed {
        let values = items.entry(item).or_default();
        if !values.contains(&value) {
            values.push(value);
        }
    }
    items
}

#[test]
fn records_arrive_once_in_order_and_filtered() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    for value in 0..25 {
        stack.put(&format!("sales#{}", value % 3), value, "");
        stack.put(&format!("unique#{value}"), value, "");
    }
    drained(&stack);
    let consumed = place.consumed();
    let values: Vec<u64> = consumed.iter().map(|(_, value)| *value).collect();
    assert_eq!(values, (0..25).collect::<Vec<u64>>());
    assert!(consumed.iter().all(|(item, _)| item.starts_with("sales#")));
}

#[test]
fn what_keeps_failing_is_set_aside_and_the_rest_flows() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    for (value, fail) in (0..).zip(["", "error", "", "crash", "", "item"]) {
        stack.put(&format!("sales#{value}"), value, fail);
        // A reported item takes what follows it in its batch along: here it is the last.
    }
    drained(&stack);
    assert_eq!(values(&place), [0, 2, 4]);
    let failures = stack.control("GET", "/failures");
    let failures = failures["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 3, "{failures:?}");
    for failure in failures {
        let message = &failure["message"];
        assert_eq!(message["requestContext"]["condition"], "RetryAttemptsExhausted");
        assert_eq!(message["requestContext"]["approximateInvokeCount"], 3);
        assert_eq!(message["DDBStreamBatchInfo"]["batchSize"], 1);
    }
    place.heal();
    let redriven = stack.control("POST", "/failures/redrive");
    assert_eq!((&redriven["redriven"], &redriven["failed"]), (&3.into(), &0.into()));
    assert_eq!(values(&place), (0..6).collect::<Vec<u64>>());
    assert_eq!(stack.control("GET", "/failures")["failures"].as_array().unwrap().len(), 0);
}

#[test]
fn a_reported_record_is_tried_again_and_what_was_before_it_is_not() {
    let place = Place::new();
    place.write_template(&TEMPLATE.replace("Attempts: 2", "Attempts: -1"));
    let stack = place.start(&["--memory"]);
    for (value, fail) in (0..).zip(["", "", "item", ""]) {
        stack.put("sales#1", value, fail);
    }
    until("the first two are consumed", || place.consumed().len() == 2);
    assert!(stack.waiting() > 0);
    place.heal();
    drained(&stack);
    let consumed: Vec<u64> = place.consumed().into_iter().map(|(_, value)| value).collect();
    assert_eq!(consumed, [0, 1, 2, 3]);
}

#[test]
fn what_is_too_old_is_set_aside_untried() {
    let place = Place::new();
    place.write_template(&TEMPLATE.replace(
        "MaximumRetryAttempts: 2",
        "MaximumRetryAttempts: -1\n            MaximumRecordAgeInSeconds: 1",
    ));
    let stack = place.start(&["--memory"]);
    stack.put("sales#1", 1, "item");
    drained(&stack);
    let failures = stack.control("GET", "/failures");
    let condition = &failures["failures"][0]["message"]["requestContext"]["condition"];
    assert_eq!(condition, "RecordAgeExceeded");
}

#[test]
fn chaos_keeps_each_item_s_order_and_loses_nothing() {
    let place = Place::new();
    let stack = place.start(&["--memory", "--stream-chaos", "7"]);
    for value in 0..60 {
        stack.put(&format!("sales#{}", value % 6), value, "");
    }
    drained(&stack);
    let consumed = place.consumed();
    let values: Vec<u64> = consumed.iter().map(|(_, value)| *value).collect();
    assert!(values.windows(2).any(|pair| pair[0] > pair[1]), "nothing was reordered");
    for (item, values) in by_item(consumed) {
        assert!(values.is_sorted() && values.len() == 10, "{item}: {values:?}");
    }
}

#[test]
fn a_killed_stack_goes_on_where_it_was() {
    let place = Place::new();
    let stack = place.start(&[]);
    for value in 0..40 {
        stack.put(&format!("sales#{}", value % 4), value, "");
    }
    // In the middle of whatever it does.
    stack.kill();
    let stack = place.start(&[]);
    stack.put("sales#0", 40, "");
    drained(&stack);
    let items = by_item(place.consumed());
    assert_eq!(items.values().map(Vec::len).sum::<usize>(), 41);
    assert!(items.values().all(|values| values.is_sorted()), "{items:?}");
}

#[test]
fn a_function_is_invoked_by_hand() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let path = "/2015-03-31/functions/EchoFunction/invocations";
    let url = stack.url("control");
    let answer = crate::harness::request(&url, "POST", path, &[], b"{\"Records\":[]}");
    assert_eq!(answer.json(), serde_json::json!({"batchItemFailures": []}));
    let none =
        crate::harness::request(&url, "POST", "/2015-03-31/functions/No/invocations", &[], b"{}");
    assert_eq!(none.status, 404);
}
