//! A request as a function gets it: API Gateway's payload format 2.0, to the letter.
//!
//! See <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
//! As there, the path comes decoded and the query string does not.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::routes::{Route, decoded};
use super::{GatewayRequest, HOP_BY_HOP};
use crate::template::ACCOUNT;

/// The event for `request` on `route`.
pub(super) fn event(
    route: &Route,
    parameters: &BTreeMap<String, String>,
    request: &GatewayRequest,
) -> Bytes {
    let path = decoded(&request.path);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers(request),
        "requestContext": context(route, request, &path),
        "isBase64Encoded": false,
    });
    let cookies = cookies(&request.headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    let query = query_parameters(&request.query);
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !parameters.is_empty() {
        event["pathParameters"] = json!(parameters);
    }
    if !request.body.is_empty() {
        let (body, is_base64) = body(&request.headers, &request.body);
        event["body"] = Value::String(body);
        event["isBase64Encoded"] = Value::Bool(is_base64);
    }
    Bytes::from(event.to_string())
}

fn context(route: &Route, request: &GatewayRequest, path: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let now_ms = i64::try_from(now).unwrap_or(i64::MAX);
    let time = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let agent = request.headers.get(header::USER_AGENT).map(text).unwrap_or_default();
    let domain = request.headers.get(header::HOST).map(text).unwrap_or_default();
    json!({
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split(['.', ':']).next(),
        "http": {
            "method": route_method(route, request),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source.to_string(),
            "userAgent": agent,
        },
        "requestId": uuid::Uuid::new_v4().to_string(),
        "routeKey": route.key,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now_ms,
    })
}

/// HEAD on a route of GET is a GET whose body nobody sees.
fn route_method<'a>(route: &Route, request: &'a GatewayRequest) -> &'a str {
    let of_get = route.key.starts_with("GET ");
    if of_get { "GET" } else { request.method.as_str() }
}

/// Lower-case names, values of one name joined by commas, cookies apart.
fn headers(request: &GatewayRequest) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &request.headers {
        if HOP_BY_HOP.contains(name) || name == header::COOKIE {
            continue;
        }
        let joined = headers.entry(name.as_str().into()).or_default();
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(&text(value));
    }
    headers.insert("content-length".into(), request.body.len().to_string());
    headers.insert("x-forwarded-for".into(), request.source.to_string());
    headers.insert("x-forwarded-proto".into(), "http".into());
    headers
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().map(text);
    lines
        .flat_map(|line| line.split(';').map(|c| c.trim().to_string()).collect::<Vec<_>>())
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded; values of one name joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (form_decoded(name), form_decoded(value));
        parameters
            .entry(name)
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

fn form_decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Text stays text; everything else, and text that is no UTF-8, is base64.
fn body(headers: &HeaderMap, body: &Bytes) -> (String, bool) {
    let kind = headers.get(header::CONTENT_TYPE).map(text).unwrap_or_default().to_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_text = kind.starts_with("text/") || TEXT_KINDS.contains(&kind);
    match std::str::from_utf8(body) {
        Ok(body) if is_text => (body.into(), false),
        _ => (STANDARD.encode(body), true),
    }
}

fn text(value: &axum::http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

const TEXT_KINDS: [&str; 3] = ["application/json", "application/xml", "application/javascript"];

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_parameter_given_twice_is_joined_by_a_comma() {
        let parameters = query_parameters("since=a%2Cb&since=c+d&empty&=x");
        assert_eq!(parameters["since"], "a,b,c d");
        assert_eq!(parameters["empty"], "");
    }

    #[test]
    fn only_text_travels_as_text() {
        let of = |kind: &'static str, bytes: &'static [u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            body(&headers, &Bytes::from_static(bytes))
        };
        assert_eq!(of("application/json; charset=utf-8", b"{}"), ("{}".into(), false));
        assert_eq!(of("application/octet-stream", b"{}"), ("e30=".into(), true));
        assert_eq!(of("application/json", &[0xff]), ("/w==".into(), true));
    }
}
