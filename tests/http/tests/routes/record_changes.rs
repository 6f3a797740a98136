//! `record-changes` called in every way that it may be called: the feed stays gapless, without
//! doubles, and in the order of each record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use http_tests::{Fate, Phone, Stack, StackOptions, StoreProxy, kill_children, operation, until};
use serde_json::{Value, json};

const FUNCTION: &str = "RecordChangesFunction";

/// A stack whose stream does not move: it is stuck on another business, whose calls are throttled.
/// So what tests hand to the function is all that it gets.
struct HeldStream {
    stack: Stack,
    proxy: StoreProxy,
    held: Arc<AtomicBool>,
}

impl HeldStream {
    fn start() -> Self {
        let one_lane = StackOptions { stream_lanes: Some(1), ..StackOptions::default() };
        let (stack, proxy) = Stack::behind_proxy(&one_lane);
        let other = stack.business();
        let held = Arc::new(AtomicBool::new(true));
        let reached = Arc::new(AtomicBool::new(false));
        let changes = stack.table("ChangesTable").to_owned();
        let business = other.business().to_owned();
        let (holds, sticks) = (Arc::clone(&held), Arc::clone(&reached));
        proxy.rule(move |_, body| {
            let text = String::from_utf8_lossy(body);
            let hit = text.contains(&business) && text.contains(&changes);
            if hit && holds.load(Ordering::SeqCst) {
                sticks.store(true, Ordering::SeqCst);
                return Fate::Throttle;
            }
            Fate::Pass
        });
        other.push(&customers(1));
        until("the stream to be stuck", || reached.load(Ordering::SeqCst).then_some(()));
        Self { stack, proxy, held }
    }

    /// Lets the stream go on: it brings once more all that has happened.
    fn release(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.stack.stream_is_worked_off();
    }

    fn invoke(&self, records: &[Value]) -> Result<Value, Value> {
        self.stack.invoke(FUNCTION, &json!({"Records": records}))
    }

    /// Brings the records until the function has nothing left of them, as the stream does.
    fn deliver(&self, records: &[Value]) {
        until("the batch to be done", || {
            self.invoke(records).ok().filter(|answer| answer["batchItemFailures"] == json!([]))
        });
    }
}

fn customers(count: usize) -> Vec<Value> {
    let insert =
        |at| operation("customers", "insert", &format!("c{at}"), json!({"name": "Rosa Quispe"}));
    (0..count).map(insert).collect()
}

fn updates(count: usize) -> Vec<Value> {
    let update = |at| operation("customers", "update", &format!("c{at}"), json!({"notes": "x"}));
    (0..count).map(update).collect()
}

/// Sixty records of a new business, and the stream records of their first and second versions, in
/// an order that keeps each record's own.
fn sixty_records_changed_twice(stack: &Stack) -> (Phone, Vec<Value>) {
    let phone = stack.business();
    for batch in customers(60).chunks(50) {
        phone.push(batch);
    }
    let mut records = stack.stream_records(&phone);
    for batch in updates(60).chunks(50) {
        phone.push(batch);
    }
    records.extend(stack.stream_records(&phone));
    for (at, record) in records.iter_mut().enumerate() {
        record["dynamodb"]["SequenceNumber"] = (at + 1).to_string().into();
    }
    (phone, records)
}

#[test]
fn batches_that_come_twice_overlap_or_race_are_published_once() {
    let held = HeldStream::start();
    let (phone, records) = sixty_records_changed_twice(&held.stack);
    assert!(phone.feed().is_empty(), "the stream is held");
    held.deliver(&records[..30]);
    held.deliver(&records[..30]);
    assert_eq!(phone.feed().len(), 30);
    held.deliver(&records[20..50]);
    assert_eq!(phone.feed().len(), 50);
    // Three processes at once, with the same and with overlapping batches.
    thread::scope(|scope| {
        for part in [&records[..], &records[40..], &records[..]] {
            scope.spawn(|| held.deliver(part));
        }
    });
    let feed = phone.feed();
    assert_eq!(feed.len(), 120);
    // What is older than published is no news.
    held.deliver(&records[..60]);
    held.release();
    assert_eq!(phone.feed(), feed, "and what the stream brings again is none either");
}

#[test]
fn a_function_killed_between_any_two_calls_leaves_a_feed_that_goes_on() {
    let held = HeldStream::start();
    let (phone, records) = sixty_records_changed_twice(&held.stack);
    let calls = Arc::new(AtomicUsize::new(0));
    let fatal = Arc::new(AtomicUsize::new(usize::MAX));
    let (counts, kills, after) =
        (Arc::clone(&calls), Arc::clone(&fatal), Arc::new(AtomicBool::new(false)));
    let takes_effect = Arc::clone(&after);
    let business = phone.business().to_owned();
    let changes = held.stack.table("ChangesTable").to_owned();
    let stack = held.stack.pid();
    held.proxy.rule(move |_, body| {
        let text = String::from_utf8_lossy(body);
        // The feed's reader also reads this table; he asks for no published image.
        if !text.contains(&business) || !text.contains(&changes) || !text.contains("published#") {
            return Fate::Pass;
        }
        if counts.fetch_add(1, Ordering::SeqCst) + 1 != kills.load(Ordering::SeqCst) {
            return Fate::Pass;
        }
        kill_children(stack, "record-changes");
        // Nobody waits for the answer any more; the call itself may still arrive.
        if takes_effect.load(Ordering::SeqCst) { Fate::LoseReply } else { Fate::Fail }
    });
    let (mut published, mut kills) = (0, 0);
    for call in 1..=6 {
        for arrives in [false, true] {
            after.store(arrives, Ordering::SeqCst);
            calls.store(0, Ordering::SeqCst);
            fatal.store(call, Ordering::SeqCst);
            let outcome = held.invoke(&records);
            assert_eq!(outcome.is_err(), calls.load(Ordering::SeqCst) >= call, "call {call}");
            kills += usize::from(outcome.is_err());
            let feed = phone.feed();
            assert!(feed.len() >= published, "what was published stays");
            published = feed.len();
        }
    }
    // Before and after each read and each append of the three transactions that it takes.
    assert!(kills >= 8, "{kills}");
    fatal.store(usize::MAX, Ordering::SeqCst);
    held.deliver(&records);
    let feed = phone.feed();
    assert_eq!(feed.len(), 120);
    held.release();
    assert_eq!(phone.feed(), feed);
}

#[test]
fn lost_replies_throttling_and_errors_leave_no_gap_and_no_double() {
    let (stack, proxy) = Stack::shared_behind_proxy();
    let phone = stack.business();
    let calls = AtomicUsize::new(0);
    let (business, changes) = (phone.business().to_owned(), stack.table("ChangesTable").to_owned());
    proxy.rule(move |_, body| {
        let text = String::from_utf8_lossy(body);
        if !text.contains(&business) || !text.contains(&changes) || !text.contains("published#") {
            return Fate::Pass;
        }
        match calls.fetch_add(1, Ordering::SeqCst) % 7 {
            1 => Fate::LoseReply,
            3 => Fate::Throttle,
            5 => Fate::Fail,
            _ => Fate::Pass,
        }
    });
    for batch in customers(60).chunks(20) {
        phone.push(batch);
    }
    phone.push(&updates(40));
    let feed = until("all to be published", || {
        let feed = phone.feed();
        let last = |id: &str| {
            feed.iter().rfind(|change| change["entityId"] == id).map(|c| c["version"].clone())
        };
        let done = (0..60).all(|at| last(&format!("c{at}")) == Some(json!(1 + u8::from(at < 40))));
        done.then_some(feed)
    });
    assert!(feed.len() <= 100);
}

#[test]
fn an_unkind_stream_keeps_the_feed_whole() {
    let stack = Stack::start(&StackOptions { stream_chaos: Some(7), ..StackOptions::default() });
    let admin = stack.business();
    let other = stack.business();
    thread::scope(|scope| {
        for writer in 0..4 {
            let phone = admin.other_device();
            scope.spawn(move || {
                let id = |at: usize| format!("c{writer}-{at}");
                for at in 0..10 {
                    let named = json!({"name": "Rosa"});
                    phone.push(&[operation("customers", "insert", &id(at), named)]);
                    for round in 0..3 {
                        let notes = json!({"notes": format!("nota {round}")});
                        let update = operation("customers", "update", &id(at), notes);
                        assert_eq!(phone.push_one(&update)["status"], "applied");
                    }
                }
                phone.push(&[operation("customers", "delete", &id(0), json!({}))]);
            });
        }
        scope.spawn(|| other.push(&customers(20)));
    });
    stack.stream_is_worked_off();
    // Checked inside: numbers, digests, versions of each record rising.
    let feed = admin.feed();
    for writer in 0..4 {
        for at in 0..10 {
            let id = format!("c{writer}-{at}");
            let last = feed.iter().rfind(|change| change["entityId"] == id.as_str()).unwrap();
            let deleted = at == 0;
            assert_eq!(last["version"], if deleted { 5 } else { 4 });
            assert_eq!(last["record"].is_null(), deleted);
        }
    }
    assert_eq!(other.feed().len(), 20);
}

#[test]
fn repair_publishes_what_the_stream_has_not_brought() {
    let held = HeldStream::start();
    let phone = held.stack.business();
    phone.push(&customers(40));
    phone.push(&updates(20));
    let event = json!({"repair": {"business": phone.business()}});
    let report = held.stack.invoke(FUNCTION, &event).unwrap();
    assert_eq!(report["repaired"][0]["published"], 40, "{report}");
    let feed = phone.feed();
    assert_eq!(feed.len(), 40);
    let again = held.stack.invoke(FUNCTION, &event).unwrap();
    assert_eq!(again["repaired"][0]["published"], 0, "{again}");
    held.release();
    assert_eq!(phone.feed(), feed);
}

#[test]
fn a_record_that_can_never_be_published_stops_nothing_else_and_is_reported() {
    let stack = Stack::shared();
    let (phone, other) = (stack.business(), stack.business());
    let key = json!({"business": {"S": phone.business()}, "record": {"S": "customers#malo"}});
    let mut poison = key.clone();
    poison["version"] = json!({"S": "uno"});
    stack.dynamodb("PutItem", json!({"TableName": "RecordsTable", "Item": poison}));
    phone.push(&customers(5));
    other.push(&customers(5));
    assert_eq!(other.feed_of(5).len(), 5);
    assert_eq!(phone.feed_of(5).len(), 5);
    stack.stream_is_worked_off();
    let marked = || {
        let items = stack.items_of("ChangesTable", &phone);
        items.iter().any(|item| item["change"]["S"] == "repair")
    };
    assert!(marked(), "the business waits for repair");
    let event = json!({"repair": {"business": phone.business()}});
    let report = stack.invoke(FUNCTION, &event).unwrap();
    assert!(report["repaired"][0]["poison"].to_string().contains("malo"), "{report}");
    assert!(marked());
    stack.dynamodb("DeleteItem", json!({"TableName": "RecordsTable", "Key": key}));
    let report = stack.invoke(FUNCTION, &event).unwrap();
    assert_eq!(report["repaired"][0]["poison"], json!([]));
    assert!(!marked());
    assert_eq!(phone.feed().len(), 5);
}

#[test]
fn rebuild_begins_a_new_epoch_with_all_records() {
    let stack = Stack::shared();
    let phone = stack.business();
    phone.push(&customers(30));
    phone.push(&[operation("customers", "delete", "c3", json!({}))]);
    stack.stream_is_worked_off();
    let before = phone.send("GET", "/sync/changes", None).data()["nextSince"].clone();
    // The table of changes is lost.
    for item in stack.items_of("ChangesTable", &phone) {
        let key = json!({"business": item["business"], "change": item["change"]});
        stack.dynamodb("DeleteItem", json!({"TableName": "ChangesTable", "Key": key}));
    }
    let event = json!({"rebuild": {"business": phone.business()}});
    stack.invoke(FUNCTION, &event).unwrap();
    let feed = phone.feed();
    assert_eq!(feed.len(), 30);
    assert_eq!(feed.iter().filter(|change| change["record"].is_null()).count(), 1);
    let old = phone.changes(before.as_str().unwrap(), 100);
    assert_eq!(old.failure(), "410 cursor_expired");
    let snapshot = phone.send("GET", "/sync/snapshot", None);
    assert_eq!(snapshot.data()["records"].as_array().unwrap().len(), 30);
    phone.push(&updates(1));
    assert_eq!(phone.feed_of(31).len(), 31);
}
