//! Between functions and DynamoDB: counts calls, and makes them fail.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::runtime::Runtime;
use ureq::Agent;

use crate::unprocessed::{self, Halves};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// It is refused as too fast.
    Throttle,
    /// The store says 500 before it has done anything.
    Fail,
    /// It goes through, and the reply is lost.
    LoseReply,
    /// It goes through after so long.
    Hang(Duration),
    /// A transaction, or a single write, is cancelled because another one touches its items.
    Conflict,
    /// Every other key or item of a batch is left unprocessed; other calls go through.
    Unprocessed,
}

type Rule = dyn Fn(&str, &[u8]) -> Fate + Send + Sync;

/// A proxy in front of the store; stops when dropped.
pub struct StoreProxy {
    url: String,
    shared: Arc<Shared>,
    _runtime: Runtime,
}

struct Shared {
    upstream: RwLock<Option<String>>,
    agent: Agent,
    rules: Mutex<Vec<Arc<Rule>>>,
    used: Mutex<BTreeSet<Permission>>,
}

/// What a call needs leave for: `SyncBatchFunction` · `dynamodb:PutItem` · `RecordsTable`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The function, by its logical id.
    pub function: String,
    /// As a policy names it.
    pub action: String,
    /// A table's logical id, or `{table}/index/{index}`.
    pub resource: String,
}

impl std::fmt::Debug for StoreProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreProxy").field("url", &self.url).finish_non_exhaustive()
    }
}

impl StoreProxy {
    /// A proxy in front of nothing yet: until [`stand_before`](Self::stand_before) every call fails.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            upstream: RwLock::default(),
            agent: Agent::config_builder().http_status_as_error(false).build().into(),
            rules: Mutex::default(),
            used: Mutex::default(),
        });
        let runtime = Runtime::new().expect("a runtime");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket"));
        let routes = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            axum::serve(listener, routes).await.expect("serves until it is dropped");
        });
        Self { url, shared, _runtime: runtime }
    }

    /// From now on calls go to the DynamoDB interface at `upstream`.
    pub fn stand_before(&self, upstream: &str) {
        let mut place = self.shared.upstream.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(upstream.to_owned());
    }

    /// Where functions find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on `rule` sees every call, its operation (`TransactWriteItems`) and body, and says
    /// what happens to it; where several rules do, the first that does not let it pass.
    ///
    /// Tests that share a proxy tell their calls by the business that stands in the body.
    pub fn rule(&self, rule: impl Fn(&str, &[u8]) -> Fate + Send + Sync + 'static) {
        self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::new(rule));
    }

    /// What all calls so far needed leave for.
    pub fn used_permissions(&self) -> BTreeSet<Permission> {
        self.shared.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts, from now on, the calls of which `counted` is true.
    pub fn count(
        &self,
        counted: impl Fn(&str, &str) -> bool + Send + Sync + 'static,
    ) -> Arc<Mutex<BTreeMap<String, usize>>> {
        let counts: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let shared = Arc::clone(&counts);
        self.rule(move |operation, body| {
            if counted(operation, &String::from_utf8_lossy(body)) {
                let mut counts = shared.lock().unwrap_or_else(PoisonError::into_inner);
                *counts.entry(operation.to_owned()).or_default() += 1;
            }
            Fate::Pass
        });
        counts
    }
}

async fn forward(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let forwarded = tokio::task::spawn_blocking(move || shared.forward(&headers, &body));
    forwarded.await.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

impl Shared {
    fn forward(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation = target.and_then(|target| target.split('.').next_back()).unwrap_or("?");
        if let Some(function) = caller(headers) {
            let needed = needed_permissions(function, operation, body);
            self.used.lock().unwrap_or_else(PoisonError::into_inner).extend(needed);
        }
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fates: Vec<Fate> = rules.iter().map(|rule| rule(operation, body)).collect();
        match fates.into_iter().find(|fate| *fate != Fate::Pass).unwrap_or(Fate::Pass) {
            Fate::Pass => self.pass(headers, body),
            Fate::Throttle => error(400, "ProvisionedThroughputExceededException"),
            Fate::Fail => error(500, "InternalServerError"),
            Fate::LoseReply => {
                drop(self.pass(headers, body));
                error(500, "InternalServerError")
            }
            Fate::Hang(time) => {
                std::thread::sleep(time);
                self.pass(headers, body)
            }
            Fate::Conflict => unprocessed::conflict(operation, body),
            Fate::Unprocessed => {
                let Some(halves) = Halves::of(body) else { return self.pass(headers, body) };
                let answer = self.call(headers, &halves.sent());
                answer.map_or_else(bad_gateway, |answer| halves.joined(answer).into_response())
            }
        }
    }

    fn pass(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        self.call(headers, body).map_or_else(bad_gateway, IntoResponse::into_response)
    }

    fn call(&self, headers: &HeaderMap, body: &[u8]) -> Option<Reply> {
        let upstream = self.upstream.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let mut request = self.agent.post(upstream);
        for (name, value) in headers {
            if !["host", "content-length", "connection"].contains(&name.as_str()) {
                request = request.header(name, value);
            }
        }
        let request = request.config().timeout_global(Some(Duration::from_secs(30))).build();
        let mut response = request.send(body).ok()?;
        let status = response.status();
        let kind = response.headers().get("content-type").cloned();
        let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec().ok()?;
        let kind = kind.unwrap_or(HeaderValue::from_static("application/x-amz-json-1.0"));
        Some((status, [("content-type", kind)], bytes))
    }
}

/// What the store says: status, type and body.
pub(crate) type Reply = (StatusCode, [(&'static str, HeaderValue); 1], Vec<u8>);

fn bad_gateway() -> Response {
    StatusCode::BAD_GATEWAY.into_response()
}

/// The function that signed the call: on one machine its access key is its logical id.
fn caller(headers: &HeaderMap) -> Option<&str> {
    let (_, rest) = headers.get("authorization")?.to_str().ok()?.split_once("Credential=")?;
    rest.split_once('/').map(|(key, _)| key)
}

/// As AWS says what each call needs: a transaction's elements and not the transaction, an index
/// besides its table's name.
///
/// Source: AWS, "Actions, resources, and condition keys for Amazon DynamoDB".
fn needed_permissions(function: &str, operation: &str, body: &[u8]) -> Vec<Permission> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let permission = |action: &str, table: &str, index: Option<&str>| {
        let table = table.strip_prefix("avileo-local-").unwrap_or(table);
        let resource =
            index.map_or_else(|| table.to_owned(), |index| format!("{table}/index/{index}"));
        Permission { function: function.into(), action: format!("dynamodb:{action}"), resource }
    };
    let elements = |list: &Value| -> Vec<Permission> {
        let elements = list.as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
        let read = elements.map(|(kind, element)| {
            let action = match kind.as_str() {
                "Put" => "PutItem",
                "Update" => "UpdateItem",
                "Delete" => "DeleteItem",
                "Get" => "GetItem",
                _ => "ConditionCheckItem",
            };
            permission(action, element["TableName"].as_str().unwrap_or("?"), None)
        });
        read.collect()
    };
    match operation {
        "TransactWriteItems" | "TransactGetItems" => elements(&body["TransactItems"]),
        "BatchGetItem" | "BatchWriteItem" => {
            let tables =
                body["RequestItems"].as_object().into_iter().flat_map(|items| items.keys());
            tables.map(|table| permission(operation, table, None)).collect()
        }
        _ => {
            let table = body["TableName"].as_str().unwrap_or("?");
            vec![permission(operation, table, body["IndexName"].as_str())]
        }
    }
}

pub(crate) fn error(status: u16, kind: &str) -> Response {
    let body = format!(
        "{{\"__type\":\"com.amazonaws.dynamodb.v20120810#{kind}\",\"message\":\"injected\"}}"
    );
    let status = StatusCode::from_u16(status).expect("a status that exists");
    (status, [("content-type", "application/x-amz-json-1.0")], body).into_response()
}
