//! A function's answer as an HTTP response (payload format 2.0).

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::ErrorCode;
use serde_json::Value;

use super::{HOP_BY_HOP, problem};

/// The response for what `function` answered; an answer that is no response is our fault, a 500.
pub(super) fn response(function: &str, answer: &[u8]) -> Response<Body> {
    read(answer).unwrap_or_else(|why| {
        crate::console::line(&format!("{function}: its answer is no response: {why}"));
        problem(ErrorCode::Internal)
    })
}

fn read(answer: &[u8]) -> Result<Response<Body>, &'static str> {
    let answer: Value = protocol::json::from_slice(answer).map_err(|_| "it is no JSON")?;
    let Some(status) = answer.get("statusCode") else { return inferred(&answer) };
    let status = status
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..=599).contains(status))
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or("its statusCode is none")?;
    let mut response = Response::new(body(&answer)?);
    *response.status_mut() = status;
    let fields = answer.get("headers").and_then(Value::as_object);
    for (name, value) in fields.into_iter().flatten() {
        let value = as_text(value).ok_or("a header's value is no text")?;
        add(&mut response, name, &value)?;
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        add(&mut response, "set-cookie", cookie.as_str().ok_or("a cookie is no text")?)?;
    }
    let has_kind = response.headers().contains_key(header::CONTENT_TYPE);
    let has_body = answer.get("body").is_some_and(|body| !body.is_null() && body != "");
    if !has_kind && has_body {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    }
    Ok(response)
}

/// An answer without a status is the body of a 200.
fn inferred(answer: &Value) -> Result<Response<Body>, &'static str> {
    let body = answer.as_str().map_or_else(|| answer.to_string(), String::from);
    let mut response = Response::new(Body::from(body));
    add(&mut response, "content-type", "application/json")?;
    Ok(response)
}

fn body(answer: &Value) -> Result<Body, &'static str> {
    let is_base64 = answer.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false);
    match answer.get("body") {
        None | Some(Value::Null) => Ok(Body::empty()),
        Some(Value::String(text)) if is_base64 => {
            STANDARD.decode(text).map(Body::from).map_err(|_| "its body is no base64")
        }
        Some(Value::String(text)) => Ok(Body::from(text.clone())),
        Some(_) => Err("its body is no text"),
    }
}

fn add(response: &mut Response<Body>, name: &str, value: &str) -> Result<(), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header's name is none")?;
    let value = HeaderValue::from_str(value).map_err(|_| "a header's value is none")?;
    // The length is the body's own; the rest belongs to one connection.
    if name != header::CONTENT_LENGTH && !HOP_BY_HOP.contains(&name) {
        response.headers_mut().append(name, value);
    }
    Ok(())
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_headers_and_cookies_arrive() {
        let answer = br#"{"statusCode":201,"headers":{"etag":"W/\"1\"","content-length":"9"},
            "cookies":["a=1","b=2"],"body":"eA==","isBase64Encoded":true}"#;
        let response = response("f", answer);
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["etag"], "W/\"1\"");
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!response.headers().contains_key("content-length"));
    }

    #[test]
    fn an_answer_without_status_is_the_body_of_a_200() {
        let response = response("f", br#"{"hello":"x"}"#);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
    }

    #[test]
    fn what_is_no_response_is_an_internal_error() {
        for answer in [
            "nothing",
            r#"{"statusCode":"x"}"#,
            r#"{"statusCode":99}"#,
            r#"{"statusCode":200,"body":{}}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
        ] {
            assert_eq!(response("f", answer.as_bytes()).status(), 500, "{answer}");
        }
    }
}
