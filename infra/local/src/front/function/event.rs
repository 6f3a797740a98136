//! A viewer's request as the function's event, and what the function made of it.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html>.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::FunctionError;

/// A request as the viewer sent it, and later as the function left it.
#[derive(Debug, Clone)]
pub(crate) struct ViewerRequest {
    /// Its method.
    pub(crate) method: Method,
    /// Its path, percent-encoded as it came.
    pub(crate) path: String,
    /// What stands after the `?`, as it came.
    pub(crate) query: String,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Who asks.
    pub(crate) address: IpAddr,
}

/// What the function decided.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// On to the cache, so changed.
    Forward(ViewerRequest),
    /// This is the answer.
    Answer(Response<Bytes>),
}

impl ViewerRequest {
    /// The event of type `viewer-request`.
    pub(super) fn event(&self) -> Value {
        json!({
            "version": "1.0",
            "context": {
                "distributionDomainName": "local.cloudfront.net",
                "distributionId": "LOCAL",
                "eventType": "viewer-request",
                "requestId": uuid::Uuid::new_v4().to_string(),
            },
            "viewer": { "ip": self.address.to_string() },
            "request": {
                "method": self.method.as_str(),
                "uri": self.path,
                "querystring": fields(query_pairs(&self.query)),
                "headers": fields(self.header_pairs()),
                "cookies": fields(self.cookie_pairs()),
            },
        })
    }

    /// `answer`, which the function gave when it was `asked` with this request.
    ///
    /// # Errors
    ///
    /// When it is no answer, or changes what is not changed here.
    pub(super) fn after(mut self, asked: &Value, answer: &Value) -> Result<Verdict, FunctionError> {
        let wrong = |what: &str| FunctionError::NotUnderstood(what.to_owned());
        if answer.get("statusCode").is_some() {
            return response(answer).map(Verdict::Answer).ok_or_else(|| wrong("no response"));
        }
        for name in ["method", "querystring", "cookies"] {
            if answer[name] != asked[name] {
                return Err(wrong("a changed method, query or cookie, which is not done here"));
            }
        }
        answer["uri"].as_str().ok_or_else(|| wrong("no uri"))?.clone_into(&mut self.path);
        let fields = answer["headers"].as_object().ok_or_else(|| wrong("no headers"))?;
        let mut headers = HeaderMap::new();
        if let Some(cookie) = self.headers.get(header::COOKIE) {
            headers.insert(header::COOKIE, cookie.clone());
        }
        for (name, field) in fields {
            let known: HeaderName =
                name.parse().map_err(|_| wrong("a header's name that is none"))?;
            if asked["headers"].get(name) == Some(field) {
                for value in self.headers.get_all(&known) {
                    headers.append(known.clone(), value.clone());
                }
            } else {
                let value =
                    field["value"].as_str().and_then(|text| HeaderValue::from_str(text).ok());
                headers.insert(known, value.ok_or_else(|| wrong("a header's value that is none"))?);
            }
        }
        self.headers = headers;
        Ok(Verdict::Forward(self))
    }

    fn header_pairs(&self) -> Vec<(String, String)> {
        let named = self.headers.iter().filter(|(name, _)| **name != header::COOKIE);
        named
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect()
    }

    fn cookie_pairs(&self) -> Vec<(String, String)> {
        let values = self.headers.get_all(header::COOKIE).iter();
        let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let cookies = texts.iter().flat_map(|text| text.split(';'));
        cookies.filter_map(|cookie| cookie.trim().split_once('=')).map(owned).collect()
    }
}

/// The parameters of a query as they stand in it, not decoded.
pub(crate) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| owned(part.split_once('=').unwrap_or((part, "")))).collect()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// `{name: {value, multiValue?}}`.
fn fields(pairs: Vec<(String, String)>) -> Value {
    let mut fields = Map::new();
    for (name, value) in pairs {
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, json!({ "value": value }));
            }
            Some(field) => {
                if field.get("multiValue").is_none() {
                    field["multiValue"] = json!([{ "value": field["value"] }]);
                }
                if let Some(all) = field["multiValue"].as_array_mut() {
                    all.push(json!({ "value": value }));
                }
            }
        }
    }
    Value::Object(fields)
}

fn response(answer: &Value) -> Option<Response<Bytes>> {
    let status = u16::try_from(answer["statusCode"].as_u64()?).ok()?;
    let body = match &answer["body"] {
        Value::Null => Bytes::new(),
        Value::String(text) => Bytes::from(text.clone()),
        body => {
            let data = body["data"].as_str()?;
            match body["encoding"].as_str()? {
                "text" => Bytes::from(data.to_owned()),
                "base64" => Bytes::from(STANDARD.decode(data).ok()?),
                _ => return None,
            }
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, field) in answer["headers"].as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().ok()?;
        response.headers_mut().insert(name, HeaderValue::from_str(field["value"].as_str()?).ok()?);
    }
    Some(response)
}
