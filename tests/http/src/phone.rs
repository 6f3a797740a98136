//! Somebody signed in, with nothing but HTTP.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::RecordKey;
use protocol::{Digest, Entity, RecordId, Version};
use serde_json::{Value, json};
use ureq::Agent;

use crate::{Stack, until};

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Phone {
    url: String,
    /// The answer of the login.
    pub session: Value,
    device: String,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Header values by lower-case name; several of one name are joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// The body, null if there is none or it is no JSON.
    pub body: Value,
}

impl Answer {
    /// `data` of the envelope.
    pub fn data(&self) -> &Value {
        assert!(self.body["success"] == true, "a failure: {} {}", self.status, self.body);
        &self.body["data"]
    }

    /// Status and stable code of a failure, as `404 route_not_found`.
    pub fn failure(&self) -> String {
        assert!(self.body["success"] == false, "no failure: {} {}", self.status, self.body);
        let code = self.body["error"]["code"].as_str().unwrap_or("(no code)");
        format!("{} {code}", self.status)
    }
}

impl Phone {
    /// The administrator of a new business.
    pub(crate) fn register(url: &str) -> Self {
        let email = format!("admin-{}@example.pe", unique());
        let body = json!({"businessName": "Avícola de prueba", "name": "Ana Torres",
            "email": email, "password": "clave-segura"});
        let answer = send(url, "POST", "/auth/register", &[], Some(body.to_string().as_bytes()));
        Self { url: url.into(), session: answer.data().clone(), device: unique() }
    }

    /// A new seller of the same business, signed in.
    pub fn seller(&self) -> Self {
        let email = format!("seller-{}@example.pe", unique());
        let member = json!({"name": "Luis Rojas", "email": email, "password": "clave-segura",
            "role": "VENDEDOR", "salesPoint": "Carro A"});
        let made = self.send("POST", "/team", Some(&member));
        assert!(made.body["success"] == true, "{} {}", made.status, made.body);
        Self::login(&self.url, &email, "clave-segura")
    }

    /// Signs in.
    pub fn login(url: &str, email: &str, password: &str) -> Self {
        let body = json!({"email": email, "password": password});
        let answer = send(url, "POST", "/auth/login", &[], Some(body.to_string().as_bytes()));
        Self { url: url.into(), session: answer.data().clone(), device: unique() }
    }

    /// The same person on another phone.
    #[must_use]
    pub fn other_device(&self) -> Self {
        Self { device: unique(), ..self.clone() }
    }

    /// The same phone once the stack has come back elsewhere.
    #[must_use]
    pub fn moved_to(&self, stack: &Stack) -> Self {
        Self { url: stack.url().into(), ..self.clone() }
    }

    /// His access token.
    pub fn token(&self) -> &str {
        self.session["token"].as_str().expect("a session has a token")
    }

    /// His user id.
    pub fn user(&self) -> &str {
        self.session["user"]["id"].as_str().expect("a session has a user")
    }

    /// His business.
    pub fn business(&self) -> &str {
        self.session["user"]["businessId"].as_str().expect("a session has a business")
    }

    /// His device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Sends a request with his token. `path` is without `/api`.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.send_with(method, path, &[], body)
    }

    /// Sends a request with his token and more headers.
    pub fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token());
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let text = body.map(Value::to_string);
        send(&self.url, method, path, &all, text.as_ref().map(String::as_bytes))
    }

    /// Sends a request exactly as given, token and all.
    pub fn send_raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        send(&self.url, method, path, headers, body)
    }

    /// Pushes a batch; his device is put in where an operation names none.
    pub fn push(&self, operations: &[Value]) -> Vec<Value> {
        let answer = self.send("POST", "/sync/batch", Some(&self.batch(operations)));
        answer.data()["results"].as_array().expect("results").clone()
    }

    /// Pushes a batch to a stack that may be gone: its results, if an answer came.
    pub fn try_push(&self, operations: &[Value]) -> Option<Vec<Value>> {
        let bearer = format!("Bearer {}", self.token());
        let body = self.batch(operations).to_string();
        let headers = [("authorization", bearer.as_str())];
        let answer =
            try_send(&self.url, "POST", "/sync/batch", &headers, Some(body.as_bytes())).ok()?;
        let is_whole = answer.status == 200 && answer.body["success"] == true;
        is_whole.then(|| answer.data()["results"].as_array().expect("results").clone())
    }

    fn batch(&self, operations: &[Value]) -> Value {
        let operations: Vec<Value> = operations
            .iter()
            .map(|operation| {
                let mut operation = operation.clone();
                if operation.is_object() && operation.get("deviceId").is_none() {
                    operation["deviceId"] = self.device.as_str().into();
                }
                operation
            })
            .collect();
        json!({"operations": operations})
    }

    /// Pushes one operation; its result.
    pub fn push_one(&self, operation: &Value) -> Value {
        self.push(std::slice::from_ref(operation)).remove(0)
    }

    /// A page of the feed.
    pub fn changes(&self, since: &str, limit: u64) -> Answer {
        self.send("GET", &format!("/sync/changes?since={since}&limit={limit}"), None)
    }

    /// Every change from the start, checked: numbers 1…n without a gap, versions of a record
    /// rising, the digest of each page equal to one recomputed from the records' content.
    pub fn feed(&self) -> Vec<Value> {
        let mut changes: Vec<Value> = Vec::new();
        let mut live: BTreeMap<RecordKey, Version> = BTreeMap::new();
        let mut page = self.send("GET", "/sync/changes", None).data().clone();
        loop {
            for change in page["changes"].as_array().expect("changes") {
                let expected = changes.len() as u64 + 1;
                assert_eq!(change["number"], expected, "the feed has a gap or a double");
                take_in(&mut live, change);
                changes.push(change.clone());
            }
            assert_eq!(page["digest"], digest(&live), "digest after {}", page["nextSince"]);
            if page["hasMore"] == false {
                assert_eq!(page["head"], changes.len() as u64);
                return changes;
            }
            let since = page["nextSince"].as_str().expect("a cursor").to_owned();
            page = self.changes(&since, 100).data().clone();
        }
    }

    /// The feed once it has at least `count` changes.
    pub fn feed_of(&self, count: usize) -> Vec<Value> {
        until(&format!("{count} changes in the feed"), || {
            Some(self.feed()).filter(|feed| feed.len() >= count)
        })
    }

    /// A text that no other test uses.
    pub fn unique(&self) -> String {
        unique()
    }
}

/// An operation as a phone sends it, done now.
pub fn operation(entity: &str, action: &str, id: &str, payload: Value) -> Value {
    json!({"operationId": format!("op-{}", unique()), "entity": entity, "action": action,
        "entityId": id, "payload": payload, "clientTimestamp": now()})
}

/// The same operation, made knowing version `version` of its record.
#[must_use]
pub fn on_version(version: u64, mut operation: Value) -> Value {
    operation["baseVersion"] = version.into();
    operation
}

/// The same operation, done at `moment` by its device's clock.
#[must_use]
pub fn done_at(moment: &str, mut operation: Value) -> Value {
    operation["clientTimestamp"] = moment.into();
    operation
}

/// A credit sale of one item, 7.5 kg at 11.20.
pub fn sale(client: &str) -> Value {
    json!({"clientId": client, "saleType": "credito", "totalAmount": "84.00",
        "amountPaid": "20.00", "balanceDue": "64.00", "items": [item("i1", "7.500", "11.20")]})
}

fn item(id: &str, quantity: &str, price: &str) -> Value {
    json!({"id": id, "productId": "p1", "variantId": "v1", "productName": "Pollo",
        "variantName": "Entero", "quantity": quantity, "unitPrice": price, "subtotal": "84.00"})
}

/// The digest of all records that live after `changes`, recomputed from their content.
pub fn recount(changes: &[Value]) -> String {
    let mut live = BTreeMap::new();
    for change in changes {
        take_in(&mut live, change);
    }
    digest(&live)
}

fn take_in(live: &mut BTreeMap<RecordKey, Version>, change: &Value) {
    let entity: Entity =
        change["entity"].as_str().and_then(|text| text.parse().ok()).expect("entity");
    let id: RecordId = change["entityId"].as_str().and_then(|text| text.parse().ok()).expect("id");
    let version = Version(change["version"].as_u64().expect("version"));
    let key = RecordKey::new(entity, id);
    if let Some(before) = live.remove(&key) {
        assert!(before < version, "versions of {key} rise");
    }
    if change["action"] == "delete" {
        assert!(change["record"].is_null());
    } else {
        assert_eq!(change["record"]["version"], version.0);
        live.insert(key, version);
    }
}

fn digest(live: &BTreeMap<RecordKey, Version>) -> String {
    let mut digest = Digest::EMPTY;
    for (key, version) in live {
        digest.toggle(key.entity, &key.id, *version);
    }
    digest.to_string()
}

fn now() -> String {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("the clock is past 1970");
    let milliseconds = i64::try_from(since_1970.as_millis()).expect("in range");
    protocol::Instant::from_millis(milliseconds).to_string()
}

fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Answer {
    try_send(url, method, path, headers, body)
        .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

fn try_send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Result<Answer, ureq::Error> {
    static AGENT: LazyLock<Agent> = LazyLock::new(|| {
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_mins(1)))
            .build()
            .into()
    });
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{url}/api{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.unwrap_or_default()).expect("a request that can be sent");
    let mut response = AGENT.run(request)?;
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|all: &mut String| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    let text = response.body_mut().read_to_string().unwrap_or_default();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer { status: response.status().as_u16(), headers, body })
}
