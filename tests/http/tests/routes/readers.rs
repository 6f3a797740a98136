//! Whoever comes late, by the snapshot, ends with what those have who read from the start; also
//! after a restore.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use domain::Debts;
use http_tests::{Phone, Stack, StackOptions, operation, recount, sale, until};
use serde_json::{Value, json};

use crate::feed::epoch;

/// Records by entity and id, with their versions: what a phone holds.
#[derive(Debug, Default, PartialEq)]
struct Held(BTreeMap<(String, String), (u64, Value)>);

impl Held {
    /// Takes a change or a snapshot's record, unless it has a later version.
    fn take(&mut self, row: &Value) {
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        let version = row["version"].as_u64().unwrap();
        let held = self.0.entry((text("entity"), text("entityId"))).or_default();
        if held.0 < version {
            *held = (version, row["record"].clone());
        }
    }

    /// Every customer's debt by the domain's own figures, and the sum of who owes.
    fn debts(&self) -> Vec<Value> {
        let mut debts = Debts::default();
        for ((entity, _), (_, record)) in &self.0 {
            if let Some(fields) = record.as_object() {
                let entity = serde_json::from_value(json!(entity)).unwrap();
                debts.add(entity, fields);
            }
        }
        let receivables = serde_json::to_value(debts.receivables()).unwrap();
        let mut owing = receivables["customers"].as_array().unwrap().clone();
        owing.sort_by_key(|row| row["clientId"].to_string());
        owing.push(receivables["total"].clone());
        owing
    }

    /// Reads the feed on from a cursor to its end.
    fn read_on(&mut self, phone: &Phone, mut since: String) {
        loop {
            let page = phone.changes(&since, 100).data().clone();
            page["changes"].as_array().unwrap().iter().for_each(|change| self.take(change));
            page["nextSince"].as_str().unwrap().clone_into(&mut since);
            if page["hasMore"] == false {
                return;
            }
        }
    }
}

/// One round of a seller's work: a customer, a sale on credit, part of it paid, a correction, and
/// now and then something deleted.
fn work(phone: &Phone, name: &str, round: usize) {
    let id = format!("{name}-{round}");
    let paid = json!({"clientId": id, "amount": "20.00", "paymentMethod": "yape"});
    let mut batch = vec![
        operation("customers", "insert", &id, json!({"name": format!("Clienta {id}")})),
        operation("sales", "insert", &id, sale(&id)),
        operation("abonos", "insert", &id, paid),
        operation("customers", "update", "compartida", json!({"notes": id})),
    ];
    if round.is_multiple_of(3) {
        batch.push(operation("abonos", "delete", &id, json!({})));
    }
    until("the batch to take effect", || {
        let results = phone.push(&batch);
        results.iter().all(|result| result["success"] == true).then_some(())
    });
}

#[test]
fn who_comes_late_by_the_snapshot_holds_what_the_others_hold() {
    let stack = Stack::shared();
    let admin = stack.business();
    admin.push_one(&operation("customers", "insert", "compartida", json!({"name": "De todos"})));
    (0..125).for_each(|round| work(&admin, "antes", round));
    assert!(admin.feed_of(500).len() >= 500);
    let done = AtomicBool::new(false);
    let (late, since) = thread::scope(|scope| {
        for writer in 0..4 {
            let (phone, done) = (admin.other_device(), &done);
            scope.spawn(move || {
                for round in 0..200 {
                    work(&phone, &format!("durante{writer}"), round);
                    if round > 5 && done.load(Ordering::SeqCst) {
                        break;
                    }
                }
            });
        }
        let read = thread::Builder::new().spawn_scoped(scope, || interrupted_snapshot(&admin));
        let read = read.unwrap().join();
        done.store(true, Ordering::SeqCst);
        read.unwrap()
    });
    stack.stream_is_worked_off();
    let (mut late, mut early) = (late, Held::default());
    // The edge may keep a tail for a second: until both have read the same head.
    until("both to have read everything", || {
        let head = admin.feed();
        early = Held::default();
        for change in &head {
            early.take(change);
        }
        late.read_on(&admin, since.clone());
        (late == early).then_some(())
    });
    assert_eq!(late.debts(), early.debts());
    assert!(late.debts().len() > 125, "there are debts to compare");
    let owed = admin.send("GET", "/reports/accounts-receivable", None);
    assert_eq!(Some(&owed.data()["total"]), late.debts().last(), "as the server counts them");
}

/// Reads a snapshot as a phone on a bad link: each part is asked for, lost, and asked for again.
fn interrupted_snapshot(phone: &Phone) -> (Held, String) {
    let mut held = Held::default();
    let first = phone.send("GET", "/sync/snapshot", None).data().clone();
    let as_of = first["asOf"].as_str().unwrap().to_owned();
    let mut page = first;
    let mut parts = 1;
    loop {
        page["records"].as_array().unwrap().iter().for_each(|record| held.take(record));
        let Some(part) = page["nextPart"].as_str() else { break };
        let path = format!("/sync/snapshot?asOf={as_of}&part={part}");
        let lost = phone.send("GET", &path, None);
        assert_eq!(lost.status, 200);
        page = phone.send("GET", &path, None).data().clone();
        assert_eq!(page["asOf"], as_of.as_str());
        parts += 1;
    }
    assert!(parts > 1, "a snapshot of one part cannot be interrupted");
    (held, as_of)
}

#[test]
fn after_a_restore_readers_are_equal_again_and_nothing_is_done_twice() {
    let stack = Stack::shared();
    let admin = stack.business();
    admin.push_one(&operation("customers", "insert", "c1", json!({"name": "Rosa"})));
    let update = operation("customers", "update", "c1", json!({"notes": "llamar"}));
    let abono = json!({"clientId": "c1", "amount": "5.00", "paymentMethod": "yape"});
    let paid = operation("abonos", "insert", "a1", abono);
    for operation in [&update, &paid] {
        assert_eq!(admin.push_one(operation)["status"], "applied");
    }
    stack.stream_is_worked_off();
    let mut reader = Held::default();
    admin.feed_of(3).iter().for_each(|change| reader.take(change));
    let old = admin.send("GET", "/sync/changes", None).data()["nextSince"].clone();
    let old_epoch = epoch(&admin);
    // Restored to instants that differ by table: the receipts are of before, the records of after.
    for item in stack.items_of("OperationsTable", &admin) {
        let key = json!({"business": item["business"], "operation": item["operation"]});
        stack.dynamodb("DeleteItem", json!({"TableName": "OperationsTable", "Key": key}));
    }
    let event = json!({"rebuild": {"business": admin.business()}});
    stack.invoke("RecordChangesFunction", &event).unwrap();
    let refused = admin.changes(old.as_str().unwrap(), 100);
    assert_eq!(refused.failure(), "410 cursor_expired");
    let snapshot = admin.send("GET", "/sync/snapshot", None).data().clone();
    let mut again = Held::default();
    snapshot["records"].as_array().unwrap().iter().for_each(|record| again.take(record));
    again.read_on(&admin, snapshot["asOf"].as_str().unwrap().to_owned());
    assert_eq!(again, reader, "the records have not changed, only their feed");
    assert_ne!(epoch(&admin), old_epoch);
    // The phone sends once more what it has kept as processed.
    for operation in [&update, &paid] {
        let result = admin.push_one(operation);
        assert_eq!(result["status"], "duplicate", "{result}");
    }
    let feed = admin.feed();
    assert_eq!(feed.len(), 2, "one change for each record of the new epoch");
    assert_eq!(recount(&feed), admin.send("GET", "/sync/changes", None).data()["digest"]);
}

#[test]
fn a_change_is_seen_at_the_edge_soon_after_its_acknowledgement() {
    // Its own: the others wait for an empty stream.
    let stack = Stack::start(&StackOptions::default());
    let admin = stack.business();
    let done = AtomicBool::new(false);
    let mut lags: Vec<Duration> = thread::scope(|scope| {
        for writer in 0..4 {
            let (phone, done) = (admin.other_device(), &done);
            scope.spawn(move || {
                let mut rounds = (0..5_000).take_while(|_| !done.load(Ordering::SeqCst));
                rounds.by_ref().for_each(|round| {
                    let id = format!("ruido{writer}-{round}");
                    let named = json!({"name": "Ruido"});
                    phone.push(&[operation("customers", "insert", &id, named)]);
                });
            });
        }
        let measured = scope.spawn(|| (0..20).map(|at| lag(&admin, at)).collect());
        let measured = measured.join();
        done.store(true, Ordering::SeqCst);
        measured.unwrap()
    });
    lags.sort();
    let of = |share: usize| lags[(lags.len() - 1) * share / 100].as_millis();
    println!("acknowledged to visible: p50 {} ms, p90 {} ms, max {} ms", of(50), of(90), of(100));
    assert_eq!(lags.len(), 20);
}

/// From a write's acknowledgement until a reader who polls the edge sees it.
fn lag(phone: &Phone, at: usize) -> Duration {
    let page = phone.changes(&format!("{}.0", epoch(phone)), 1).data().clone();
    let id = format!("medida-{at}");
    let insert = operation("customers", "insert", &id, json!({"name": "Medida"}));
    let mut since = format!("{}.{}", epoch(phone), page["head"].as_u64().unwrap_or(0));
    assert_eq!(phone.push_one(&insert)["status"], "applied");
    let acknowledged = Instant::now();
    until("the change at the edge", || {
        let page = phone.changes(&since, 100).data().clone();
        page["nextSince"].as_str().unwrap().clone_into(&mut since);
        let changes = page["changes"].as_array().unwrap();
        changes.iter().any(|change| change["entityId"] == id.as_str()).then_some(())
    });
    acknowledged.elapsed()
}
