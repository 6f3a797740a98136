//! The edge's cache: nobody puts into it what others then read, and no spelling goes around it.

use std::collections::BTreeSet;

use http_tests::{Phone, Stack, operation};
use serde_json::{Value, json};

use super::raw::{ask, authorization};

/// What a stranger, or another phone of the business, may add to a request. None of it is part of
/// the key, so none of it may show in the page.
const HEADERS: &[&str] = &[
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-For: 9.9.9.9",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Prefix: /evil",
    "Forwarded: host=evil.example",
    "X-Original-URL: /api/auth/login",
    "X-Rewrite-URL: /api/auth/login",
    "X-HTTP-Method-Override: POST",
    "x-avileo-business: otro",
    "X-Avileo-Business: otro",
    "x_avileo_business: otro",
    "x-avileo-token: otro",
    "X-AVILEO.TOKEN: otro",
    "x-avileo-address: 9.9.9.9",
    "x-avileo-client: 0.0.1",
    "Connection: x-avileo-business, x-avileo-token",
    "Cookie: x-avileo-business=otro; a=b",
    "Range: bytes=0-10",
    "If-None-Match: *",
    "If-Match: \"7\"",
    "If-Modified-Since: Sun, 22 Nov 2099 00:00:00 GMT",
    "Accept: text/html",
    "Accept-Encoding: gzip;q=0, br;q=0",
    "Accept-Encoding: deflate, zstd",
    "Cache-Control: no-cache",
    "Cache-Control: no-store",
    "Pragma: no-cache",
    "Origin: https://evil.example",
    "Content-Type: text/html",
    "Idempotency-Key: a",
    "Content-Length: 0",
    "Expect: 100-continue",
];

#[test]
fn what_is_not_in_the_key_changes_no_page() {
    let stack = Stack::shared();
    let (admin, epoch) = hundred(stack);
    let feed = admin.feed_of(100);
    for (at, header) in HEADERS.iter().enumerate() {
        // Each header gets a sealed page that nobody has asked for before.
        let path = format!("/sync/changes?since={epoch}.{at}&limit={}", 100 - at);
        let said = ask(stack, get(&path, &format!("{header}\r\n{}", authorization(&admin))));
        assert!(!said.text.contains("evil.example"), "{header}: {}", said.text);
        let [status] = said.statuses()[..] else { panic!("{header}: {}", said.text) };
        assert!([200, 206, 304, 412].contains(&status), "{header}: {}", said.text);
        let honest = admin.send("GET", &path, None);
        assert_eq!(honest.data()["changes"], json!(feed[at..]), "after {header}");
        assert_eq!(honest.data()["nextSince"], format!("{epoch}.100"), "after {header}");
        assert!(honest.headers["cache-control"].contains("immutable"), "after {header}");
    }
}

#[test]
fn a_refused_request_leaves_nothing_behind() {
    let stack = Stack::shared();
    let (admin, epoch) = hundred(stack);
    let feed = admin.feed_of(100);
    let other = stack.business();
    for (at, who) in
        ["", "Authorization: Bearer x\r\n", &authorization(&other)].into_iter().enumerate()
    {
        let path = format!("/sync/changes?since={epoch}.{at}&limit={}", 100 - at);
        for _ in 0..2 {
            let said = ask(stack, get(&path, who));
            assert!(!said.text.contains(admin.business()), "{who}: {}", said.text);
        }
        let honest = admin.send("GET", &path, None);
        assert_eq!(honest.data()["changes"], json!(feed[at..]), "after {who}");
    }
}

#[test]
fn no_spelling_of_the_feeds_path_goes_around_its_check() {
    let stack = Stack::shared();
    let admin = stack.business();
    admin.push_one(&operation("customers", "insert", "c1", json!({"name": "Rosa"})));
    admin.feed_of(1);
    let business =
        format!("x-avileo-business: {}\r\nx-avileo-token: {}\r\n", admin.business(), admin.token());
    for path in [
        "/api//sync/changes",
        "/api/sync//changes",
        "//api/sync/changes",
        "/api/./sync/changes",
        "/api/sync/../sync/changes",
        "/api/sync/%2e%2e/sync/changes",
        "/api/%2e%2e/api/sync/changes",
        "/api/sync/changes/",
        "/api/sync/changes/.",
        "/api/sync/changes;a=b",
        "/api/sync/changes.js",
        "/api/sync/changes%3F",
        "/api/sync/changes%00",
        "/api/sync/changes%20",
        "/api/sync%2fchanges",
        "/api/sync%5cchanges",
        "/api/%73ync/changes",
        "/%61pi/sync/changes",
        "/API/sync/changes",
        "/api/SYNC/changes",
        "/api\\sync\\changes",
        "/sync/changes",
        "/health",
    ] {
        for who in [business.clone(), format!("{business}{}", authorization(&admin))] {
            let said = ask(
                stack,
                format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{who}\r\n"),
            );
            assert!(!said.text.contains("nextSince"), "{path}: {}", said.text);
            assert!(!said.text.contains("Rosa"), "{path}: {}", said.text);
            assert!(!said.text.contains("\r\nlocation:"), "{path}: {}", said.text);
        }
    }
    for (path, answered) in
        [("/sync/changes", 401), ("/sync/changes?", 401), ("/sync/changes#a", 401)]
    {
        assert_eq!(ask(stack, get(path, &business)).statuses(), [answered], "{path}");
    }
}

#[test]
fn parameters_that_are_spelled_twice_are_one_page_or_none() {
    let stack = Stack::shared();
    let (admin, epoch) = hundred(stack);
    let feed = admin.feed_of(100);
    let mut pages = BTreeSet::new();
    for query in [
        format!("since={epoch}.90&limit=10"),
        format!("limit=10&since={epoch}.90"),
        format!("since={epoch}.90&limit=10&since={epoch}.0"),
        format!("since={epoch}.90&since={epoch}.0&limit=10"),
        format!("since={epoch}.90&limit=10&SINCE={epoch}.0&Limit=1"),
        format!("since={epoch}.90&limit=10&%73ince={epoch}.0"),
        format!("since={epoch}.90&limit=10;since={epoch}.0"),
        format!("since={epoch}.90&limit=10&since"),
        format!("since={epoch}%2E90&limit=10"),
        format!("since={epoch}.90&limit=010"),
        format!("since={epoch}.90&limit=+10"),
    ] {
        let answer = admin.send("GET", &format!("/sync/changes?{query}"), None);
        if answer.status == 200 {
            assert_eq!(answer.data()["changes"], json!(feed[90..]), "{query}");
            pages.insert(answer.headers["cache-control"].clone());
        } else {
            assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        }
    }
    assert!(!pages.is_empty());
}

/// A business with a hundred changes, and its epoch.
fn hundred(stack: &Stack) -> (Phone, u64) {
    let admin = stack.business();
    for half in 0..2 {
        let inserts: Vec<Value> = (0..50)
            .map(|at| {
                let id = format!("c{half}-{at}");
                operation("customers", "insert", &id, json!({"name": "Rosa"}))
            })
            .collect();
        let results = admin.push(&inserts);
        assert!(results.iter().all(|result| result["status"] == "applied"), "{results:?}");
    }
    admin.feed_of(100);
    let page = admin.send("GET", "/sync/changes", None);
    let cursor = page.data()["nextSince"].as_str().expect("a cursor").to_owned();
    let epoch = cursor.split('.').next().expect("an epoch").parse().expect("a number");
    (admin, epoch)
}

fn get(path: &str, headers: &str) -> String {
    format!("GET /api{path} HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n")
}
