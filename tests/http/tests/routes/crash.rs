//! `kill -9` of everything: what was acknowledged is there, once.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use http_tests::{Stack, StackOptions, operation, until};
use serde_json::{Value, json};

const WRITERS: usize = 4;
const PUSHES: usize = 200;

#[test]
fn what_was_acknowledged_survives_kill_9_in_the_middle_of_200_pushes() {
    let options = StackOptions { on_disk: true, ..StackOptions::default() };
    let mut stack = Stack::start(&options);
    let admin = stack.business();
    let operations: Vec<Value> = (0..PUSHES)
        .map(|at| operation("customers", "insert", &format!("c{at}"), json!({"name": "Rosa"})))
        .collect();
    let acknowledged: Mutex<BTreeSet<usize>> = Mutex::default();
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let mut seen = Vec::new();
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(operation) = operations.get(at) else { return };
                    let Some(results) = admin.try_push(std::slice::from_ref(operation)) else {
                        return;
                    };
                    assert_eq!(results[0]["status"], "applied", "{}", results[0]);
                    acknowledged.lock().unwrap().insert(at);
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        until("sixty pushes", || (done.load(Ordering::SeqCst) >= 60).then_some(()));
        seen = admin.feed_of(20);
        stack.kill();
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!((60..PUSHES).contains(&acknowledged.len()), "killed in the middle");
    let stack = stack.kill_and_restart(&options);
    let admin = admin.moved_to(&stack);
    stack.stream_is_worked_off();
    let feed = admin.feed();
    assert!(feed.starts_with(&seen), "what a phone had read before is still so");
    let before = ids(&feed);
    for at in &acknowledged {
        assert!(before.contains(&format!("c{at}")), "c{at} was acknowledged");
    }
    // The phone sends everything again, as it does what it has no answer for.
    for (batch, first) in operations.chunks(50).zip((0..).step_by(50)) {
        for (at, result) in (first..).zip(admin.push(batch)) {
            let known = before.contains(&format!("c{at}"));
            let expected = if known { "duplicate" } else { "applied" };
            assert_eq!(result["status"], expected, "{result}");
            assert_eq!(result["version"], 1);
        }
    }
    stack.stream_is_worked_off();
    let feed = admin.feed();
    assert_eq!(feed.len(), PUSHES, "each once");
    assert_eq!(ids(&feed).len(), PUSHES);
}

fn ids(feed: &[Value]) -> BTreeSet<String> {
    feed.iter().map(|change| change["entityId"].as_str().unwrap().to_owned()).collect()
}
