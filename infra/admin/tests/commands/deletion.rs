//! What leaves the system: an export of a business, and the business itself.

use http_tests::{Stack, StackOptions, operation};
use serde_json::{Value, json};

use crate::told::{admin, busy_business, items};

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
        serde_json::from_str::<Value>(line).expect("JSON lines");
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
