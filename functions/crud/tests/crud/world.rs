//! Two businesses in memory, and requests to their routes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::{Claims, Gate, KeyError, KeySource, SigningKeys};
use protocol::{Epoch, Instant, Role};
use serde_json::{Value, json};
use store::feed::new_feed;
use store::memory::{MemoryTables, VirtualSurroundings};
use store::tables::{Condition, Key, Surroundings, Table, Tables, Write};
use tower::ServiceExt;

struct OneKey;

impl KeySource for OneKey {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        let secret = json!({"current": "k1", "keys": {"k1": STANDARD.encode([1; 32])}});
        Box::pin(async move { SigningKeys::from_json(&secret.to_string()) })
    }
}

/// Two businesses, `b1` and `b2`, each with `admin` and `rosa`, and `luis`, who has left `b1`.
pub(crate) struct World {
    pub(crate) tables: MemoryTables,
    pub(crate) clock: VirtualSurroundings,
    pub(crate) gate: Gate,
}

/// The one session of each user.
pub(crate) const SESSION: &str = "s1";

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

    pub(crate) fn failure(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or("none"))
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let now: Instant = "2026-11-22T13:05:00.000Z".parse().unwrap();
        let clock = VirtualSurroundings::new(now, 7);
        let time = clock.clone();
        let gate = Gate::new(OneKey, Arc::new(move || time.now()));
        let world = Self { tables: MemoryTables::new(), clock, gate };
        for (business, user, active) in [
            ("b1", "admin", true),
            ("b1", "rosa", true),
            ("b1", "luis", false),
            ("b2", "admin", true),
        ] {
            let user_item = json!({
                "account": format!("business#{business}"), "item": format!("user#{user}"),
                "active": active,
            });
            // Users of two businesses have the same ids here, which share their sessions then.
            let session = json!({
                "account": format!("user#{user}"), "item": format!("session#{SESSION}"),
                "expiresAt": i64::MAX,
            });
            for item in [user_item, session] {
                let item = item.as_object().unwrap().clone();
                let put = Write::Put { table: Table::Accounts, item, condition: Condition::None };
                world.tables.write(&put).await.unwrap();
            }
        }
        for business in ["b1", "b2"] {
            let feed = new_feed(&business.parse().unwrap(), Epoch(7));
            world.tables.transact(&feed).await.unwrap();
        }
        world
    }

    pub(crate) async fn token(&self, business: &str, user: &str, role: Role) -> String {
        let now_seconds = u64::try_from(self.clock.now().as_millis() / 1000).unwrap();
        let claims = Claims {
            business: business.parse().unwrap(),
            user: user.parse().unwrap(),
            role,
            expires_at_seconds: now_seconds + 60,
            session: Some(SESSION.into()),
        };
        self.gate.sign(&claims).await.unwrap()
    }

    /// Ends the session of `user`.
    pub(crate) async fn end_session(&self, user: &str) {
        let key = Key::new(Table::Accounts, format!("user#{user}"), format!("session#{SESSION}"));
        let end = Write::Delete { key, condition: Condition::None };
        self.tables.write(&end).await.unwrap();
    }

    pub(crate) async fn admin(&self) -> String {
        self.token("b1", "admin", Role::AdminNegocio).await
    }

    pub(crate) async fn call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Got {
        self.call_over(self.tables.clone(), token, method, path, headers, body).await
    }

    pub(crate) async fn call_over(
        &self,
        tables: MemoryTables,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Got {
        // Where no base is given, the later moment wins: no two requests are made in the same one.
        self.clock.advance(Duration::from_millis(1));
        let routes = crud::routes(tables, self.clock.clone(), &self.gate);
        let routes = gateway::finish(routes, &self.gate);
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 1_000_000).await.unwrap();
        let body = protocol::json::from_slice(&bytes).unwrap();
        Got { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) fn records(&self) -> usize {
        self.tables.scan(Table::Records).len()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Got {
        self.call(token, "GET", path, &[], json!(null)).await
    }

    /// A record made by its route; what is answered.
    pub(crate) async fn made(&self, token: &str, path: &str, body: Value) -> Value {
        let got = self.call(token, "POST", path, &[], body).await;
        assert_eq!(got.status, 201, "{path} {}", got.body);
        got.data().clone()
    }

    /// Rosa, who sells for `b1`.
    pub(crate) async fn rosa(&self) -> String {
        self.token("b1", "rosa", Role::Vendedor).await
    }

    /// All ids of a list in pages of `limit`, and how many pages that took. `path` may have a query.
    pub(crate) async fn ids(&self, token: &str, path: &str, limit: usize) -> (Vec<String>, usize) {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        for pages in 1..100 {
            let got = self.get(token, &format!("{path}{separator}limit={limit}{cursor}")).await;
            let page = got.data();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit);
            ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return (ids, pages),
            }
        }
        panic!("a list without an end: {path}");
    }

    /// The ids of a list, sorted.
    pub(crate) async fn listed(&self, token: &str, path: &str) -> Vec<String> {
        let (mut ids, _) = self.ids(token, path, 100).await;
        ids.sort();
        ids
    }
}
