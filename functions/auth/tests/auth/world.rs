//! A world for tests: tables in memory, a clock that stands still, two signing keys, a router.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::{Claims, Gate, KeyError, KeySource, SigningKeys};
use protocol::Instant;
use serde_json::{Value, json};
use store::memory::{MemoryTables, VirtualSurroundings};
use store::tables::{
    BatchGot, Item, Key, Query, QueryPage, StoreError, Surroundings, Table, Tables, Write,
};
use tokio::sync::Barrier;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "avileo-demo";

/// Everything that outlives a request.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) tables: MemoryTables,
    pub(crate) clock: VirtualSurroundings,
    pub(crate) gate: Gate,
    secret: Arc<Mutex<Value>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Got {
    pub(crate) fn data(&self) -> &Value {
        assert_eq!(self.body["success"], true, "{}", self.body);
        &self.body["data"]
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.data()[field].as_str().unwrap_or_else(|| panic!("{field} in {}", self.body)).into()
    }

    pub(crate) fn failure(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or("none"))
    }
}

struct Secret(Arc<Mutex<Value>>);

impl KeySource for Secret {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        let text = self.0.lock().unwrap().to_string();
        Box::pin(async move { SigningKeys::from_json(&text) })
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let now: Instant = "2026-11-22T13:05:00.000Z".parse().unwrap();
        let clock = VirtualSurroundings::new(now, 7);
        let secret = json!({"current": "k1", "keys": {"k1": STANDARD.encode([1; 32])}});
        let secret = Arc::new(Mutex::new(secret));
        let time = clock.clone();
        let gate = Gate::new(Secret(Arc::clone(&secret)), Arc::new(move || time.now()));
        Self { tables: MemoryTables::new(), clock, gate, secret }
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn rotate_key(&self) {
        *self.secret.lock().unwrap() = json!({
            "current": "k2",
            "keys": {"k1": STANDARD.encode([1; 32]), "k2": STANDARD.encode([2; 32])},
        });
    }

    pub(crate) fn routes_over<T: Tables + 'static>(&self, tables: T) -> Router {
        gateway::finish(auth::routes(tables, self.clock.clone(), &self.gate), &self.gate)
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Got {
        send(self.routes_over(self.tables.clone()), method, path, headers, body).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        self.call("POST", path, &[], &body).await
    }

    /// A call with an access token.
    pub(crate) async fn with(&self, token: &str, method: &str, path: &str, body: Value) -> Got {
        let authorization = format!("Bearer {token}");
        self.call(method, path, &[("authorization", &authorization)], &body).await
    }

    /// A business with `admin@avileo.demo`; the answer of its registration.
    pub(crate) async fn register(&self) -> Got {
        let got = self.post("/auth/register", registration("admin@avileo.demo")).await;
        assert_eq!(got.status, 201, "{}", got.body);
        got
    }

    /// A business with an administrator and the seller `rosa@avileo.demo`: the administrator's
    /// token and the seller's id.
    pub(crate) async fn team(&self) -> (String, String) {
        let admin = self.register().await.text("token");
        let got = self.with(&admin, "POST", "/team", seller("rosa@avileo.demo")).await;
        assert_eq!(got.status, 201, "{}", got.body);
        (admin, got.text("id"))
    }

    /// A second administrator, `luis@avileo.demo`, made by the first: token and id.
    pub(crate) async fn second_admin(&self, admin: &str) -> (String, String) {
        let mut second = seller("luis@avileo.demo");
        second["role"] = json!("ADMIN_NEGOCIO");
        second["ownPassword"] = json!(PASSWORD);
        let id = self.with(admin, "POST", "/team", second).await.text("id");
        (self.login("luis@avileo.demo", PASSWORD).await.text("token"), id)
    }

    /// How many administrators of the business may still sign in.
    pub(crate) fn active_administrators(&self) -> usize {
        let items = self.tables.scan(Table::Accounts);
        let is = |item: &Item, name: &str, value: Value| item.get(name) == Some(&value);
        let able = items.iter().filter(|item| is(item, "role", json!("ADMIN_NEGOCIO")));
        able.filter(|item| is(item, "active", json!(true))).count()
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Got {
        self.post("/auth/login", json!({"email": email, "password": password})).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Got {
        self.post("/auth/refresh", json!({"refreshToken": token})).await
    }

    pub(crate) async fn claims(&self, token: &str) -> Claims {
        self.gate.verify(token).await.unwrap()
    }
}

pub(crate) async fn send(
    routes: Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Got {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = routes.oneshot(request.body(Body::from(body.to_string())).unwrap()).await;
    let (parts, body) = response.unwrap().into_parts();
    let bytes = to_bytes(body, 1_000_000).await.unwrap();
    let body = protocol::json::from_slice(&bytes).unwrap();
    Got { status: parts.status.as_u16(), headers: parts.headers, body }
}

pub(crate) fn registration(email: &str) -> Value {
    json!({"businessName": "Avícola Demo", "name": "Ana Flores", "email": email, "password": PASSWORD})
}

pub(crate) fn seller(email: &str) -> Value {
    json!({
        "name": "Rosa Quispe", "email": email, "password": PASSWORD, "role": "VENDEDOR",
        "salesPoint": "Carro A",
    })
}

/// Tables whose first batch read, or first transaction, waits until the other caller has come as
/// far: two requests that both read before either writes.
pub(crate) struct Together {
    tables: MemoryTables,
    barrier: Arc<Barrier>,
    waited: AtomicBool,
    /// Waits before its first transaction, after everything that is read.
    before_transaction: bool,
}

impl Together {
    pub(crate) fn pair(tables: &MemoryTables) -> [Self; 2] {
        Self::two(tables, false)
    }

    /// Two callers of whom both have passed all checks that read before either writes.
    pub(crate) fn about_to_write(tables: &MemoryTables) -> [Self; 2] {
        Self::two(tables, true)
    }

    fn two(tables: &MemoryTables, before_transaction: bool) -> [Self; 2] {
        let barrier = Arc::new(Barrier::new(2));
        [(), ()].map(|()| Self {
            tables: tables.clone(),
            barrier: Arc::clone(&barrier),
            waited: AtomicBool::new(false),
            before_transaction,
        })
    }

    async fn meet(&self, in_transaction: bool) {
        if self.before_transaction == in_transaction && !self.waited.swap(true, Ordering::SeqCst) {
            self.barrier.wait().await;
        }
    }
}

impl Tables for Together {
    async fn batch_get(&self, keys: &[Key]) -> Result<BatchGot, StoreError> {
        let got = self.tables.batch_get(keys).await;
        self.meet(false).await;
        got
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        self.tables.query(query).await
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), StoreError> {
        self.meet(true).await;
        self.tables.transact(writes).await
    }

    async fn write(&self, write: &Write) -> Result<(), StoreError> {
        self.tables.write(write).await
    }
}
