//! What a phone says to the edge, each request in a thread of its own.

use std::sync::LazyLock;
use std::time::Duration;

use engine::{Answer, Method, RefreshFault, Request, TransportFault};
use protocol::Session;
use serde_json::{Value, json};
use ureq::Agent;

/// Performs a request of the engine.
pub(super) fn send(url: &str, token: &str, request: &Request) -> Result<Answer, TransportFault> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-avileo-client", "chaos 1.0.0")];
    exchange(method, &format!("{url}/api{}", request.path), &headers, request.body.as_deref())
}

/// Gets a new token by the refresh token.
pub(super) fn refresh(url: &str, refresh_token: &str) -> Result<Session, RefreshFault> {
    let body = json!({"refreshToken": refresh_token});
    match session(url, "/auth/refresh", &body) {
        Ok(session) => Ok(session),
        Err(Some(refusal)) if refusal.0 == 401 => Err(RefreshFault::Refused),
        Err(_) => Err(RefreshFault::Unreachable),
    }
}

/// Signs in with the password.
pub(crate) fn log_in(url: &str, email: &str, password: &str) -> Option<Session> {
    session(url, "/auth/login", &json!({"email": email, "password": password})).ok()
}

/// Asks for a session; else status and body of a failure that is ours.
fn session(url: &str, path: &str, body: &Value) -> Result<Session, Option<(u16, Value)>> {
    let body = body.to_string();
    let answer = exchange("POST", &format!("{url}/api{path}"), &[], Some(&body));
    let answer = answer.map_err(|_| None)?;
    let mut body: Value = serde_json::from_str(&answer.body).map_err(|_| None)?;
    if body["success"] == true {
        return serde_json::from_value(body["data"].take()).map_err(|_| None);
    }
    Err(body["error"]["code"].is_string().then_some((answer.status, body)))
}

/// A request and whatever comes back whole.
pub(crate) fn exchange(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Result<Answer, TransportFault> {
    static AGENT: LazyLock<Agent> = LazyLock::new(|| {
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_global(Some(PATIENCE))
            .build()
            .into()
    });
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json")
        .header("connection", "close");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.unwrap_or_default().to_owned()).expect("a request");
    let mut response = AGENT.run(request).map_err(|error| match error {
        ureq::Error::Timeout(_) => TransportFault::Timeout,
        _ => TransportFault::Network,
    })?;
    let text = response.body_mut().with_config().limit(16 << 20).read_to_string();
    let header = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    Ok(Answer {
        status: response.status().as_u16(),
        date: header("date"),
        retry_after: header("retry-after"),
        body: text.map_err(|_| TransportFault::Network)?,
    })
}

const PATIENCE: Duration = Duration::from_secs(45);
