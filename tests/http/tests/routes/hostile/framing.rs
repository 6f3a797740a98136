//! Where one request ends and the next begins, and what is no HTTP at all.

use std::io::Write as _;

use http_tests::Stack;
use serde_json::json;

use super::raw::{Raw, ask, authorization, insert};
use crate::effect::Before;

/// `hidden` inside a request to the login, whose end is a matter of opinion.
fn disputed(hidden: &str) -> Vec<(&'static str, String)> {
    let login = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\n";
    let chunks = format!("0\r\n\r\n{hidden}");
    let whole = chunks.len();
    vec![
        (
            "length and chunks",
            format!("{login}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
        ),
        (
            "chunks and length",
            format!("{login}Transfer-Encoding: chunked\r\nContent-Length: {whole}\r\n\r\n{chunks}"),
        ),
        (
            "two lengths",
            format!("{login}Content-Length: {}\r\nContent-Length: 0\r\n\r\n{hidden}", hidden.len()),
        ),
        (
            "two lengths, the other first",
            format!("{login}Content-Length: 0\r\nContent-Length: {}\r\n\r\n{hidden}", hidden.len()),
        ),
        (
            "a list of lengths",
            format!("{login}Content-Length: 0, {}\r\n\r\n{hidden}", hidden.len()),
        ),
        ("a length with a sign", format!("{login}Content-Length: +0\r\n\r\n{hidden}")),
        ("a length in hex", format!("{login}Content-Length: 0x0\r\n\r\n{hidden}")),
        ("a length below zero", format!("{login}Content-Length: -1\r\n\r\n{hidden}")),
        (
            "a length without end",
            format!("{login}Content-Length: 18446744073709551616\r\n\r\n{hidden}"),
        ),
        ("a space before the colon", format!("{login}Content-Length : 5\r\n\r\n{hidden}")),
        ("chunks with a space", format!("{login}Transfer-Encoding : chunked\r\n\r\n{chunks}")),
        (
            "chunks after a tab of another kind",
            format!("{login}Transfer-Encoding:\x0bchunked\r\n\r\n{chunks}"),
        ),
        ("chunks folded", format!("{login}Transfer-Encoding:\r\n chunked\r\n\r\n{chunks}")),
        (
            "an encoding that nobody knows",
            format!("{login}Transfer-Encoding: xchunked\r\n\r\n{chunks}"),
        ),
        (
            "chunks that are not last",
            format!("{login}Transfer-Encoding: chunked, identity\r\n\r\n{chunks}"),
        ),
        (
            "a chunk's size below zero",
            format!("{login}Transfer-Encoding: chunked\r\n\r\n-1\r\n{hidden}"),
        ),
        (
            "a chunk's size in C",
            format!("{login}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{hidden}"),
        ),
        (
            "a chunk's size that overflows",
            format!("{login}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF0\r\n{hidden}"),
        ),
        ("a carriage return alone", format!("{login}X-A: b\rContent-Length: 0\r\n\r\n{hidden}")),
        ("a zero in a value", format!("{login}X-A: b\0c\r\n\r\n{hidden}")),
        ("a head that is folded", format!("{login}X-A: b\r\n Content-Length: 0\r\n\r\n{hidden}")),
    ]
}

#[test]
fn no_request_is_hidden_in_another() {
    let stack = Stack::shared();
    let admin = stack.business();
    let before = Before::of(&admin, 0);
    for (what, request) in disputed(&insert(&admin, "hidden")) {
        let said = ask(stack, &request);
        assert_eq!(said.statuses(), [400], "{what}: {}", said.text);
        assert!(said.is_closed, "{what}: nothing more may be read from it");
    }
    before.nothing_has_changed(&admin);
}

#[test]
fn what_has_been_said_plainly_is_read_one_by_one() {
    let stack = Stack::shared();
    let admin = stack.business();
    // The check of the checks above: the hidden request is a good one where it is not hidden.
    let two = format!("{}{}", insert(&admin, "first"), insert(&admin, "second"));
    assert_eq!(ask(stack, &two).statuses(), [201, 201]);
    assert_eq!(admin.feed_of(2).len(), 2);
    let body = r#"{"id":"third","name":"En trozos"}"#;
    let (one, other) = body.split_at(9);
    let chunked = format!(
        "POST /api/customers HTTP/1.1\r\nHost: a\r\n{}Transfer-Encoding: chunked\r\n\r\n\
         {:x};a=b\r\n{one}\r\n{:X}\r\n{other}\r\n0\r\nX-Avileo-Business: otro\r\n\r\n",
        authorization(&admin),
        one.len(),
        other.len()
    );
    assert_eq!(ask(stack, &chunked).statuses(), [201]);
}

#[test]
fn what_is_no_http_of_ours_is_refused_and_ended() {
    let stack = Stack::shared();
    let get = "GET /api/health HTTP/1.1\r\nHost: a\r\n";
    let many = "X-A: b\r\n".repeat(200);
    let cases = [
        ("garbage", "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03hola\r\n\r\n".to_owned(), 400),
        ("no version", "GET /api/health\r\n\r\n".to_owned(), 400),
        ("a version to come", "GET /api/health HTTP/9.9\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("a method that is none", "G(T /api/health HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("a zero in the path", "GET /api/\0 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("a name with a space", format!("{get}X A: b\r\n\r\n"), 400),
        ("no host", "GET /api/health HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), 400),
        ("two hosts", format!("{get}Host: b\r\nConnection: close\r\n\r\n"), 400),
        ("a header without end", format!("{get}X-A: {}\r\n\r\n", "a".repeat(100_000)), 431),
        ("headers without end", format!("{get}{many}\r\n"), 431),
        (
            "a path without end",
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(100_000)),
            431,
        ),
    ];
    for (what, request, status) in cases {
        let said = ask(stack, &request);
        assert_eq!(said.statuses(), [status], "{what}: {}", said.text);
        assert!(said.is_closed, "{what}");
    }
    let said = ask(stack, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(said.text.is_empty() && said.is_closed, "HTTP/2 without TLS: {}", said.text);
}

#[test]
fn a_foreign_host_is_neither_asked_nor_repeated() {
    let stack = Stack::shared();
    for request in [
        "GET http://evil.example/api/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a@evil.example/api/health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /api/health HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n",
        "GET //evil.example/%2e%2e HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\\evil.example HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /api HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /api/auth/login?next=https://evil.example HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /api/health%0d%0aLocation:%20https://evil.example HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    ] {
        let said = ask(stack, request);
        let [status] = said.statuses()[..] else { panic!("{request}: {}", said.text) };
        assert!(!(300..400).contains(&status), "{request}: {}", said.text);
        assert!(!said.text.contains("evil.example"), "{request}: {}", said.text);
        assert!(!said.text.to_lowercase().contains("\nlocation:"), "{request}: {}", said.text);
    }
}

#[test]
fn half_a_body_is_none() {
    let stack = Stack::shared();
    let admin = stack.business();
    let before = Before::of(&admin, 0);
    let request = insert(&admin, "half");
    let cut = &request[..request.len() - 1];
    Raw::open(stack).say(cut).hang_up().listen();
    // A whole customer, and a length that promises more.
    let more = request.replace("Content-Length: ", "Content-Length: 9");
    Raw::open(stack).say(&more).hang_up().listen();
    before.nothing_has_changed(&admin);
}

#[test]
fn a_compressed_body_is_not_unpacked() {
    let stack = Stack::shared();
    let admin = stack.business();
    let before = Before::of(&admin, 0);
    // A hundred megabytes of spaces, as one phone's batch: 100 KB of stored gzip would do as well.
    let bomb = zeros_gzipped();
    let mut request = format!(
        "POST /api/sync/batch HTTP/1.1\r\nHost: a\r\n{}Content-Encoding: gzip\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        authorization(&admin),
        bomb.len()
    )
    .into_bytes();
    request.write_all(&bomb).expect("a list takes every write");
    let said = ask(stack, &request);
    assert_eq!(said.statuses(), [400], "{}", said.text);
    assert!(said.text.contains("invalid_json"), "{}", said.text);
    before.nothing_has_changed(&admin);
}

/// gzip of many megabytes of nothing: one deflate block with a distance of one, repeated.
fn zeros_gzipped() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xec, 0xc1, 1, 1, 0, 0];
    bytes.extend(std::iter::repeat_n(0, 100_000));
    bytes
}

#[test]
fn json_is_json_whatever_its_type_is_said_to_be() {
    let admin = Stack::shared().business();
    let bearer = format!("Bearer {}", admin.token());
    for (at, kind) in [
        "text/html",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "a",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"id": format!("c{at}"), "name": "Rosa"}).to_string();
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let answer = admin.send_raw("POST", "/customers", &headers, Some(body.as_bytes()));
        assert_eq!(answer.status, 201, "{kind}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/json", "{kind}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{kind}");
    }
}
