//! The table of `infra/edge/tests/cases.json`, in this engine and under njs, and what CloudFront's
//! platform refuses.

use std::net::IpAddr;
use std::process::Command;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use protocol::ErrorCode;
use serde_json::json;
use sha2::Sha256;

use super::*;
use crate::secrets::SigningKeys;

const EDGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../edge");
const FIRST: [u8; 32] = [1; 32];
const SECOND: [u8; 32] = [2; 32];
const VIEWER: &str = "192.0.2.7";

fn text(file: &str) -> String {
    std::fs::read_to_string(format!("{EDGE}/{file}")).unwrap()
}

fn keys() -> SigningKeys {
    let keys = json!({"k1": STANDARD.encode(FIRST), "k2": STANDARD.encode(SECOND)});
    SigningKeys::parse(&json!({"current": "k1", "keys": keys}).to_string()).unwrap()
}

fn store() -> KeyStore {
    KeyStore::holding(&keys()).unwrap()
}

fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// One row: the request, and what must become of it.
struct Case {
    name: String,
    request: ViewerRequest,
    token: String,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let rows: Vec<Value> = protocol::json::from_str(&text("tests/cases.json")).unwrap();
    assert!(rows.len() > 100);
    rows.iter().map(case).collect()
}

fn case(row: &Value) -> Case {
    let token = token(row.get("token").unwrap_or(&Value::Null));
    let mut headers = HeaderMap::new();
    let usual = json!({"authorization": "Bearer {token}"});
    let sent = row.get("headers").unwrap_or(&usual).as_object().unwrap();
    for (name, values) in sent {
        let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
        for value in values {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(&filled(&value, &token)).unwrap());
        }
    }
    let method = row["method"].as_str().unwrap_or("GET");
    let request = ViewerRequest {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: row["path"].as_str().unwrap_or("/api/sync/changes").into(),
        query: "since=1.0&limit=100".into(),
        headers,
        address: VIEWER.parse::<IpAddr>().unwrap(),
    };
    let expected = row["expect"].clone();
    Case { name: row["name"].as_str().unwrap().into(), request, token, expected }
}

fn filled(value: &Value, token: &str) -> String {
    let long = "a".repeat(9000);
    value.as_str().unwrap().replace("{token}", token).replace("{long}", &long)
}

fn token(described: &Value) -> String {
    let mut header = json!({"alg": "HS256", "kid": "k1", "typ": "JWT"});
    let mut payload = json!({"sub": "u1", "biz": "b1", "role": "VENDEDOR", "exp": "now+60"});
    change(&mut header, &described["header"]);
    change(&mut payload, &described["payload"]);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&payload));
    let key = match described["key"].as_str().unwrap_or("k1") {
        "k1" => FIRST.to_vec(),
        "k2" => SECOND.to_vec(),
        "empty" => Vec::new(),
        "text" => STANDARD.encode(FIRST).into_bytes(),
        _ => vec![9; 32],
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(signed.as_bytes());
    let mut signature = mac.finalize().into_bytes().to_vec();
    match described["signature"].as_str() {
        Some("") => signature.clear(),
        Some("cut") => signature.truncate(16),
        Some("longer") => signature.push(0),
        Some("flipped") => signature[31] ^= 1,
        _ => {}
    }
    change(&mut payload, &described["changedAfter"]);
    format!("{}.{}.{}", part(&header), part(&payload), URL_SAFE_NO_PAD.encode(signature))
}

/// `null` takes a field away; `now-60` is a moment; `pad` so many letters.
fn change(object: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        object[name] = if name == "pad" {
            json!("x".repeat(usize::try_from(value.as_u64().unwrap()).unwrap()))
        } else {
            value.clone()
        };
    }
    let fields = object.as_object_mut().unwrap();
    fields.retain(|_, value| !value.is_null());
    if let Some(moment) = fields.get("exp").and_then(Value::as_str)
        && let Some(offset) = moment.strip_prefix("now")
    {
        let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().unwrap() };
        fields["exp"] = json!(now_s() + offset);
    }
}

/// Compares what the function answered with what the row says.
fn check(case: &Case, answer: &Value) {
    let (name, expected) = (&case.name, &case.expected);
    if let Some(code) = expected["code"].as_str() {
        let code: ErrorCode = code.parse().unwrap();
        return check_refusal(name, code, answer);
    }
    assert_eq!(answer["uri"], expected["path"], "{name}: {answer}");
    assert_eq!(answer["method"], case.request.method.as_str(), "{name}");
    let headers = answer["headers"].as_object().unwrap();
    let value = |header: &str| headers.get(header).map_or(Value::Null, |h| h["value"].clone());
    assert_eq!(value("x-avileo-business"), expected["business"], "{name}");
    let token = if expected["business"].is_null() { Value::Null } else { json!(case.token) };
    assert_eq!(value("x-avileo-token"), token, "{name}");
    let is_page = expected.get("isPage").is_some();
    assert_eq!(value("x-avileo-address"), if is_page { Value::Null } else { json!(VIEWER) });
    assert_eq!(value("x-avileo-origin"), Value::Null, "{name}");
    for header in headers.keys() {
        let bare: String = header.chars().filter(char::is_ascii_alphanumeric).collect();
        let ours = ["xavileobusiness", "xavileotoken", "xavileoaddress"];
        let is_exact =
            header.starts_with("x-avileo-") && headers[header].get("multiValue").is_none();
        assert!(is_exact || !ours.contains(&bare.to_lowercase().as_str()), "{name}: {header}");
    }
    for (header, kept) in expected["kept"].as_object().into_iter().flatten() {
        assert_eq!(value(header), json!(filled(kept, &case.token)), "{name}");
    }
}

fn check_refusal(name: &str, code: ErrorCode, answer: &Value) {
    assert_eq!(answer["statusCode"], code.status(), "{name}: {answer}");
    assert_eq!(answer["headers"]["cache-control"]["value"], "no-store", "{name}");
    assert_eq!(answer["headers"]["content-type"]["value"], "application/json", "{name}");
    let body: Value = protocol::json::from_str(answer["body"]["data"].as_str().unwrap()).unwrap();
    let error = json!({"code": code.as_str(), "message": code.message()});
    assert_eq!(body, json!({"success": false, "error": error}), "{name}");
}

#[tokio::test]
async fn every_row_holds_in_this_engine() {
    let function = EdgeFunction::start(text("viewer-request.js"), store()).unwrap();
    for case in cases() {
        let answer = function.run(case.request.event().to_string()).await.unwrap();
        check(&case, &protocol::json::from_str(&answer).unwrap());
    }
}

#[test]
fn every_row_holds_under_njs() {
    let cases = cases();
    let folder = tempfile::tempdir().unwrap();
    let entries: serde_json::Map<String, Value> =
        keys().entries().map(|(kid, key)| (kid.to_owned(), json!(key))).collect();
    let module = format!("const ENTRIES = {};\n{}", json!(entries), text("tests/cloudfront.js"));
    std::fs::write(folder.path().join("cloudfront"), module).unwrap();
    let events: Vec<Value> = cases.iter().map(|case| case.request.event()).collect();
    let (function, run) = (text("viewer-request.js"), text("tests/run.js"));
    let script = folder.path().join("script.js");
    std::fs::write(&script, format!("{function}\nconst EVENTS = {};\n{run}", json!(events)))
        .unwrap();
    let mut njs = Command::new("njs");
    njs.arg("-p").arg(folder.path()).arg(&script).current_dir(folder.path());
    let output = njs.output().expect("njs is there: Debian has it, `cargo xtask test` installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    let answers = std::fs::read(folder.path().join("answers.json"));
    let answers: Vec<Value> =
        protocol::json::from_slice(&answers.unwrap_or_else(|_| panic!("{said}"))).unwrap();
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(&answers) {
        check(case, answer);
    }
}

/// Runs the function with one piece of it changed.
async fn changed(from: &str, to: &str) -> Result<Value, FunctionError> {
    let source = text("viewer-request.js");
    assert!(source.contains(from));
    let function = EdgeFunction::start(source.replacen(from, to, 1), store())?;
    let answer = function.run(case(&json!({"name": "", "expect": {}})).request.event().to_string());
    answer.await.map(|answer| protocol::json::from_str(&answer).unwrap())
}

#[tokio::test]
async fn an_app_older_than_the_minimum_is_told_so_on_the_feed_only() {
    let source =
        text("viewer-request.js").replacen("CLIENT_MINIMUM = ''", "CLIENT_MINIMUM = '2.1'", 1);
    let function = EdgeFunction::start(source, store()).unwrap();
    let ask = async |path: &str, client: Option<&str>| -> Value {
        let mut headers = json!({"authorization": "Bearer {token}"});
        if let Some(client) = client {
            headers["x-avileo-client"] = client.into();
        }
        let row = json!({"name": "", "path": path, "headers": headers, "expect": {}});
        let answer = function.run(case(&row).request.event().to_string()).await.unwrap();
        protocol::json::from_str(&answer).unwrap()
    };
    for old in ["1.9.9", "2.0.9", "2", "0.1.0", "", "dos", "2.1.0.0", "v2.1", "4294967296"] {
        let answer = ask("/api/sync/changes", Some(old)).await;
        check_refusal(old, ErrorCode::ClientTooOld, &answer);
        // The other routes are not cached: the functions say it there.
        assert!(ask("/api/sync/batch", Some(old)).await.get("statusCode").is_none(), "{old}");
    }
    for good in [Some("2.1.0"), Some("2.1"), Some("10.0.0"), None] {
        let answer = ask("/api/sync/changes", good).await;
        assert_eq!(answer["headers"]["x-avileo-business"]["value"], "b1", "{good:?}");
    }
}

#[test]
fn edge_and_functions_have_one_minimum() {
    let of = |text: &str, before: &str, quote: char| {
        Some(text.split_once(before)?.1.split(quote).next()?.to_owned())
    };
    let edge = of(&text("viewer-request.js"), "const CLIENT_MINIMUM = '", '\'').unwrap();
    // `CLIENT_MINIMUM: "2.1.0"` among the functions' variables; absent: any.
    let template = text("../../template.yaml");
    let functions = of(&template, "CLIENT_MINIMUM: \"", '"').unwrap_or_default();
    assert_eq!(template.contains("CLIENT_MINIMUM"), !functions.is_empty(), "as it is read here");
    assert_eq!(edge, functions);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_no_word_on_the_token() {
    let answer = changed("kvs.get(kid, { format: 'string' })", "kvs.list()").await.unwrap();
    check_refusal("list is not offered", ErrorCode::Unavailable, &answer);
}

#[tokio::test]
async fn what_cloudfront_does_not_offer_throws() {
    for asked in [
        "cf.updateRequestOrigin({})",
        "kvs.list()",
        "kvs.get",
        "crypto.randomBytes(8)",
        "crypto.createHmac('sha512', 'k')",
        "Buffer.allocUnsafe(8)",
        "eval('1')",
        "new Function('return 1')()",
        "setTimeout(() => 1, 1)",
        "fetch('https://example.com')",
        "require('fs')",
        "kvs.get = 1",
        "(() => { while (true) {} })()",
    ] {
        let to = format!("const event = given; {asked}; const request");
        let source = text("viewer-request.js").replacen("const request", &to, 1);
        let source = source.replacen("handler(event)", "handler(given)", 1);
        let function = EdgeFunction::start(source, store()).unwrap();
        let request = case(&json!({"name": "", "expect": {}})).request;
        let answer = function.run(request.event().to_string());
        let is_allowed = asked == "kvs.get";
        assert_eq!(answer.await.is_ok(), is_allowed, "{asked}");
    }
}

#[tokio::test]
async fn cloudfront_s_limits_are_kept() {
    let long = format!("{}\n// {}", text("viewer-request.js"), "x".repeat(10 * 1024));
    assert!(matches!(EdgeFunction::start(long, store()), Err(FunctionError::TooLong(_))));
    let module = changed("import crypto from 'crypto'", "import crypto from 'fs'").await;
    assert!(matches!(module, Err(FunctionError::Threw(_))));
}
