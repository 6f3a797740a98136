//! The feed: gapless while many write, the same for all, true at every cursor.

use std::collections::BTreeMap;
use std::thread::{self, ScopedJoinHandle};

use http_tests::{Phone, Stack, operation, recount, sale, until};
use serde_json::{Value, json};

fn insert(id: &str) -> Value {
    operation("customers", "insert", id, json!({"name": "Rosa Quispe"}))
}

/// Sends again, as a phone does, while others write the same record.
fn push_until_done(phone: &Phone, batch: &[Value]) {
    until("every operation to take effect", || {
        let results = phone.push(batch);
        let final_or_retried = |r: &Value| r["success"] == true || r["status"] == "retry";
        assert!(results.iter().all(final_or_retried), "{results:?}");
        results.iter().all(|result| result["success"] == true).then_some(())
    });
}

/// Inserts, updates and deletes until the feed has more than two hundred changes.
fn business_with_a_history() -> Phone {
    let admin = Stack::shared().business();
    for round in 0..5 {
        let ids: Vec<String> = (0..40).map(|at| format!("c{round}-{at}")).collect();
        admin.push(&ids.iter().map(|id| insert(id)).collect::<Vec<_>>());
    }
    let updates: Vec<Value> = (0..30)
        .map(|at| operation("customers", "update", &format!("c1-{at}"), json!({"notes": "x"})))
        .collect();
    admin.push(&updates);
    let deletes: Vec<Value> = (0..20)
        .map(|at| operation("customers", "delete", &format!("c2-{at}"), json!({})))
        .collect();
    admin.push(&deletes);
    Stack::shared().stream_is_worked_off();
    admin
}

#[test]
fn numbers_have_no_gap_while_eight_phones_push_at_once() {
    let stack = Stack::shared();
    let admin = stack.business();
    assert_eq!(admin.push_one(&insert("todos"))["status"], "applied");
    let write = |writer: usize| {
        let phone = admin.other_device();
        for round in 0..4 {
            let mut batch: Vec<Value> =
                (0..6).map(|at| insert(&format!("c{writer}-{round}-{at}"))).collect();
            let fields = json!({"notes": format!("de {writer}")});
            batch.push(operation("customers", "update", "todos", fields));
            push_until_done(&phone, &batch);
        }
    };
    let write = &write;
    thread::scope(|scope| {
        let writers: Vec<_> = (0..8).map(|writer| scope.spawn(move || write(writer))).collect();
        let mut seen = Vec::new();
        while !writers.iter().all(ScopedJoinHandle::is_finished) {
            // Checked inside: numbers, versions, digests.
            let feed = admin.feed();
            assert!(feed.starts_with(&seen), "what was read once stays as it was");
            seen = feed;
        }
    });
    stack.stream_is_worked_off();
    let inserted =
        |feed: &[Value]| feed.iter().filter(|change| change["action"] == "insert").count();
    // The edge may keep a tail for a second.
    let feed =
        until("every insert", || Some(admin.feed()).filter(|feed| inserted(feed) > 8 * 4 * 6));
    assert_eq!(inserted(&feed), 8 * 4 * 6 + 1);
    assert!(feed.iter().filter(|change| change["entityId"] == "todos").count() > 1);
}

#[test]
fn pages_of_any_size_add_up_and_each_digest_is_that_of_the_content() {
    let admin = business_with_a_history();
    let feed = admin.feed();
    assert_eq!(feed.len(), 250);
    let epoch = epoch(&admin);
    for limit in [1, 7, 10, 33, 99, 100] {
        let mut read: Vec<Value> = Vec::new();
        let mut since = format!("{epoch}.0");
        loop {
            let page = admin.changes(&since, limit).data().clone();
            let changes = page["changes"].as_array().unwrap();
            assert!(changes.len() as u64 <= limit);
            read.extend(changes.iter().cloned());
            assert_eq!(page["nextSince"], format!("{epoch}.{}", read.len()));
            assert_eq!(page["digest"], recount(&read), "limit {limit}, after {}", read.len());
            if page["hasMore"] == false {
                break;
            }
            since = page["nextSince"].as_str().unwrap().to_owned();
        }
        assert_eq!(read, feed, "limit {limit}");
    }
}

#[test]
fn an_empty_feed_answers_its_start() {
    let admin = Stack::shared().business();
    let page = admin.send("GET", "/sync/changes", None);
    let data = page.data();
    assert_eq!(data["changes"], json!([]));
    assert_eq!(data["hasMore"], false);
    assert_eq!(data["head"], 0);
    assert_eq!(data["digest"], "0".repeat(32));
    assert_eq!(data["nextSince"], format!("{}.0", epoch(&admin)));
}

#[test]
fn every_record_of_a_business_reaches_every_phone_of_it() {
    let admin = Stack::shared().business();
    let (rosa, luis) = (admin.seller(), admin.seller());
    rosa.push(&[insert("c1"), operation("sales", "insert", "s1", sale("c1"))]);
    let feed = admin.feed_of(2);
    assert_eq!(rosa.feed(), feed);
    assert_eq!(luis.feed(), feed);
}

#[test]
fn a_change_says_what_a_reader_sees() {
    let admin = Stack::shared().business();
    let operations = [
        insert("c1"),
        operation("customers", "update", "c1", json!({"notes": "x"})),
        operation("customers", "delete", "c1", json!({})),
    ];
    for operation in &operations {
        assert_eq!(admin.push_one(operation)["status"], "applied");
        Stack::shared().stream_is_worked_off();
    }
    // Made and deleted in one batch: deleted, though it was never there.
    admin.push(&[insert("c2"), operation("customers", "delete", "c2", json!({}))]);
    // Deleted and revived by a later update.
    let revive = operation("customers", "update", "c1", json!({"notes": "volvió"}));
    assert_eq!(admin.other_device().push_one(&revive)["success"], true);
    Stack::shared().stream_is_worked_off();
    let feed = admin.feed();
    let told: Vec<(&str, &str, u64)> = feed
        .iter()
        .map(|change| {
            let text = |field: &str| change[field].as_str().unwrap();
            (text("entityId"), text("action"), change["version"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("c1", "insert", 1),
            ("c1", "update", 2),
            ("c1", "delete", 3),
            ("c2", "delete", 2),
            ("c1", "insert", 4),
        ]
    );
    for (change, operation) in feed.iter().zip(&operations) {
        assert_eq!(change["operationId"], operation["operationId"]);
        assert_eq!(change["changedBy"], admin.user());
    }
    assert!(feed[2]["record"].is_null());
}

#[test]
fn a_snapshot_holds_what_the_feed_has_led_to() {
    let admin = business_with_a_history();
    let mut expected: BTreeMap<String, Value> = BTreeMap::new();
    for change in admin.feed() {
        let record = json!({"entity": change["entity"], "entityId": change["entityId"],
            "version": change["version"], "number": change["number"], "record": change["record"]});
        expected.insert(change["entityId"].to_string(), record);
    }
    let first = admin.send("GET", "/sync/snapshot", None);
    assert_eq!(first.headers["cache-control"], "no-store");
    let as_of = first.data()["asOf"].as_str().unwrap().to_owned();
    assert_eq!(as_of, format!("{}.250", epoch(&admin)));
    let mut found = BTreeMap::new();
    let mut page = first.data().clone();
    let mut parts = 1;
    loop {
        for record in page["records"].as_array().unwrap() {
            let doubled = found.insert(record["entityId"].to_string(), record.clone());
            assert!(doubled.is_none(), "{record} twice");
        }
        let Some(part) = page["nextPart"].as_str() else { break };
        let path = format!("/sync/snapshot?asOf={as_of}&part={part}");
        page = admin.send("GET", &path, None).data().clone();
        // Resumable: asked again, a part says the same.
        assert_eq!(*admin.send("GET", &path, None).data(), page);
        parts += 1;
    }
    assert_eq!(found, expected);
    assert!(found.values().any(|record| record["record"].is_null()), "a deleted record as null");
    assert!(parts > 1);
    let part = first.data()["nextPart"].as_str().unwrap();
    for (query, failure) in [
        (format!("asOf=1.0&part={part}"), "410 cursor_expired"),
        (format!("asOf=hola&part={part}"), "400 invalid_cursor"),
        (format!("asOf={as_of}&part=hola"), "400 invalid_request"),
        (format!("asOf={as_of}"), "400 invalid_request"),
        (format!("part={part}"), "400 invalid_request"),
    ] {
        let answer = admin.send("GET", &format!("/sync/snapshot?{query}"), None);
        assert_eq!(answer.failure(), failure, "{query}");
    }
}

/// The epoch of a business's feed.
pub(crate) fn epoch(phone: &Phone) -> String {
    let page = phone.send("GET", "/sync/changes?limit=1", None);
    let next = page.data()["nextSince"].as_str().unwrap();
    next.split_once('.').unwrap().0.to_owned()
}
