//! An edge for a test: the project's template, an origin that is made up, a clock that is set.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::Semaphore;

use super::super::*;
use crate::secrets::SigningKeys;
use crate::template::Template;

const KEY: [u8; 32] = [1; 32];

/// The edge of the project's template, its clock, and an origin that does as it is told.
pub(super) struct World {
    pub(super) edge: Edge,
    pub(super) millis: Arc<AtomicU64>,
    pub(super) origin: FakeOrigin,
}

/// The feed's function in small: checks the token against the tenant, as the real one does.
pub(super) struct FakeOrigin {
    pub(super) head: AtomicU64,
    pub(super) is_down: std::sync::atomic::AtomicBool,
    /// A token that the origin alone refuses.
    pub(super) refused: Mutex<String>,
    /// What was asked, by tenant and query.
    asked: Mutex<BTreeMap<String, u64>>,
    pub(super) revalidated: AtomicU64,
    gate: Semaphore,
}

impl Origins for FakeOrigin {
    async fn fetch(&self, _: &Origin, request: ViewerRequest, _: Bytes) -> Response<Bytes> {
        let header = |name: &str| request.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
        let business = header("x-avileo-business").unwrap_or_default();
        let token = header("x-avileo-token").unwrap_or_default();
        let asked = format!("{business} {}", request.query);
        *self.asked.lock().unwrap().entry(asked).or_default() += 1;
        drop(self.gate.acquire().await.unwrap());
        let is_refused = *self.refused.lock().unwrap() == token;
        if self.is_down.load(Ordering::SeqCst) || is_refused || biz(&token) != business {
            return made(503, "no-store", "", "{}");
        }
        assert_eq!(request.headers.get("authorization"), None);
        let head = self.head.load(Ordering::SeqCst);
        match request.query.as_str() {
            "" => made(200, "no-store", "", "start"),
            "since=9.0&limit=100" => {
                let body = format!("sealed {business} {}", "x".repeat(5000));
                made(200, "public, max-age=0, s-maxage=31536000, immutable", "", &body)
            }
            query => {
                let tag = format!("W/\"{query}.{head}\"");
                let caching = "public, max-age=0, s-maxage=1, stale-if-error=3600";
                if header("if-none-match").is_some_and(|known| known == tag) {
                    self.revalidated.fetch_add(1, Ordering::SeqCst);
                    return made(304, caching, &tag, "");
                }
                made(200, caching, &tag, &format!("tail {business} {head}"))
            }
        }
    }
}

fn made(status: u16, caching: &str, tag: &str, body: &str) -> Response<Bytes> {
    let response = Response::builder().status(status).header("cache-control", caching);
    let response = response.header("content-type", "application/json");
    let response = if tag.is_empty() { response } else { response.header("etag", tag) };
    response.body(Bytes::from(body.to_owned())).unwrap()
}

fn biz(token: &str) -> String {
    let payload = token.split('.').nth(1).map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let payload: Value =
        protocol::json::from_slice(&payload.unwrap_or_default()).unwrap_or_default();
    payload["biz"].as_str().unwrap_or_default().into()
}

pub(super) fn token(business: &str, user: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({"alg": "HS256", "kid": "k"}));
    let exp = jiff::Timestamp::now().as_second() + 600;
    let claims = json!({"sub": user, "biz": business, "role": "VENDEDOR", "exp": exp});
    let signed = format!("{header}.{}", part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

impl World {
    pub(super) fn new() -> Self {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let template = Template::load(&folder.join("template.yaml")).unwrap();
        let secret = json!({"current": "k", "keys": {"k": STANDARD.encode(KEY)}}).to_string();
        let keys = KeyStore::holding(&SigningKeys::parse(&secret).unwrap()).unwrap();
        let millis = Arc::new(AtomicU64::new(1_800_000_000_000));
        let now = Arc::clone(&millis);
        let clock =
            move || SystemTime::UNIX_EPOCH + Duration::from_millis(now.load(Ordering::SeqCst));
        let edge = Edge::new(template.edge, folder, &keys, Arc::new(clock)).unwrap();
        let origin = FakeOrigin {
            head: AtomicU64::new(7),
            is_down: false.into(),
            refused: Mutex::default(),
            asked: Mutex::default(),
            revalidated: AtomicU64::new(0),
            gate: Semaphore::new(1_000),
        };
        Self { edge, millis, origin }
    }

    pub(super) fn pass(&self, millis: u64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    pub(super) async fn get(&self, token: &str, query: &str) -> Seen {
        self.send(token, query, &[]).await
    }

    pub(super) async fn send(&self, token: &str, query: &str, more: &[(&str, &str)]) -> Seen {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        for (name, value) in more {
            headers
                .append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let request = ViewerRequest {
            method: Method::GET,
            path: "/api/sync/changes".into(),
            query: query.into(),
            headers,
            address: [192, 0, 2, 1].into(),
        };
        let (response, found) = self.edge.answer(request, Bytes::new(), &self.origin).await;
        let (parts, body) = response.into_parts();
        Seen { status: parts.status.as_u16(), headers: parts.headers, body, found }
    }

    /// Questions to the origin.
    pub(super) fn cost(&self) -> u64 {
        self.origin.asked.lock().unwrap().values().sum()
    }

    pub(super) fn close(&self) {
        self.origin.gate.forget_permits(1_000);
    }

    pub(super) fn open(&self) {
        self.origin.gate.add_permits(1_000);
    }

    /// Lets the others run until the origin has been asked so often.
    pub(super) async fn asked(&self, times: u64) {
        for _ in 0..100_000 {
            if self.cost() >= times {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("asked {} times, not {times}", self.cost());
    }
}

/// All of them at once, on this one thread, in an order that repeats.
pub(super) async fn together<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                *output = Some(value);
            }
        }
        let is_done = running.iter().all(|(_, output)| output.is_some());
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}

#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) found: Found,
}

impl Seen {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
