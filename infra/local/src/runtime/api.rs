//! The Runtime API of one process: `next`, `response`, `error`, `init/error`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::json;
use tokio::sync::{mpsc, oneshot, watch};

use super::PAYLOAD_BYTES_MAX;

/// One event on its way to the process.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) event: Bytes,
    pub(super) timeout: Duration,
    /// Set once the process has asked for its next event and was given this one.
    pub(super) taken: Arc<AtomicBool>,
    pub(super) reply: oneshot::Sender<Reply>,
}

/// What the process made of it.
#[derive(Debug)]
pub(super) enum Reply {
    Response(Bytes),
    Error(Bytes),
}

/// How far a process has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Readiness {
    Starting,
    Ready,
    Failed(String),
}

/// What the handlers share.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    arn: String,
    work: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    current: Mutex<Option<(String, oneshot::Sender<Reply>)>>,
    readiness: watch::Sender<Readiness>,
}

impl RuntimeApi {
    pub(super) fn new(
        arn: &str,
        work: mpsc::Receiver<Invocation>,
        readiness: watch::Sender<Readiness>,
    ) -> Arc<Self> {
        let work = tokio::sync::Mutex::new(work);
        Arc::new(Self { arn: arn.into(), work, current: Mutex::new(None), readiness })
    }

    /// Serves until the task is aborted.
    pub(super) async fn serve(self: Arc<Self>, listener: tokio::net::TcpListener) {
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(self);
        if let Err(error) = axum::serve(listener, routes).await {
            crate::console::line(&format!("runtime: {error}"));
        }
    }

    fn answer(&self, id: &str, reply: Reply) -> Response {
        let mut current = self.current.lock().expect("no holder of the lock panics");
        match current.take() {
            Some((expected, sender)) if expected == id => {
                // Nobody waits after a timeout: the process is being killed.
                sender.send(reply).ok();
                accepted()
            }
            other => {
                *current = other;
                let body = json!({"errorType": "InvalidRequestID", "errorMessage": id});
                (StatusCode::BAD_REQUEST, body.to_string()).into_response()
            }
        }
    }
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    api.readiness.send_replace(Readiness::Ready);
    let Some(invocation) = api.work.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    invocation.taken.store(true, Ordering::Release);
    let deadline = SystemTime::now() + invocation.timeout;
    let deadline_ms = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", invocation.request_id.clone()),
        ("Lambda-Runtime-Deadline-Ms", deadline_ms.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", api.arn.clone()),
        ("Lambda-Runtime-Trace-Id", trace_id(&invocation.request_id)),
        ("Content-Type", "application/json".into()),
    ];
    let mut current = api.current.lock().expect("no holder of the lock panics");
    *current = Some((invocation.request_id, invocation.reply));
    (headers, invocation.event).into_response()
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    if let Ok(bytes) = axum::body::to_bytes(body, PAYLOAD_BYTES_MAX).await {
        return api.answer(&id, Reply::Response(bytes));
    }
    let problem = json!({
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": format!("an answer has at most {PAYLOAD_BYTES_MAX} bytes"),
    });
    api.answer(&id, Reply::Error(problem.to_string().into()));
    (StatusCode::PAYLOAD_TOO_LARGE, problem.to_string()).into_response()
}

async fn error(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    api.answer(&id, Reply::Error(body))
}

async fn init_error(State(api): State<Arc<RuntimeApi>>, body: Bytes) -> Response {
    let text = String::from_utf8_lossy(&body).into_owned();
    api.readiness.send_replace(Readiness::Failed(text));
    accepted()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, json!({"status": "OK"}).to_string()).into_response()
}

/// In X-Ray's form: version, seconds in hexadecimal, 96 random bits.
pub(crate) fn trace_id(request_id: &str) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let random: String = request_id.chars().filter(char::is_ascii_hexdigit).collect();
    let (root, rest) = random.split_at(random.len().min(24));
    format!("Root=1-{seconds:08x}-{root:0<24};Parent={rest:0<16};Sampled=0")
}
