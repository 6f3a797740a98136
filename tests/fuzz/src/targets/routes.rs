//! Whole requests to the routes of `crud`, with any path, query, headers and body: always an answer
//! in the envelope, and never a fault of our own.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::{Claims, Gate, KeyError, KeySource, SigningKeys};
use protocol::{Epoch, Instant, Role};
use serde_json::{Value, json};
use store::feed::new_feed;
use store::memory::{MemoryTables, VirtualSurroundings};
use store::tables::{Condition, Table, Tables, Write};
use tower::ServiceExt;

use crate::{Bytes, json};

/// A source of one key.
pub(crate) struct OneKey;

impl KeySource for OneKey {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        let secret = json!({"current": "k1", "keys": {"k1": STANDARD.encode([1; 32])}});
        Box::pin(async move { SigningKeys::from_json(&secret.to_string()) })
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let world = &*WORLD;
    let tables = MemoryTables::new();
    block_on(fill(&tables));
    for _ in 0..REQUESTS_MAX {
        if bytes.is_empty() {
            return;
        }
        if let Some(request) = request(&mut bytes, &world.token) {
            let routes = crud::routes(tables.clone(), world.clock.clone(), &world.gate);
            block_on(ask(gateway::finish(routes, &world.gate), request));
        }
    }
}

async fn ask(routes: Router, request: Request<Body>) {
    let line = format!("{} {}", request.method(), request.uri());
    let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, 8 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let status = parts.status.as_u16();
    assert!(status < 500 || status == 503, "{line}: {status} {body}");
    let is_described = line.starts_with("GET /openapi.json");
    assert_eq!(
        body["success"],
        status < 400 || is_described && body["success"].is_boolean(),
        "{line}: {body}"
    );
}

/// Nothing, where the bytes do not even make a request that HTTP could carry.
fn request(bytes: &mut Bytes<'_>, token: &str) -> Option<Request<Body>> {
    let method = bytes.one_of(&["GET", "POST", "PUT", "DELETE", "PATCH"]);
    let collection = bytes.one_of(&[
        "customers",
        "sales",
        "abonos",
        "distribuciones",
        "products",
        "product-variants",
        "closings",
        "reports/day",
        "reports/accounts-receivable",
        "records/customers",
        "health",
    ]);
    let id = bytes.one_of(&["", "/c1", "/x", "/mine", "/x/close", "/c1/history", "/%23", "/%FF"]);
    let parameter = bytes.one_of(&[
        "limit", "cursor", "from", "to", "fecha", "date", "search", "sellerId", "clientId", "debt",
    ]);
    let query =
        if bytes.once_in(2) { String::new() } else { format!("?{parameter}={}", bytes.text(30)) };
    let uri: Uri = format!("/{collection}{id}{query}").parse().ok()?;
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header("authorization", format!("Bearer {token}"));
    for name in ["idempotency-key", "if-match"] {
        if bytes.once_in(2) {
            let text = if bytes.once_in(3) { "\"1\"".to_owned() } else { bytes.text(20) };
            request = request.header(name, HeaderValue::from_bytes(text.as_bytes()).ok()?);
        }
    }
    let body = if bytes.once_in(5) {
        bytes.text(60)
    } else {
        Value::Object(json::object(bytes)).to_string()
    };
    request.body(Body::from(body)).ok()
}

async fn fill(tables: &MemoryTables) {
    for item in [
        json!({"account": "business#b1", "item": "user#ana", "active": true}),
        json!({"account": "user#ana", "item": "session#s1", "expiresAt": i64::MAX}),
    ] {
        let item = item.as_object().unwrap().clone();
        let put = Write::Put { table: Table::Accounts, item, condition: Condition::Absent };
        tables.write(&put).await.unwrap();
    }
    tables.transact(&new_feed(&"b1".parse().unwrap(), Epoch(7))).await.unwrap();
}

struct World {
    clock: VirtualSurroundings,
    gate: Gate,
    token: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let now: Instant = "2026-11-22T13:05:00.000Z".parse().unwrap();
    let gate = Gate::new(OneKey, Arc::new(move || now));
    let claims = Claims {
        business: "b1".parse().unwrap(),
        user: "ana".parse().unwrap(),
        role: Role::AdminNegocio,
        expires_at_seconds: 1_795_356_301,
        session: Some("s1".to_owned()),
    };
    let token = block_on(gate.sign(&claims)).unwrap();
    World { clock: VirtualSurroundings::new(now, 7), gate, token }
});

/// Everything here is in memory, so that one thread is enough.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

const REQUESTS_MAX: usize = 6;
