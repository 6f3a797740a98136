//! One request and what was answered, with names for what differs in every run.

use std::collections::BTreeMap;

use http_tests::{Answer, Phone, until};
use serde_json::{Value, json};

/// Says `request` in the words of this run; `names` has what stands for `{{name}}`.
///
/// A request with `until` is repeated until its answer has that field: the feed is written just
/// after a push is answered.
pub(super) fn say(phone: &Phone, request: &Value, names: &mut BTreeMap<String, String>) -> Answer {
    let text = names.iter().fold(request.to_string(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    });
    let filled: Value = serde_json::from_str(&text).expect("a request stays JSON");
    let text = |field: &str| filled[field].as_str().expect("a text").to_owned();
    let bearer = format!("Bearer {}", names.get("token").map_or("", String::as_str));
    let mut headers = vec![("x-avileo-client".to_owned(), "1.0.0".to_owned())];
    if filled["open"] != true {
        headers.push(("authorization".to_owned(), bearer));
    }
    for (name, value) in filled["headers"].as_object().into_iter().flatten() {
        headers.push((name.clone(), value.as_str().expect("a text").to_owned()));
    }
    let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let body = (!filled["body"].is_null()).then(|| filled["body"].to_string());
    let (method, path) = (text("method"), text("path"));
    let ask = || phone.send_raw(&method, &path, &headers, body.as_ref().map(String::as_bytes));
    let answer = match filled["until"].as_str() {
        None => ask(),
        Some(awaited) => until(&format!("{method} {path} to say {awaited}"), || {
            Some(ask()).filter(|answer| answer.body.to_string().contains(awaited))
        }),
    };
    learn(&answer.body, names);
    answer
}

/// Names for what the server made: tokens, the epoch, ids of people.
fn learn(body: &Value, names: &mut BTreeMap<String, String>) {
    let data = &body["data"];
    for (name, value) in [
        ("token", &data["token"]),
        ("refreshToken", &data["refreshToken"]),
        ("admin", &data["user"]["id"]),
        ("business", &data["user"]["businessId"]),
        ("cursor", &data["nextSince"]),
        ("asOf", &data["asOf"]),
    ] {
        if let Some(text) = value.as_str() {
            names.insert(name.to_owned(), text.to_owned());
        }
    }
    if let Some((epoch, _)) = names.get("cursor").and_then(|cursor| cursor.split_once('.')) {
        let epoch = epoch.to_owned();
        names.insert("epoch".to_owned(), epoch);
    }
}

/// What is kept of an answer.
pub(super) fn kept(answer: &Answer) -> Value {
    json!({"status": answer.status, "contentType": answer.headers.get("content-type"),
        "body": answer.body})
}

/// How `now` is unlike `then`, if it is: a field that is gone or of another type, or another word
/// where the words are the protocol's.
pub(super) fn difference(path: &str, then: &Value, now: &Value) -> Option<String> {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => then.iter().find_map(|(field, value)| {
            let path = format!("{path}.{field}");
            match now.get(field) {
                None => Some(format!("{path} is gone")),
                Some(present) if is_word(field, value) => {
                    (present != value).then(|| format!("{path} was {value} and is {present}"))
                }
                Some(present) => difference(&path, value, present),
            }
        }),
        (Value::Array(then), Value::Array(now)) => {
            if then.len() != now.len() {
                return Some(format!("{path} had {} and has {}", then.len(), now.len()));
            }
            let pairs = then.iter().zip(now).enumerate();
            pairs.into_iter().find_map(|(at, (a, b))| difference(&format!("{path}[{at}]"), a, b))
        }
        _ => (kind(then) != kind(now)).then(|| format!("{path} was {then} and is {now}")),
    }
}

/// Its value is the protocol's, or follows from what was sent; an operation id that no request
/// named was made by the server.
fn is_word(field: &str, value: &Value) -> bool {
    let is_made = field == "operationId" && !value.as_str().is_some_and(|id| id.starts_with("o-"));
    WORDS.contains(&field) && !value.is_object() && !is_made
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Fields whose value is part of the protocol, or follows from what was sent.
const WORDS: &[&str] = &[
    "status",
    "contentType",
    "success",
    "code",
    "entity",
    "action",
    "entityId",
    "operationId",
    "version",
    "retryable",
    "hasMore",
    "index",
    "number",
    "role",
    "amount",
    "totalAmount",
    "balanceDue",
    "subtotal",
    "amountPaid",
    "quantity",
    "estado",
    "kept",
    "lost",
    "field",
    "total",
    "succeeded",
    "failed",
];
