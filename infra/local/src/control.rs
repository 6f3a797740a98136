//! What tests and tools ask of a running stack, on a port of its own on the loopback address.
//!
//! ```text
//! POST /2015-03-31/functions/{function}/invocations   Lambda's own Invoke: the event in, the answer out
//! GET  /streams                                       {"waiting":{"<function>":<records>}}
//! GET  /failures                                      the failure queue
//! POST /failures/redrive                              gives each message to its function once more
//! POST /edge/keys                                     copies the signing keys to the edge, as a deployment does
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::edge_keys::EdgeKeys;
use crate::runtime::{Host, InvokeError, PAYLOAD_BYTES_MAX};
use crate::store::StreamRows;
use crate::stream::Failures;

/// What can be asked about.
#[derive(Debug)]
pub(crate) struct Control {
    /// Runs functions.
    pub(crate) host: Host,
    /// The streams, by the logical id of the function that they are mapped to.
    pub(crate) streams: BTreeMap<String, StreamRows>,
    /// What they gave up.
    pub(crate) failures: Failures,
    /// What the edge checks tokens with.
    pub(crate) keys: EdgeKeys,
}

/// Serves until the task is aborted.
pub(crate) async fn serve(control: Control, listener: tokio::net::TcpListener) {
    let routes = Router::new()
        .route("/2015-03-31/functions/{function}/invocations", post(invoke))
        .route("/streams", get(streams))
        .route("/failures", get(failures))
        .route("/failures/redrive", post(redrive))
        .route("/edge/keys", post(publish_keys))
        .layer(DefaultBodyLimit::max(PAYLOAD_BYTES_MAX + 1))
        .with_state(Arc::new(control));
    if let Err(error) = axum::serve(listener, routes).await {
        crate::console::line(&format!("control: {error}"));
    }
}

async fn invoke(
    State(control): State<Arc<Control>>,
    Path(function): Path<String>,
    event: Bytes,
) -> Response {
    match control.host.invoke(&function, event).await {
        Ok(answer) => ([("x-amzn-requestid", answer.request_id)], answer.body).into_response(),
        Err(InvokeError::Function(error)) => {
            ([("x-amz-function-error", "Unhandled")], error).into_response()
        }
        Err(error @ InvokeError::Unknown(_)) => {
            (StatusCode::NOT_FOUND, message(&error.to_string())).into_response()
        }
        Err(error) => {
            let body = json!({"errorType": "Runtime", "errorMessage": error.to_string()});
            ([("x-amz-function-error", "Unhandled")], body.to_string()).into_response()
        }
    }
}

async fn streams(State(control): State<Arc<Control>>) -> Response {
    let mut waiting = BTreeMap::new();
    for (function, rows) in &control.streams {
        match rows.waiting().await {
            Ok(count) => waiting.insert(function, count),
            Err(error) => return trouble(&error),
        };
    }
    json!({"waiting": waiting}).to_string().into_response()
}

async fn failures(State(control): State<Arc<Control>>) -> Response {
    match control.failures.waiting().await {
        Ok(waiting) => {
            let list: Vec<Value> = waiting
                .into_iter()
                .map(|one| json!({"id": one.id, "function": one.function, "message": one.message, "event": one.event}))
                .collect();
            json!({"failures": list}).to_string().into_response()
        }
        Err(error) => trouble(&error),
    }
}

/// A message whose function succeeds now is removed; the others stay.
async fn redrive(State(control): State<Arc<Control>>) -> Response {
    let waiting = match control.failures.waiting().await {
        Ok(waiting) => waiting,
        Err(error) => return trouble(&error),
    };
    let (mut redriven, mut failed) = (0, 0);
    for one in waiting {
        let event = Bytes::from(one.event.to_string());
        let answer = control.host.invoke(&one.function, event).await;
        if !answer.is_ok_and(|answer| accepted_all(&answer.body)) {
            failed += 1;
            continue;
        }
        if let Err(error) = control.failures.remove(one.id).await {
            return trouble(&error);
        }
        redriven += 1;
    }
    json!({"redriven": redriven, "failed": failed}).to_string().into_response()
}

async fn publish_keys(State(control): State<Arc<Control>>) -> Response {
    match control.keys.publish() {
        Ok(done) => json!({"puts": done.puts, "deletes": done.deletes}).to_string().into_response(),
        Err(error) => trouble(&error),
    }
}

fn accepted_all(answer: &[u8]) -> bool {
    let answer: Value = protocol::json::from_slice(answer).unwrap_or(Value::Null);
    answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty)
}

fn trouble(error: &dyn std::error::Error) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, message(&error.to_string())).into_response()
}

fn message(text: &str) -> String {
    json!({"message": text}).to_string()
}
