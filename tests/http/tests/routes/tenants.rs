//! Two businesses that use the same ids never see each other.

use http_tests::{Phone, Stack, operation, sale, until};
use serde_json::{Value, json};

use crate::effect::Before;

/// Two businesses whose people have the same names.
fn two_businesses() -> (Phone, Phone) {
    let stack = Stack::shared();
    (stack.business(), stack.business())
}

/// One batch of fixed record and operation ids, told apart only by the customer's name.
fn same_ids(name: &str) -> Vec<Value> {
    let mut operations = vec![
        operation("customers", "insert", "c1", json!({"name": name, "dni": "12345678"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation("sale_items", "update", "i1", json!({"saleId": "s1", "productName": name})),
        operation(
            "abonos",
            "insert",
            "a1",
            json!({"clientId": "c1", "amount": "5", "paymentMethod": "plin"}),
        ),
    ];
    for (at, operation) in operations.iter_mut().enumerate() {
        operation["operationId"] = format!("op-{at}").into();
        operation["deviceId"] = "telefono-1".into();
    }
    operations
}

#[test]
fn the_same_ids_in_two_businesses_are_two_records() {
    let (one, other) = two_businesses();
    for (phone, name) in [(&one, "Rosa de uno"), (&other, "Rosa de otro")] {
        for result in phone.push(&same_ids(name)) {
            assert!(result["status"] == "applied" || result["status"] == "merged", "{result}");
        }
    }
    for (phone, name) in [(&one, "Rosa de uno"), (&other, "Rosa de otro")] {
        for result in phone.push(&same_ids(name)) {
            assert_eq!(result["status"], "duplicate", "{result}");
        }
        let feed = phone.feed_of(3);
        assert_eq!(feed.len(), 3, "{feed:?}");
        let text = json!(feed).to_string();
        assert!(text.contains(name) && !text.contains("duplicateOf"), "{text}");
        only_of(phone, &text);
        let snapshot = snapshot(phone);
        assert_eq!(snapshot["records"].as_array().map(Vec::len), Some(3), "{snapshot}");
        only_of(phone, &snapshot.to_string());
    }
}

/// Every `businessId` in a text is the phone's own.
fn only_of(phone: &Phone, text: &str) {
    let named: Vec<&str> = text.split(r#""businessId":""#).skip(1).collect();
    assert!(!named.is_empty(), "{text}");
    for rest in named {
        assert!(rest.starts_with(phone.business()), "another business in {text}");
    }
}

fn snapshot(phone: &Phone) -> Value {
    until("three records in the snapshot", || {
        let answer = phone.send("GET", "/sync/snapshot", None);
        let data = answer.data().clone();
        Some(data).filter(|data| data["records"].as_array().is_some_and(|all| all.len() >= 3))
    })
}

#[test]
fn nobody_writes_to_or_refers_to_another_business() {
    let (one, other) = two_businesses();
    one.push(&same_ids("Rosa de uno"));
    let before = Before::of(&one, 3);
    let none = Before::of(&other, 0);
    for (action, entity, id, code) in [
        ("update", "customers", "c1", "record_not_found"),
        ("delete", "customers", "c1", "record_not_found"),
        ("delete", "sales", "s1", "record_not_found"),
        ("delete", "abonos", "a1", "record_not_found"),
    ] {
        let result = other.push_one(&operation(entity, action, id, json!({"name": "Robada"})));
        assert_eq!(
            (&result["status"], &result["code"]),
            (&json!("blocked"), &json!(code)),
            "{result}"
        );
        assert!(result.get("record").is_none(), "{result}");
    }
    let item = operation("sale_items", "delete", "i1", json!({"saleId": "s1"}));
    assert_eq!(other.push_one(&item)["status"], "blocked");
    let debt = operation("sales", "insert", "s2", sale("c1"));
    assert_eq!(other.push_one(&debt)["code"], "missing_reference");
    let named = json!({"name": "Robada", "businessId": one.business(), "biz": one.business()});
    for method in ["PUT", "DELETE"] {
        let answer = other.send(method, "/customers/c1", Some(&named));
        assert_eq!(answer.failure(), "404 record_not_found", "{method}");
    }
    before.nothing_has_changed(&one);
    none.nothing_has_changed(&other);
}

#[test]
fn naming_another_business_in_a_request_changes_nothing() {
    let (one, other) = two_businesses();
    one.push(&same_ids("Rosa de uno"));
    one.feed_of(3);
    let (business, token) = (one.business(), one.token());
    let bearer = format!("Bearer {token}");
    let own = other.send("GET", "/sync/changes", None);
    assert_eq!(own.data()["changes"], json!([]));
    let mut attempts: Vec<Vec<(&str, &str)>> = Vec::new();
    for name in [
        "x-avileo-business",
        "X-Avileo-Business",
        "X-AVILEO-BUSINESS",
        "x_avileo_business",
        "x-avileo_business",
        "X_Avileo-Business",
    ] {
        attempts.push(vec![(name, business)]);
        attempts.push(vec![(name, business), (name, business)]);
    }
    for name in ["x-avileo-token", "X-Avileo-Token", "x_avileo_token", "x-avileo_token"] {
        attempts.push(vec![(name, token)]);
        attempts.push(vec![(name, token), ("x-avileo-business", business)]);
        attempts.push(vec![(name, token), ("x_avileo_business", business)]);
    }
    attempts.push(vec![("x-authorization", &bearer), ("proxy-authorization", &bearer)]);
    attempts.push(vec![("x-forwarded-for", business), ("x-original-url", "/api/sync/changes")]);
    for headers in attempts {
        let feed = other.send_with("GET", "/sync/changes", &headers, None);
        assert_eq!(feed.data(), own.data(), "{headers:?}");
        let snapshot = other.send_with("GET", "/sync/snapshot", &headers, None);
        assert_eq!(snapshot.data()["records"], json!([]), "{headers:?}");
        for path in ["/sync/changes", "/sync/snapshot"] {
            let stranger = other.send_raw("GET", path, &headers, None);
            assert_eq!(stranger.failure(), "401 missing_token", "{path} {headers:?}");
        }
    }
    for query in ["business", "businessId", "biz", "x-avileo-business", "token"] {
        let feed = other.send("GET", &format!("/sync/changes?{query}={business}"), None);
        assert_eq!(feed.data(), own.data(), "{query}");
    }
}

#[test]
fn a_push_with_anothers_headers_lands_in_the_senders_business() {
    let (one, other) = two_businesses();
    let before = Before::of(&one, 0);
    let mut insert = operation(
        "customers",
        "insert",
        "c1",
        json!({"name": "Rosa", "businessId": one.business()}),
    );
    insert["businessId"] = one.business().into();
    let mut batch = json!({"operations": [insert], "businessId": one.business()});
    batch["business"] = one.business().into();
    let headers = [("x-avileo-business", one.business()), ("x-avileo-token", one.token())];
    let path = format!("/sync/batch?business={}", one.business());
    let answer = other.send_with("POST", &path, &headers, Some(&batch));
    assert_eq!(answer.data()["results"][0]["record"]["businessId"], other.business());
    assert_eq!(other.feed_of(1).len(), 1);
    before.nothing_has_changed(&one);
}

#[test]
fn a_cursor_or_part_of_another_business_reads_nothing_of_it() {
    let (one, other) = two_businesses();
    one.push(&same_ids("Rosa de uno"));
    one.feed_of(3);
    let page = one.send("GET", "/sync/changes", None);
    let cursor = page.data()["nextSince"].as_str().expect("a cursor").to_owned();
    let answer = other.changes(&cursor, 100);
    assert_eq!(answer.failure(), "410 cursor_expired", "beyond the head of an empty feed");
    let answer =
        other.send("GET", &format!("/sync/snapshot?asOf={cursor}&part=customers%23c0"), None);
    assert!(answer.body["success"] == false, "{}", answer.body);
}

#[test]
fn a_team_is_seen_and_changed_by_its_own_administrator_only() {
    let (one, other) = two_businesses();
    let seller = one.seller();
    let team = other.send("GET", "/team", None);
    assert_eq!(team.data().as_array().map(Vec::len), Some(1), "{}", team.body);
    assert_eq!(team.data()[0]["id"], other.user());
    for (path, body) in [
        (format!("/team/{}/deactivate", seller.user()), json!({})),
        (format!("/team/{}/reset", seller.user()), json!({"password": "otra-clave"})),
        (format!("/team/{}/reset", one.user()), json!({"password": "otra-clave"})),
    ] {
        let answer = other.send("POST", &path, Some(&body));
        assert_eq!(answer.failure(), "404 record_not_found", "{path}");
    }
    assert_eq!(one.send("GET", "/team", None).data().as_array().map(Vec::len), Some(2));
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa"}));
    assert_eq!(seller.push_one(&insert)["status"], "applied");
}
