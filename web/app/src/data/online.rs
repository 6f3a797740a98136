//! What has no offline form: products, closings, team, reports, password and sessions.

use engine::{Account, Answer, Event, TransportFault};
use gloo_timers::callback::Timeout;
use protocol::{
    BusinessDate, DeactivateRequest, ErrorCode, JsonObject, PasswordRequest, ResetPasswordRequest,
    TeamMember, TeamMemberRequest, json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::AbortController;

use super::collections::new_operation_id;
use super::{Phone, Row};
use crate::session::{code_of, data_of, is_unauthorised};
use crate::shell::{Outgoing, Received, fetch};

/// Why it was not done; words for the seller in `Display`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// The server was not reached.
    #[error("Sin conexión: esto solo se puede hacer con internet.")]
    Offline,
    /// No answer in time. It may have been done: look before doing it again.
    #[error("El servidor no respondió a tiempo. Revisa si se guardó antes de repetirlo.")]
    Timeout,
    /// The server's own words.
    #[error("{message}")]
    Refused {
        /// For a program.
        code: String,
        /// For a person.
        message: String,
    },
    /// The login has ended.
    #[error("Tu sesión terminó: ingresa tu contraseña.")]
    PasswordNeeded,
    /// Something answered, but not in our words.
    #[error("El servicio no está disponible. Intenta de nuevo en un momento.")]
    Unavailable,
}

/// The API for what is written online only. Each call has a deadline; a write carries one id for
/// all of its attempts.
#[derive(Clone)]
pub struct Online {
    phone: Phone,
}

impl Online {
    pub(super) fn new(phone: Phone) -> Self {
        Self { phone }
    }

    /// Makes a product; it comes back by the feed.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn create_product(&self, data: &JsonObject) -> Result<JsonObject, NotDone> {
        self.write("POST", "/products", data).await
    }

    /// Changes the named fields of a product.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn update_product(
        &self,
        row: &Row,
        data: &JsonObject,
    ) -> Result<JsonObject, NotDone> {
        self.write("PUT", &format!("/products/{}", encoded(row.id())), data).await
    }

    /// Deletes a product.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn delete_product(&self, row: &Row) -> Result<(), NotDone> {
        let path = format!("/products/{}", encoded(row.id()));
        self.call("DELETE", &path, None).await.map(drop)
    }

    /// Closes a seller's day: `closingDate`, `cashCounted`, and as an administrator `sellerId`,
    /// `backdateReason`, or `correctionOf` to correct one.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn create_closing(&self, data: &JsonObject) -> Result<JsonObject, NotDone> {
        self.write("POST", "/closings", data).await
    }

    /// Everybody of the business (administrators).
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn team(&self) -> Result<Vec<TeamMember>, NotDone> {
        self.read("/team").await
    }

    /// Who owes, as the server counts it: `customers` are objects with `clientId` and `debt`, and
    /// with `name` and `phone` of deleted ones too.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn receivables(&self) -> Result<JsonObject, NotDone> {
        self.read("/reports/accounts-receivable").await
    }

    /// A new user.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn add_member(&self, request: &TeamMemberRequest) -> Result<TeamMember, NotDone> {
        self.write("POST", "/team", request).await
    }

    /// Lets a user in no more; what was done before still arrives. `own_password` is asked for if
    /// the user is an administrator.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn deactivate_member(
        &self,
        id: &str,
        own_password: Option<String>,
    ) -> Result<TeamMember, NotDone> {
        let request = DeactivateRequest { own_password };
        self.write("POST", &format!("/team/{}/deactivate", encoded(id)), &request).await
    }

    /// Gives a user a new password. `own_password` is asked for if the user is an administrator.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn reset_password(
        &self,
        id: &str,
        password: &str,
        own_password: Option<String>,
    ) -> Result<(), NotDone> {
        let request = ResetPasswordRequest { password: password.to_owned(), own_password };
        self.send("POST", &format!("/team/{}/reset", encoded(id)), &request).await.map(drop)
    }

    /// Changes one's own password.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn change_password(&self, request: &PasswordRequest) -> Result<(), NotDone> {
        self.send("POST", "/auth/password", request).await.map(drop)
    }

    /// Where one is signed in: objects with `id`, `device`, times.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn login_sessions(&self) -> Result<Vec<JsonObject>, NotDone> {
        self.read("/auth/sessions").await
    }

    /// Ends a login elsewhere: a lost phone.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn end_login_session(&self, id: &str) -> Result<(), NotDone> {
        self.call("DELETE", &format!("/auth/sessions/{}", encoded(id)), None).await.map(drop)
    }

    /// The server's figures of a day.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn day_report(&self, date: BusinessDate) -> Result<JsonObject, NotDone> {
        self.read(&format!("/reports/day?date={date}")).await
    }

    /// Who owes what, as the server counts it.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn accounts_receivable(&self) -> Result<JsonObject, NotDone> {
        self.read("/reports/accounts-receivable").await
    }

    /// What was done to a record, from the first change on.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn history(&self, row: &Row) -> Result<Value, NotDone> {
        self.call("GET", &format!("/records/{}/{}/history", row.entity(), encoded(row.id())), None)
            .await
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, NotDone> {
        let data = self.call("GET", path, None).await?;
        json::from_value(&data).map_err(|_| NotDone::Unavailable)
    }

    async fn write<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        request: &impl Serialize,
    ) -> Result<T, NotDone> {
        let data = self.send(method, path, request).await?;
        json::from_value(&data).map_err(|_| NotDone::Unavailable)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        request: &impl Serialize,
    ) -> Result<Value, NotDone> {
        let body = serde_json::to_string(request).map_err(|_| NotDone::Unavailable)?;
        self.call(method, path, Some(&body)).await
    }

    /// One call; after a 401 once more, with a new token.
    async fn call(&self, method: &str, path: &str, body: Option<&str>) -> Result<Value, NotDone> {
        let who = |engine: &engine::Engine| engine.signed_in().map(|who| who.account.clone());
        let account = self.phone.0.driver.with_engine(who).ok_or(NotDone::PasswordNeeded)?;
        let id = new_operation_id();
        let attempt = async || self.attempt(&account, method, path, body, id.as_str()).await;
        let mut received = attempt().await;
        if received.as_ref().is_ok_and(ends_the_session) {
            match self.phone.0.tokens.refresh(&account).await {
                Ok(_) => received = attempt().await,
                Err(engine::RefreshFault::Refused) => return Err(NotDone::PasswordNeeded),
                Err(engine::RefreshFault::Unreachable) => return Err(NotDone::Offline),
            }
        }
        let data = judge(received)?;
        if method != "GET" {
            // What was written comes back by the feed, once the stream has brought it there.
            let driver = self.phone.0.driver.clone();
            Timeout::new(FEED_LAG_MS, move || driver.dispatch(Event::SyncAsked)).forget();
        }
        Ok(data)
    }

    async fn attempt(
        &self,
        account: &Account,
        method: &str,
        path: &str,
        body: Option<&str>,
        id: &str,
    ) -> Received {
        let token = self.phone.0.tokens.bearer(account);
        let controller = AbortController::new().map_err(|_| TransportFault::Network)?;
        let signal = controller.signal();
        let deadline = Timeout::new(DEADLINE_MS, move || controller.abort());
        let idempotency = (method != "GET").then_some(id);
        let outgoing = Outgoing { method, path, body, token: Some(&token), idempotency };
        let received = fetch(outgoing, Some(&signal)).await;
        drop(deadline);
        if received.is_err() && signal.aborted() { Err(TransportFault::Timeout) } else { received }
    }
}

fn judge(received: Received) -> Result<Value, NotDone> {
    let answer = received.map_err(|fault| match fault {
        TransportFault::Network => NotDone::Offline,
        TransportFault::Timeout => NotDone::Timeout,
    })?;
    if let Some(data) = data_of(&answer) {
        return Ok(data);
    }
    match code_of(&answer) {
        _ if ends_the_session(&answer) => Err(NotDone::PasswordNeeded),
        Some((code, message)) => Err(NotDone::Refused { code, message }),
        None => Err(NotDone::Unavailable),
    }
}

/// A 401 of ours that is about the session, not about a password that was typed: of that one,
/// asking again with a new token would count as one more guess.
fn ends_the_session(answer: &Answer) -> bool {
    let wrong_password =
        || code_of(answer).is_some_and(|(code, _)| code == ErrorCode::InvalidCredentials.as_str());
    is_unauthorised(answer) && !wrong_password()
}

/// An id within a path: every byte that is not a letter, digit, `-`, `_`, `.` or `~` as `%XX`.
fn encoded(id: &str) -> String {
    let written = id.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    written.collect()
}

const DEADLINE_MS: u32 = 20_000;

/// Longer than the stream and the edge's second take together.
const FEED_LAG_MS: u32 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_in_a_path_whatever_it_is_made_of() {
        assert_eq!(encoded("0b2c-a_b.c~1"), "0b2c-a_b.c~1");
        assert_eq!(encoded("a/b?c#d%"), "a%2Fb%3Fc%23d%25");
    }

    #[test]
    fn html_is_no_answer_and_a_refusal_keeps_its_words() {
        let answer = |status, body: &str| {
            Ok(Answer { status, body: body.to_owned(), date: None, retry_after: None })
        };
        for status in [200, 400, 401, 403, 404, 413, 422, 429, 502] {
            assert_eq!(judge(answer(status, "<html>")), Err(NotDone::Unavailable));
            let foreign = r#"{"error":{"code":"denied","message":"No."}}"#;
            assert_eq!(judge(answer(status, foreign)), Err(NotDone::Unavailable), "{status}");
        }
        let refused = judge(answer(
            409,
            r#"{"success":false,"error":{"code":"closing_exists","message":"Ya cerrado."}}"#,
        ));
        assert_eq!(refused.unwrap_err().to_string(), "Ya cerrado.");
        let unauthorized = |code: &str| {
            let body =
                format!(r#"{{"success":false,"error":{{"code":"{code}","message":"No."}}}}"#);
            judge(answer(401, &body)).unwrap_err().to_string()
        };
        assert_eq!(unauthorized("invalid_credentials"), "No.", "of the password, not the session");
        assert_eq!(unauthorized("invalid_token"), NotDone::PasswordNeeded.to_string());
    }
}
