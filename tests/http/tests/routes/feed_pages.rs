//! Pages of the feed as caches and careless callers see them.

use http_tests::{Phone, Stack, operation, until};
use serde_json::{Value, json};

use crate::feed::epoch;

fn push_customers(phone: &Phone, from: usize, count: usize) {
    for batch in (from..from + count).collect::<Vec<_>>().chunks(50) {
        let insert = |at: &usize| {
            operation("customers", "insert", &format!("c{at}"), json!({"name": "Rosa"}))
        };
        phone.push(&batch.iter().map(insert).collect::<Vec<_>>());
    }
    Stack::shared().stream_is_worked_off();
}

const SEALED: &str = "public, max-age=0, s-maxage=31536000, immutable";
const TAIL: &str = "public, max-age=0, s-maxage=1, stale-if-error=3600";

#[test]
fn a_sealed_page_is_the_same_for_ever_and_a_tail_lives_a_second() {
    let phone = Stack::shared().business();
    let epoch = epoch(&phone);
    push_customers(&phone, 0, 120);
    let get = |since: usize, limit: usize| phone.changes(&format!("{epoch}.{since}"), limit as u64);
    let mut sealed = Vec::new();
    for (since, limit) in [(0, 100), (10, 90), (50, 50), (99, 1)] {
        let page = get(since, limit);
        assert_eq!(page.headers["cache-control"], SEALED, "{since}+{limit}");
        assert!(!page.headers.contains_key("etag"));
        assert!(page.data().get("head").is_none(), "a sealed page never has a head");
        assert_eq!(page.data()["hasMore"], true);
        assert_eq!(page.data()["nextSince"], format!("{epoch}.100"));
        sealed.push(((since, limit), page.data().clone()));
    }
    for (since, limit) in [(100, 100), (110, 90), (120, 80), (0, 99), (100, 20), (119, 1)] {
        let page = get(since, limit);
        assert_eq!(page.headers["cache-control"], TAIL, "{since}+{limit}");
        assert!(page.headers["etag"].starts_with("W/\""));
        assert_eq!(page.data()["head"], 120);
        assert_eq!(page.data()["hasMore"], since + limit < 120);
    }
    let start = phone.send("GET", "/sync/changes", None);
    assert_eq!(start.headers["cache-control"], "no-store", "its URL names no epoch");
    push_customers(&phone, 120, 80);
    for ((since, limit), before) in sealed {
        assert_eq!(*get(since, limit).data(), before, "{since}+{limit}");
    }
    // The head stands on the boundary: the page before it is sealed, once the edge has let go of
    // the tail that it was, and the one after is a tail.
    until("a sealed page", || (get(100, 100).headers["cache-control"] == SEALED).then_some(()));
    let empty = get(200, 100);
    assert_eq!(empty.headers["cache-control"], TAIL);
    assert_eq!(empty.data()["changes"], json!([]));
    assert_eq!((&empty.data()["hasMore"], &empty.data()["head"]), (&json!(false), &json!(200)));
    assert_eq!(empty.data()["digest"], get(199, 1).data()["digest"]);
}

#[test]
fn a_tail_that_has_not_changed_is_answered_304() {
    let phone = Stack::shared().business();
    push_customers(&phone, 0, 3);
    let path = format!("/sync/changes?since={}.0&limit=100", epoch(&phone));
    let first = phone.send("GET", &path, None);
    let tag = first.headers["etag"].clone();
    let known = [("if-none-match", tag.as_str())];
    let same = phone.send_with("GET", &path, &known, None);
    assert_eq!(same.status, 304);
    assert_eq!(same.headers["etag"], tag);
    assert_eq!(same.headers["cache-control"], TAIL);
    assert_eq!(same.body, Value::Null);
    for among in
        [format!("\"x\", {tag}"), format!("{tag}, W/\"y\""), tag.replace("W/", ""), "*".into()]
    {
        let answer = phone.send_with("GET", &path, &[("if-none-match", &among)], None);
        assert_eq!(answer.status, 304, "{among}");
    }
    push_customers(&phone, 3, 1);
    // The edge may keep a tail for a second.
    let news = until("a tail with the news", || {
        Some(phone.send_with("GET", &path, &known, None)).filter(|answer| answer.status == 200)
    });
    assert_ne!(news.headers["etag"], tag);
    assert_eq!(news.data()["changes"].as_array().unwrap().len(), 4);
    let other_range = path.replace("limit=100", "limit=99");
    assert_ne!(phone.send("GET", &other_range, None).headers["etag"], news.headers["etag"]);
}

#[test]
fn a_cursor_that_does_not_stand_in_the_feed_is_told_where_the_snapshot_is() {
    let phone = Stack::shared().business();
    push_customers(&phone, 0, 3);
    let epoch: u64 = epoch(&phone).parse().unwrap();
    for since in
        [format!("{}.1", epoch + 1), format!("{}.1", epoch - 1), "0.0".into(), format!("{epoch}.4")]
    {
        let answer = phone.changes(&since, 100);
        assert_eq!(answer.failure(), "410 cursor_expired", "{since}");
        assert_eq!(answer.body["error"]["details"]["snapshot"], "/api/sync/snapshot");
        assert_eq!(answer.headers["cache-control"], "no-store", "errors are never cached");
    }
}

#[test]
fn what_is_no_cursor_or_no_limit_is_refused() {
    let phone = Stack::shared().business();
    push_customers(&phone, 0, 3);
    let epoch = epoch(&phone);
    let garbage = [
        "",
        "hola",
        "1",
        ".",
        "1.",
        ".1",
        "01.1",
        "1.01",
        "%2B1.1",
        "1.-1",
        "1.1.1",
        "1,1",
        "%20",
        "2026-11-22T13:05:00.000Z",
        "99999999999999999.1",
        "1.99999999999999999",
        "%00",
        "%FF",
        "undefined",
        "null",
    ];
    for since in garbage {
        let answer = phone.send("GET", &format!("/sync/changes?since={since}"), None);
        assert_eq!(answer.failure(), "400 invalid_cursor", "{since:?}");
    }
    for limit in ["0", "101", "diez", "", "-1", "+1", "1.5", "1e1", "010", "99999999999999999999"] {
        let path = format!("/sync/changes?since={epoch}.0&limit={limit}");
        let answer = phone.send("GET", &path, None);
        assert_eq!(answer.failure(), "400 invalid_request", "{limit:?}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    for twice in [
        format!("since={epoch}.0&since={epoch}.0"),
        format!("since={epoch}.0&since={epoch}.1"),
        format!("since={epoch}.0&limit=10&limit=10"),
    ] {
        let answer = phone.send("GET", &format!("/sync/changes?{twice}"), None);
        assert_eq!(answer.failure(), "400 invalid_request", "{twice}");
    }
}

#[test]
fn a_cursor_anywhere_is_served_exactly() {
    let phone = Stack::shared().business();
    push_customers(&phone, 0, 13);
    let epoch = epoch(&phone);
    let feed = phone.feed();
    for since in 0..=13 {
        let page = phone.changes(&format!("{epoch}.{since}"), 5);
        let end = (since + 5).min(13);
        assert_eq!(page.data()["changes"], json!(feed[since..end]));
        assert_eq!(page.data()["nextSince"], format!("{epoch}.{end}"));
    }
}

#[test]
fn a_missing_change_is_an_error_and_never_a_short_page() {
    let stack = Stack::shared();
    let phone = stack.business();
    push_customers(&phone, 0, 6);
    let epoch = epoch(&phone);
    let key =
        json!({"business": {"S": phone.business()}, "change": {"S": "change#0000000000000004"}});
    stack.dynamodb("DeleteItem", json!({"TableName": "ChangesTable", "Key": key}));
    for (since, limit) in [(0, 100), (3, 1), (2, 2)] {
        let answer = phone.changes(&format!("{epoch}.{since}"), limit);
        assert_eq!(answer.failure(), "500 feed_gap");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    assert_eq!(phone.changes(&format!("{epoch}.4"), 100).status, 200);
}
