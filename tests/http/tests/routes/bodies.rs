//! Bodies that no phone of ours sends, and batches and operations of a wrong form.

use http_tests::{Stack, operation};
use protocol::json::hostile::{PRIVATE_KEYS, nested};
use serde_json::{Value, json};

use crate::effect::Before;

#[test]
fn a_body_that_is_no_request_is_refused_and_does_nothing() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    let bearer = format!("Bearer {}", admin.token());
    let json = ("content-type", "application/json");
    let headers = [("authorization", bearer.as_str()), json];
    for (what, body, batch, single) in bad_bodies() {
        let answer = admin.send_raw("POST", "/sync/batch", &headers, Some(&body));
        assert_eq!(answer.failure(), batch, "a batch: {what}: {}", answer.body);
        let all: &[&str] = &["/customers", "/products", "/team", "/auth/login", "/auth/register"];
        // What is measured in megabytes is for one route enough.
        let paths = if body.len() > 1 << 20 { &all[..1] } else { all };
        for path in paths {
            let answer = admin.send_raw("POST", path, &headers, Some(&body));
            assert_eq!(answer.failure(), single, "{path}: {what}: {}", answer.body);
        }
    }
    before.nothing_has_changed(&admin);
}

/// Without a token, one such body ended the function's process: no panic, so nothing caught it.
#[test]
fn private_keys_of_the_reader_end_no_process() {
    let stack = Stack::shared();
    let admin = stack.business();
    let before = Before::of(&admin, 0);
    let bearer = format!("Bearer {}", admin.token());
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let routes: [(&str, &[(&str, &str)]); 8] = [
        ("/auth/login", &headers[1..]),
        ("/auth/register", &headers[1..]),
        ("/auth/refresh", &headers[1..]),
        ("/auth/password", &headers),
        ("/team", &headers),
        ("/sync/batch", &headers),
        ("/customers", &headers),
        ("/sales", &headers),
    ];
    for (key, bytes) in PRIVATE_KEYS.into_iter().flat_map(|key| [(key, 52_000), (key, 4_190_000)]) {
        let value = nested(key, bytes);
        let bodies = [
            format!(r#"{{"email":7,"name":7,"operations":7,"x":{value}}}"#),
            format!(r#"{{"name":{value},"operations":[{{"payload":{value}}}]}}"#),
        ];
        // Twice the value is too long for the larger one.
        for body in bodies.iter().filter(|body| body.len() < 4 << 20) {
            for (path, headers) in routes {
                let answer = admin.send_raw("POST", path, headers, Some(body.as_bytes()));
                assert_eq!(answer.failure(), "400 invalid_json", "{path} {key} {bytes}");
            }
        }
        let small = format!(r#"{{"amount":{{"{key}":"5.00"}}}}"#);
        let answer = admin.send_raw("POST", "/abonos", &headers, Some(small.as_bytes()));
        assert_eq!(answer.failure(), "400 invalid_json", "{key}");
    }
    before.nothing_has_changed(&admin);
    assert!(!stack.log().contains("has overflowed its stack"), "{}", stack.log());
}

/// What is sent, and how a batch and every other route call it.
fn bad_bodies() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let operation = operation("customers", "insert", "c1", json!({"name": "Rosa"})).to_string();
    let json = "400 invalid_json";
    let form = "400 invalid_request";
    let large = "413 payload_too_large";
    vec![
        ("nothing", Vec::new(), json, json),
        ("a word", b"hola".to_vec(), json, json),
        ("a form", b"operations=1&name=Rosa".to_vec(), json, json),
        ("half an object", br#"{"operations":["#.to_vec(), json, json),
        ("two objects", br#"{"name":"a"} {"name":"b"}"#.to_vec(), json, json),
        ("a comma too many", br#"{"operations":[],}"#.to_vec(), json, json),
        ("a comment", b"{} // nada".to_vec(), json, json),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec(), json, json),
        ("invalid UTF-8", b"{\"operations\":[\"\xff\"],\"name\":\"\xff\"}".to_vec(), json, json),
        ("UTF-8 cut off", b"{\"operations\":[],\"name\":\"\xc3".to_vec(), json, json),
        (
            "half a surrogate pair",
            br#"{"operations":["\ud800"],"name":"\ud800","email":"\ud800"}"#.to_vec(),
            json,
            json,
        ),
        (
            "a control character",
            b"{\"operations\":[\"\x01\"],\"name\":\"\x01\"}".to_vec(),
            json,
            json,
        ),
        ("NaN", br#"{"operations":[NaN],"name":NaN}"#.to_vec(), json, json),
        ("null", b"null".to_vec(), form, form),
        ("a number", b"7".to_vec(), form, form),
        ("a text", b"\"operations\"".to_vec(), form, form),
        ("a list", b"[]".to_vec(), form, form),
        ("a list of operations", format!("[{operation}]").into_bytes(), form, form),
        ("4 MB and a byte", padded((4 << 20) + 1, &operation), large, large),
        ("7 MB", padded(7 << 20, &operation), large, large),
        ("11 MB", padded(11 << 20, &operation), large, large),
    ]
}

#[test]
fn what_is_nested_too_deep_is_refused_and_the_function_lives_on() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    for body in [deep(100_000, 'l'), deep(100_000, 'o'), deep(200, 'l'), deep(200, 'o')] {
        for path in ["/sync/batch", "/customers", "/products", "/team", "/auth/login"] {
            let bearer = format!("Bearer {}", admin.token());
            let answer = admin.send_raw("POST", path, &[("authorization", &bearer)], Some(&body));
            assert_eq!(answer.failure(), "400 invalid_json", "{path}: {} bytes", body.len());
        }
    }
    before.nothing_has_changed(&admin);
}

/// An object nested too deep to be read without a bound.
fn deep(levels: usize, kind: char) -> Vec<u8> {
    let (open, close) = if kind == 'l' { ("[", "]") } else { ("{\"a\":", "}") };
    let nested = format!("{}1{}", open.repeat(levels), close.repeat(levels));
    format!("{{\"operations\":[{nested}],\"name\":{nested}}}").into_bytes()
}

/// A batch that would be applied, made `bytes` long by a field that nobody knows.
fn padded(bytes: usize, operation: &str) -> Vec<u8> {
    let frame = format!(r#"{{"operations":[{operation}],"name":"Rosa","filler":""}}"#);
    let filler = "a".repeat(bytes - frame.len());
    let body = frame.replace(r#""filler":"""#, &format!(r#""filler":"{filler}""#));
    assert_eq!(body.len(), bytes);
    body.into_bytes()
}

#[test]
fn a_batch_of_another_size_or_form_is_refused_as_a_whole() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    let insert =
        |at: usize| operation("customers", "insert", &format!("c{at}"), json!({"name": "Rosa"}));
    let many = |count: usize| (0..count).map(insert).collect::<Vec<Value>>();
    for (batch, expected) in [
        (json!({}), "400 invalid_request"),
        (json!({"operations": null}), "400 invalid_request"),
        (json!({"operations": {}}), "400 invalid_request"),
        (json!({"operations": insert(0)}), "400 invalid_request"),
        (json!({"operations": "[]"}), "400 invalid_request"),
        (json!({"Operations": [insert(0)]}), "400 invalid_request"),
        (json!({"operations": []}), "400 invalid_batch_size"),
        (json!({"operations": many(51)}), "400 invalid_batch_size"),
        (json!({"operations": many(5000)}), "400 invalid_batch_size"),
    ] {
        let answer = admin.send("POST", "/sync/batch", Some(&batch));
        assert_eq!(answer.failure(), expected, "{}", answer.body);
        let message = answer.body["error"]["message"].as_str().expect("a message");
        assert!(message.ends_with('.'), "{message}");
    }
    before.nothing_has_changed(&admin);
    let results = admin.push(&many(50));
    assert!(results.iter().all(|result| result["status"] == "applied"), "{results:?}");
}

#[test]
fn a_malformed_operation_fails_alone_with_its_code() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    let mut operations: Vec<Value> = Vec::new();
    let mut expected: Vec<(String, &str)> = Vec::new();
    for (field, code, values) in malformed_fields() {
        for value in values {
            let mut bad =
                operation("customers", "insert", &admin.unique(), json!({"name": "Rosa"}));
            let shown: String = value.to_string().chars().take(60).collect();
            match value {
                Value::Null => drop(bad.as_object_mut().expect("an object").remove(field)),
                value => bad[field] = value,
            }
            operations.push(bad);
            expected.push((format!("{field}: {shown}"), code));
        }
    }
    for (what, code) in [("null", json!(null)), ("a number", json!(7)), ("a list", json!([]))] {
        operations.push(code);
        expected.push((what.to_owned(), "malformed_operation"));
    }
    for (operations, expected) in operations.chunks(50).zip(expected.chunks(50)) {
        let answer = admin.send("POST", "/sync/batch", Some(&json!({"operations": operations})));
        let results = answer.data()["results"].as_array().expect("results").clone();
        assert_eq!(results.len(), operations.len());
        assert_eq!(answer.data()["summary"]["failed"], operations.len());
        for (at, (result, (what, code))) in results.iter().zip(expected).enumerate() {
            assert_eq!(
                (&result["status"], &result["code"]),
                (&json!("rejected"), &json!(code)),
                "{what}: {result}"
            );
            assert_eq!(result["retryable"], false, "{what}");
            let named = result["operationId"].is_string();
            assert!(named || result["index"] == at, "{what} is answered by its place: {result}");
        }
    }
    before.nothing_has_changed(&admin);
}

/// What is no id; null leaves it out.
fn no_ids() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!(7),
        json!([]),
        json!(" "),
        json!("dos palabras"),
        json!(" al-inicio"),
        json!("al-final\n"),
        json!("a\u{0}b"),
        json!("año"),
        json!("a".repeat(129)),
        json!("a".repeat(100_000)),
    ]
}

/// Values that a field of an operation may not have; null leaves it out.
fn malformed_fields() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    vec![
        ("operationId", "invalid_id", no_ids()),
        ("entityId", "invalid_id", no_ids()),
        ("deviceId", "invalid_id", no_ids().into_iter().filter(|id| !id.is_null()).collect()),
        (
            "entity",
            "unknown_entity",
            vec![
                json!(null),
                json!(""),
                json!("users"),
                json!("Customers"),
                json!("customers "),
                json!("unique"),
                json!("unique#dni"),
                json!(7),
                json!({}),
            ],
        ),
        (
            "action",
            "unknown_action",
            vec![
                json!(null),
                json!(""),
                json!("upsert"),
                json!("INSERT"),
                json!("close"),
                json!(1),
            ],
        ),
        (
            "clientTimestamp",
            "invalid_timestamp",
            vec![
                json!(null),
                json!(""),
                json!("ayer"),
                json!("2026-11-22"),
                json!("2026-11-22T10:00:00"),
                json!("2026-02-30T10:00:00Z"),
                json!("2026-13-01T10:00:00Z"),
                json!("2026-11-22T25:00:00Z"),
                json!(1_763_000_000_000_i64),
            ],
        ),
        ("payload", "malformed_operation", vec![json!([]), json!("{}"), json!(7), json!(true)]),
        (
            "baseVersion",
            "malformed_operation",
            vec![json!(-1), json!(1.5), json!("1"), json!([1]), json!(1e30)],
        ),
        (
            "manualRetries",
            "malformed_operation",
            vec![json!(-1), json!(1.5), json!("1"), json!(4_294_967_296_u64), json!(true)],
        ),
    ]
}

#[test]
fn ids_at_their_bounds_are_accepted_in_any_ascii_spelling() {
    let admin = Stack::shared().business();
    let printable: String = ('!'..='~').collect();
    let ids = [
        "a".repeat(128),
        "!".into(),
        "~".into(),
        "#".into(),
        "a#b#c".into(),
        "%20".into(),
        "../..".into(),
        "\"'\\".into(),
        printable,
    ];
    let operations: Vec<Value> = ids
        .iter()
        .map(|id| {
            let mut insert = operation("customers", "insert", id, json!({"name": "Rosa"}));
            insert["operationId"] = id.as_str().into();
            insert
        })
        .collect();
    for result in admin.push(&operations) {
        assert_eq!(result["status"], "applied", "{result}");
    }
    let mut seen: Vec<String> = admin
        .feed_of(ids.len())
        .iter()
        .map(|change| change["entityId"].as_str().expect("an id").to_owned())
        .collect();
    let mut sent = ids.to_vec();
    seen.sort();
    sent.sort();
    assert_eq!(seen, sent);
}

#[test]
fn fields_that_nobody_knows_are_left_out_however_they_look() {
    let admin = Stack::shared().business();
    let nested = (0..100).fold(json!("fondo"), |inner, _| json!({"": [inner]}));
    let strange = json!({"name": "Rosa", "": "vacío", " ": 1, "a.b": 2, "#x": 3, ":y": 4,
        "version": 99, "businessId": "otro", "createdBy": "otro", "deletedAt": "2020-01-01T00:00:00Z",
        "conflicts": [{"field": "name"}], "duplicateOf": "c9", "flags": ["x"], "__proto__": {},
        "operations": ["x"], "clocks": {}, "record": "customers#x"});
    let mut deep = json!({"name": "Luis"});
    deep["profundo"] = nested.clone();
    let as_map = json!({"operationId": admin.unique(), "entity": "customers", "action": "insert",
        "entityId": "c2", "payload": deep, "clientTimestamp": "2026-11-22T13:00:00Z"});
    // serde's bound is 128 levels; an operation stands on the fourth.
    let results = admin.push(&[operation("customers", "insert", "c1", strange)]);
    assert_eq!(results[0]["status"], "applied", "{results:?}");
    let answer = admin.send("POST", "/sync/batch", Some(&json!({"operations": [as_map]})));
    assert_eq!(answer.failure(), "400 invalid_json", "200 levels are too many for any body");
    let shallow =
        operation("customers", "insert", "c2", json!({"name": "Luis", "": {"": [{"": 1}]}}));
    assert_eq!(admin.push_one(&shallow)["status"], "applied");
    let feed = admin.feed_of(2);
    let fields = |at: usize| -> Vec<&String> {
        feed[at]["record"].as_object().expect("a record").keys().collect()
    };
    let known = [
        "businessId",
        "createdAt",
        "createdBy",
        "id",
        "name",
        "syncAttempts",
        "syncStatus",
        "updatedAt",
        "updatedBy",
        "version",
    ];
    assert_eq!(fields(0), known);
    assert_eq!(fields(1), known);
    assert_eq!(feed[0]["record"]["businessId"], admin.business());
    assert_eq!(feed[0]["record"]["createdBy"], admin.user());
}
