//! Somebody signed in over HTTP, as a phone is.

use std::time::Duration;

use protocol::{BATCH_OPERATIONS_MAX, ErrorCode, Failure, OperationStatus, Session, Success};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use super::people::{PASSWORD, Person};

/// Why demo data could not be put in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    #[error("{path}: {source}")]
    Transport { path: String, source: Box<ureq::Error> },
    #[error("{path}: an answer of status {status} that is not understood: {source}")]
    Unreadable { path: String, status: u16, source: serde_json::Error },
    #[error("{path}: {status} {code}: {message}", code = json!(code))]
    Answer { path: String, status: u16, code: ErrorCode, message: String },
    #[error("{count} operations were refused; the first was {first}")]
    Refused { count: usize, first: String },
    #[error(
        "demo data: {count} operations were not settled in {ROUNDS_MAX} rounds; the first was {first}"
    )]
    Unsettled { count: usize, first: String },
    #[error("{0} is still to come in Lima: name a day that has begun")]
    DayToCome(jiff::civil::Date),
}

/// Speaks to one origin.
#[derive(Debug, Clone)]
pub(super) struct Client {
    agent: Agent,
    origin: String,
}

/// Somebody signed in.
#[derive(Debug)]
pub(super) struct Phone {
    client: Client,
    pub(super) session: Session,
}

impl Client {
    pub(super) fn new(origin: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent("Avileo demo data")
            .timeout_global(Some(REQUEST_TIMEOUT))
            // The origin is this very machine, whatever the environment says of the rest.
            .proxy(None)
            .build();
        Self { agent: config.into(), origin: origin.to_owned() }
    }

    pub(super) fn login(&self, person: &Person) -> Result<Phone, SeedError> {
        let body = json!({"email": person.email, "password": PASSWORD});
        let session = self.send("/auth/login", &[], Some(&body))?;
        Ok(Phone { client: self.clone(), session })
    }

    pub(super) fn register(&self, business: &str, person: &Person) -> Result<Phone, SeedError> {
        let body = json!({"businessName": business, "name": person.name, "email": person.email,
            "password": PASSWORD});
        let session = self.send("/auth/register", &[], Some(&body))?;
        Ok(Phone { client: self.clone(), session })
    }

    /// Posts `body`, or gets where there is none; again while the answer says that this may help.
    fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<T, SeedError> {
        let mut round = 1;
        loop {
            match self.send_once(path, headers, body) {
                Err(SeedError::Answer { status: 500.., .. }) if round < ROUNDS_MAX => {
                    std::thread::sleep(ROUND_PAUSE);
                    round += 1;
                }
                answered => return answered,
            }
        }
    }

    fn send_once<T: DeserializeOwned>(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<T, SeedError> {
        let failed =
            |source| SeedError::Transport { path: path.to_owned(), source: Box::new(source) };
        let mut request = Request::builder()
            .method(if body.is_some() { "POST" } else { "GET" })
            .uri(format!("{}/api{path}", self.origin))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map(Value::to_string).unwrap_or_default());
        let request = request.map_err(|source| failed(source.into()))?;
        let mut response = self.agent.run(request).map_err(failed)?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().map_err(failed)?;
        read(path, status, &text)
    }
}

impl Phone {
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, SeedError> {
        let bearer = self.bearer();
        self.client.send(path, &[("authorization", &bearer)], None)
    }

    /// Posts; `key` is the operation's id, so that it takes effect once.
    pub(super) fn post(&self, path: &str, key: &str, body: &Value) -> Result<(), SeedError> {
        let headers = [("authorization", &*self.bearer()), ("idempotency-key", key)];
        self.client.send::<Value>(path, &headers, Some(body)).map(drop)
    }

    /// Signs out, so that no sessions pile up.
    pub(super) fn leave(self) -> Result<(), SeedError> {
        let body = json!({"refreshToken": self.session.refresh_token});
        self.client.send::<Value>("/auth/logout", &[], Some(&body)).map(drop)
    }

    /// Pushes operations in order, batch by batch, as a phone does.
    ///
    /// # Errors
    /// What was refused or did not settle, once all have been sent.
    pub(super) fn push(&self, operations: &[Value]) -> Result<(), SeedError> {
        let mut refused = Vec::new();
        let mut waiting = Vec::new();
        for batch in operations.chunks(BATCH_OPERATIONS_MAX) {
            waiting.extend(self.push_batch(batch, &mut refused)?);
        }
        let count = refused.len();
        if let Some(first) = refused.into_iter().next() {
            return Err(SeedError::Refused { count, first });
        }
        let count = waiting.len();
        match waiting.into_iter().next() {
            Some(first) => Err(SeedError::Unsettled { count, first }),
            None => Ok(()),
        }
    }

    /// Sends a batch until nothing in it says `retry` or `blocked`; what still does is given back.
    fn push_batch(
        &self,
        batch: &[Value],
        refused: &mut Vec<String>,
    ) -> Result<Vec<String>, SeedError> {
        let bearer = self.bearer();
        let headers = [("authorization", bearer.as_str())];
        let mut left = batch.to_vec();
        let mut waiting = Vec::new();
        for round in 0..ROUNDS_MAX {
            if round > 0 {
                std::thread::sleep(ROUND_PAUSE);
            }
            let body = json!({"operations": left});
            let answer: protocol::BatchResponse =
                self.client.send("/sync/batch", &headers, Some(&body))?;
            waiting.clear();
            let mut again = Vec::new();
            // A missing result is no success: what it belongs to is sent again.
            for (place, operation) in left.into_iter().enumerate() {
                let result = answer.results.get(place);
                match result.map(|result| result.status) {
                    Some(status) if status.is_success() => {}
                    Some(OperationStatus::Rejected) => refused.push(told(&operation, result)),
                    _ => {
                        waiting.push(told(&operation, result));
                        again.push(operation);
                    }
                }
            }
            left = again;
            if left.is_empty() {
                break;
            }
        }
        Ok(waiting)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.session.token)
    }
}

fn read<T: DeserializeOwned>(path: &str, status: u16, text: &str) -> Result<T, SeedError> {
    let unreadable = |source| SeedError::Unreadable { path: path.to_owned(), status, source };
    if (200..300).contains(&status) {
        let success: Success<T> = protocol::json::from_str(text).map_err(unreadable)?;
        return Ok(success.data);
    }
    let failure: Failure = protocol::json::from_str(text).map_err(unreadable)?;
    let (code, message) = (failure.error.code, failure.error.message);
    Err(SeedError::Answer { path: path.to_owned(), status, code, message })
}

/// An operation and what was answered to it, in one line.
fn told(operation: &Value, result: Option<&protocol::OperationResult>) -> String {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let Some(result) = result else { return format!("{id}: no result") };
    let code = result.code.map(|code| json!(code).to_string()).unwrap_or_default();
    format!("{id}: {code} {}", result.error.as_deref().unwrap_or_default())
}

const ROUNDS_MAX: u32 = 8;
const ROUND_PAUSE: Duration = Duration::from_millis(250);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
