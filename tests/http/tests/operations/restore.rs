//! Tables lost and restored to an instant: phones send again what the instant did not have.

use http_tests::{Stack, StackOptions, operation};
use serde_json::json;

#[test]
fn what_was_written_after_the_instant_of_a_restore_comes_back_from_the_phones() {
    let options = StackOptions { on_disk: true, ..StackOptions::default() };
    let mut stack = Stack::start(&options);
    let admin = stack.business();
    let insert = |id: &str| operation("customers", "insert", id, json!({"name": "Rosa Quispe"}));
    let kept = [insert("c1"), insert("c2")];
    admin.push(&kept);
    stack.stream_is_worked_off();
    // The instant: as point-in-time recovery gives it back later.
    let instant = stack.kill_and_copy();
    let stack = stack.kill_and_restart(&options);
    let admin = admin.moved_to(&stack);
    let lost =
        [insert("c3"), operation("customers", "update", "c1", json!({"phone": "999888777"}))];
    admin.push(&lost);
    stack.stream_is_worked_off();
    let before = admin.send("GET", "/sync/changes", None).data().clone();
    assert_eq!(before["changes"].as_array().unwrap().len(), 4);

    let stack = stack.kill_and_restore(instant, &options);
    let admin = admin.moved_to(&stack);
    let event = json!({"rebuild": {"business": admin.business()}});
    stack.invoke("RecordChangesFunction", &event).unwrap();
    // A phone that was ahead learns that its cursor counts no more, and starts from the snapshot.
    let cursor = before["nextSince"].as_str().unwrap();
    assert_eq!(admin.changes(cursor, 100).failure(), "410 cursor_expired");
    let snapshot = admin.send("GET", "/sync/snapshot", None).data().clone();
    assert_eq!(snapshot["records"].as_array().unwrap().len(), 2);
    // It makes what it kept as processed pending once more: what was there counts once.
    let again = admin.push(&kept);
    assert!(again.iter().all(|result| result["status"] == "duplicate"), "{again:?}");
    let again = admin.push(&lost);
    assert!(again.iter().all(|result| result["success"] == true), "{again:?}");
    stack.stream_is_worked_off();
    let after = admin.send("GET", "/sync/changes", None).data().clone();
    assert_eq!(after["digest"], before["digest"], "the same records in the same versions");
    let events = [json!({"repair": {"every": true}}), json!({"repair": {}})];
    for event in events {
        stack.invoke("RecordChangesFunction", &event).unwrap();
    }
    assert_eq!(
        admin.send("GET", "/sync/changes", None).data()["digest"],
        before["digest"],
        "nothing to mend"
    );
}
