//! Texts that want to be code: the API gives back what was typed, and says that it is data.

use http_tests::{Answer, Stack, operation};
use serde_json::{Value, json};

/// The same list is typed into the screens by the browser tests.
const TEXTS: &str = include_str!("../../../fixtures/hostile-strings.json");

#[test]
fn a_text_comes_back_as_it_was_typed_and_is_data() {
    let admin = Stack::shared().business();
    let texts: Value = serde_json::from_str(TEXTS).expect("the fixture is JSON");
    let texts = texts["strings"].as_array().expect("a list");
    assert!(texts.len() > 40);
    let inserts: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(at, entry)| {
            let text = &entry["text"];
            let fields = json!({"name": text, "notes": text, "address": text});
            operation("customers", "insert", &format!("c{at}"), fields)
        })
        .collect();
    for (result, entry) in admin.push(&inserts).iter().zip(texts) {
        assert_eq!(result["status"], "applied", "{entry}: {result}");
        check(&result["record"], entry);
    }
    for (at, entry) in texts.iter().enumerate() {
        let answer = admin.send("GET", &format!("/customers/c{at}"), None);
        check(answer.data(), entry);
        is_data(&answer);
    }
    let feed = admin.feed_of(texts.len());
    for change in &feed {
        let id = change["entityId"].as_str().expect("an id");
        let at: usize = id[1..].parse().expect("a number");
        check(&change["record"], &texts[at]);
    }
    let snapshot = admin.send("GET", "/sync/snapshot", None);
    is_data(&snapshot);
    assert_eq!(snapshot.data()["records"].as_array().expect("records").len(), texts.len());
}

/// Each where it may be repeated to whoever sent it: in names of fields, words, ids, parameters.
#[test]
fn a_refusal_that_repeats_a_text_is_data_too() {
    let admin = Stack::shared().business();
    let script = "<script>window.avileoXss=1</script>";
    let encoded = "%3Cscript%3Ewindow.avileoXss=1%3C/script%3E";
    let refused = [
        admin.send("POST", "/customers", Some(&json!({"name": "R", script: script}))),
        admin.send("POST", "/customers", Some(&json!({"name": [script]}))),
        admin.send("POST", "/sync/batch", Some(&json!({"operations": script}))),
        admin.send("POST", "/auth/login", Some(&json!({"email": {script: 1}, "password": 1}))),
        admin.send("GET", &format!("/customers?{encoded}={encoded}"), None),
        admin.send("GET", &format!("/customers/{encoded}"), None),
        admin.send("GET", &format!("/{encoded}"), None),
        admin.send("GET", &format!("/sync/changes?since={encoded}"), None),
        admin.send_raw("GET", "/sync/changes", &[("authorization", script)], None),
        admin.send("TRACE", "/health", None),
    ];
    for answer in refused {
        assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.body);
        is_data(&answer);
    }
}

fn check(record: &Value, entry: &Value) {
    let name = &entry["name"];
    for field in ["name", "notes", "address"] {
        assert_eq!(record[field], entry["text"], "{name}: {field}");
    }
}

fn is_data(answer: &Answer) {
    assert_eq!(answer.headers["content-type"], "application/json", "{}", answer.body);
    assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{}", answer.body);
    assert!(answer.body.is_object());
}
