//! What leaves the system: an export of a business, and the business itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http_tests::{Fate, Phone, Stack, StackOptions, StoreProxy, operation, until};
use serde_json::{Value, json};

use crate::told::{admin, busy_business, items, program, start};

#[test]
fn an_export_holds_everything_but_secrets_and_a_deletion_leaves_nothing() {
    let stack = Stack::start(&StackOptions::default());
    let (phone, other) = (busy_business(&stack), busy_business(&stack));
    phone.seller();
    let id = phone.business();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.jsonl");
    let export = ["export", "--business", id, "--to", file.to_str().unwrap()];
    admin(&stack, &export).good();
    assert!(admin(&stack, &export).refusal().contains("exists"));
    let text = std::fs::read_to_string(&file).unwrap();
    for line in text.lines() {
        protocol::json::from_str::<Value>(line).expect("JSON lines");
    }
    assert!(text.contains("Rosa Quispe") && text.contains("seller-"), "{text}");
    for secret in ["argon2", "passwordHash", "salt", r#""current":""#, other.business()] {
        assert!(!text.contains(secret), "{secret}");
    }

    let delete = |name: &str| admin(&stack, &["delete-business", id, "--yes-delete", name]);
    assert!(delete("Avícola").refusal().contains("nothing was deleted"));
    assert!(delete("Avícola de prueba").good().contains("2 people, 3 records"));
    for table in ["RecordsTable", "OperationsTable", "ChangesTable", "AccountsTable"] {
        let left = items(&stack, table);
        assert!(!left.contains(id), "{table}: {left}");
    }
    assert!(delete("Avícola de prueba").refusal().contains("no business"));
    let late = operation("customers", "insert", "c9", json!({"name": "Tarde"}));
    let pushed = phone.send("POST", "/sync/batch", Some(&json!({"operations": [late]})));
    assert_eq!(pushed.status, 401, "{}", pushed.body);
    assert_eq!(other.feed().len(), 3);
    admin(&stack, &["verify"]).good();
}

#[test]
fn a_deletion_that_is_killed_at_any_call_is_finished_by_the_same_command() {
    let stack = Stack::start(&StackOptions::default());
    let door = Door::before(&stack);
    let other = small_business(&stack);
    let first = small_business(&stack);
    let in_feed =
        |phone: &Phone| until("it is published", || (phone.feed().len() == 1).then_some(()));
    in_feed(&other);
    in_feed(&first);
    let untouched = rows_of(&stack, other.business());
    assert!(untouched.iter().all(|rows| rows.contains(other.business())));
    let calls = door.delete(&first, usize::MAX);
    assert!((10..60).contains(&calls), "{calls} calls");
    let of_feed = std::mem::take(&mut *door.of_feed.lock().unwrap());
    assert_eq!(of_feed.first().unwrap(), "head", "then nothing can be appended: {of_feed:?}");
    assert_eq!(of_feed.len(), 3, "{of_feed:?}");
    // All of them are published while the others are deleted.
    let doomed: Vec<Phone> = (0..calls).map(|_| small_business(&stack)).collect();
    for (done, business) in doomed.iter().enumerate() {
        in_feed(business);
        assert_eq!(door.delete(business, done), done, "it goes on after {done} calls");
        let again = admin(&stack, &arguments(business));
        assert!(again.good().contains("deleted Avícola de prueba"), "after {done} calls");
    }
    let left = TABLES.map(|table| items(&stack, table));
    for business in doomed.iter().chain([&first]) {
        for (table, left) in TABLES.iter().zip(&left) {
            assert!(!left.contains(business.business()), "{table}: {}", business.business());
        }
    }
    assert_eq!(rows_of(&stack, other.business()), untouched);
    admin(&stack, &["verify"]).good();
}

/// A store that serves so many of a command's calls and then none, for the command to be killed at.
struct Door<'a> {
    stack: &'a Stack,
    proxy: StoreProxy,
    /// How many calls still go through.
    left: Arc<AtomicUsize>,
    /// How many have come.
    came: Arc<AtomicUsize>,
    /// The rows of feeds that were deleted, in order.
    of_feed: Arc<Mutex<Vec<String>>>,
}

impl<'a> Door<'a> {
    fn before(stack: &'a Stack) -> Self {
        let proxy = StoreProxy::start();
        proxy.stand_before(stack.status()["dynamodb"].as_str().unwrap());
        let (left, came) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let of_feed: Arc<Mutex<Vec<String>>> = Arc::default();
        let (lets, counts, deleted) = (Arc::clone(&left), Arc::clone(&came), Arc::clone(&of_feed));
        proxy.rule(move |_, body| {
            let body: Value = protocol::json::from_slice(body).unwrap();
            let writes = body["TransactItems"].as_array().into_iter().flatten();
            let keys = writes.filter_map(|write| write["Delete"]["Key"]["change"]["S"].as_str());
            deleted.lock().unwrap().extend(keys.map(str::to_owned));
            counts.fetch_add(1, Ordering::SeqCst);
            let one_less = |left: usize| left.checked_sub(1);
            match lets.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
                Ok(_) => Fate::Pass,
                Err(_) => Fate::Fail,
            }
        });
        Self { stack, proxy, left, came, of_feed }
    }

    /// Deletes `business`, killed at the call after the first `served`; how many were served.
    fn delete(&self, business: &Phone, served: usize) -> usize {
        self.came.store(0, Ordering::SeqCst);
        self.left.store(served, Ordering::SeqCst);
        let folder = tempfile::tempdir().unwrap();
        let mut status = self.stack.status().clone();
        status["dynamodb"] = json!(self.proxy.url());
        let mut child = start(program(), folder.path(), &status, &arguments(business));
        let ended = until("it has ended, or waits at the door", || {
            let is_shut = self.came.load(Ordering::SeqCst) > served;
            child.try_wait().unwrap().map(Some).or_else(|| is_shut.then_some(None))
        });
        if let Some(ended) = ended {
            assert!(ended.success());
            return self.came.load(Ordering::SeqCst);
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        served - self.left.load(Ordering::SeqCst)
    }
}

fn arguments(business: &Phone) -> [&str; 4] {
    ["delete-business", business.business(), "--yes-delete", "Avícola de prueba"]
}

/// An administrator and a customer.
fn small_business(stack: &Stack) -> Phone {
    let admin = stack.business();
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"}));
    assert_eq!(admin.push_one(&insert)["status"], "applied");
    admin
}

/// A business's rows, table by table.
fn rows_of(stack: &Stack, business: &str) -> [String; 4] {
    TABLES.map(|table| {
        let rows: Vec<Value> = protocol::json::from_str(&items(stack, table)).unwrap();
        let own = rows.iter().map(Value::to_string).filter(|row| row.contains(business));
        own.collect()
    })
}

const TABLES: [&str; 4] = ["RecordsTable", "OperationsTable", "ChangesTable", "AccountsTable"];
