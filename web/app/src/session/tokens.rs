//! Tokens by account, and their renewal.
//!
//! A refresh token is good once, and its successor is written down before it is used. Tabs take
//! turns (a Web Lock), and the one that comes second finds a newer token already there. A tab that
//! slept through its turn still writes only in place of what it read: it never puts an old token
//! over a newer one.

use std::cell::RefCell;

use engine::{Account, Answer, RefreshFault};
use litemap::LiteMap;
use protocol::{ErrorCode, LoginRequest, RefreshRequest, Role, Session, json};
use serde_json::Value;
use web_sys::AbortController;

use super::stored::{Place, StoredTokens};
use crate::shell::{News, Outgoing, Received, Tabs, acquire, fetch};

/// The tokens of whoever has signed in here.
pub(crate) struct Tokens {
    place: Place,
    tabs: Tabs,
    held: RefCell<LiteMap<Account, String>>,
    /// What was typed to open the app without a network: it signs in when there is one.
    typed: RefCell<LiteMap<Account, String>>,
}

impl Tokens {
    pub(crate) fn new(place: Place, tabs: Tabs) -> Self {
        Self { place, tabs, held: RefCell::default(), typed: RefCell::default() }
    }

    /// The present token of this account. Whoever has none (he opened the app without a network)
    /// sends nobody's: the 401 that it earns leads to [`refresh`](Self::refresh), which signs in
    /// with what was typed or says that the password is needed.
    pub(crate) fn bearer(&self, account: &Account) -> String {
        self.held.borrow().get(account).cloned().unwrap_or_else(|| NOBODYS.to_owned())
    }

    pub(crate) fn hold(&self, account: &Account, access: Option<String>) {
        let mut held = self.held.borrow_mut();
        match access {
            Some(access) => drop(held.insert(account.clone(), access)),
            None => drop(held.remove(account)),
        }
    }

    pub(crate) fn remember_typed(&self, account: &Account, password: Option<&str>) {
        let mut typed = self.typed.borrow_mut();
        match password {
            Some(password) => drop(typed.insert(account.clone(), password.to_owned())),
            None => drop(typed.remove(account)),
        }
    }

    /// Gets a new token, or finds the one that another tab has got.
    ///
    /// # Errors
    /// Whether only the password helps, or the server could not be asked.
    pub(crate) async fn refresh(&self, account: &Account) -> Result<Role, RefreshFault> {
        let _turn = acquire(LOGIN_LOCK).await;
        let stored = self.place.session(account).await.map_err(|_| RefreshFault::Unreachable)?;
        let Some(before) = stored else { return Err(RefreshFault::Refused) };
        let mut stored = before.clone();
        let held = self.held.borrow().get(account).cloned();
        if let Some(tokens) = &stored.tokens
            && held.as_ref() != Some(&tokens.access)
        {
            self.hold(account, Some(tokens.access.clone()));
            return Ok(stored.user.role);
        }
        let typed = self.typed.borrow().get(account).cloned();
        let session = match (&stored.tokens, typed) {
            (Some(tokens), _) => renew(&tokens.refresh).await?,
            (None, Some(password)) => sign_in(&stored.user.email, &password).await?,
            (None, None) => return Err(RefreshFault::Refused),
        };
        if session.user.id != account.user || session.user.business_id != account.business {
            return Err(RefreshFault::Refused);
        }
        let role = session.user.role;
        stored.tokens =
            Some(StoredTokens { access: session.token.clone(), refresh: session.refresh_token });
        stored.user = session.user;
        // The user may have signed out meanwhile, and those tokens are not to come back; or another
        // tab has renewed them, and its are the newer ones. A full disk loses the new token at the
        // next start; the one before it is still good then.
        match self.place.replace(&before, &stored).await {
            Ok(true) => {
                self.hold(account, Some(session.token));
                self.tabs.tell(&News::Session);
                Ok(role)
            }
            Ok(false) => self.take_newer(account).await,
            Err(_) => {
                self.hold(account, Some(session.token));
                Ok(role)
            }
        }
    }

    /// Another tab has changed the session while this one asked: what it stored is held.
    async fn take_newer(&self, account: &Account) -> Result<Role, RefreshFault> {
        let stored = self.place.session(account).await.map_err(|_| RefreshFault::Unreachable)?;
        let newer = stored.and_then(|stored| Some((stored.tokens?, stored.user.role)));
        let (tokens, role) = newer.ok_or(RefreshFault::Refused)?;
        self.hold(account, Some(tokens.access));
        Ok(role)
    }
}

/// Asks for a session. Used before there is an account, too.
pub(super) async fn ask(path: &str, body: String) -> Received {
    let controller = AbortController::new().ok();
    let signal = controller.as_ref().map(AbortController::signal);
    let _deadline = gloo_timers::callback::Timeout::new(DEADLINE_MS, move || {
        if let Some(controller) = &controller {
            controller.abort();
        }
    });
    let outgoing =
        Outgoing { method: "POST", path, body: Some(&body), token: None, idempotency: None };
    fetch(outgoing, signal.as_ref()).await
}

async fn renew(refresh_token: &str) -> Result<Session, RefreshFault> {
    let request = RefreshRequest { refresh_token: refresh_token.to_owned() };
    let body = serde_json::to_string(&request).map_err(|_| RefreshFault::Refused)?;
    judge(ask("/auth/refresh", body).await)
}

async fn sign_in(email: &str, password: &str) -> Result<Session, RefreshFault> {
    let request = LoginRequest { email: email.to_owned(), password: password.to_owned() };
    let body = serde_json::to_string(&request).map_err(|_| RefreshFault::Refused)?;
    judge(ask("/auth/login", body).await)
}

fn judge(received: Received) -> Result<Session, RefreshFault> {
    let Ok(answer) = received else { return Err(RefreshFault::Unreachable) };
    match data_of(&answer) {
        Some(data) => json::from_value(&data).map_err(|_| RefreshFault::Unreachable),
        None if is_unauthorised(&answer) => Err(RefreshFault::Refused),
        None => Err(RefreshFault::Unreachable),
    }
}

/// What an answer in our envelope carries.
pub(crate) fn data_of(answer: &Answer) -> Option<Value> {
    let mut envelope: Value = json::from_str(&answer.body).ok()?;
    let succeeded = (200..300).contains(&answer.status)
        && envelope.get("success").and_then(Value::as_bool) == Some(true);
    succeeded.then(|| envelope.get_mut("data").map(Value::take)).flatten()
}

/// The server refuses the token. Only one of our own codes says so: a captive portal, a proxy and a
/// filter answer 401 as well, and no login ends for that.
pub(crate) fn is_unauthorised(answer: &Answer) -> bool {
    let known = |(code, _): (String, String)| code.parse::<ErrorCode>().is_ok();
    answer.status == 401 && code_of(answer).is_some_and(known)
}

/// The code and message of a refusal in our envelope.
pub(crate) fn code_of(answer: &Answer) -> Option<(String, String)> {
    let envelope: Value = json::from_str(&answer.body).ok()?;
    let refused = envelope.get("success").and_then(Value::as_bool) == Some(false);
    let error = envelope.get("error").filter(|_| refused)?;
    let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    let (code, said) = (text("code")?, text("message"));
    let words = ErrorCode::words(Some(&code), said.as_deref()).unwrap_or(UNEXPLAINED).to_owned();
    Some((code, words))
}

const UNEXPLAINED: &str = "El servidor no lo aceptó.";
const NOBODYS: &str = "none";
const LOGIN_LOCK: &str = "avileo-login";
const DEADLINE_MS: u32 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.to_owned(), date: None, retry_after: None }
    }

    #[test]
    fn every_refusal_comes_with_words_for_a_person() {
        for code in ErrorCode::ALL {
            let body = format!(r#"{{"success":false,"error":{{"code":"{code}"}}}}"#);
            let (_, words) = code_of(&answer(code.status(), &body)).unwrap();
            assert_eq!(words, code.message());
        }
        let unknown = r#"{"success":false,"error":{"code":"of_a_newer_server","message":""}}"#;
        assert_eq!(code_of(&answer(400, unknown)).unwrap().1, UNEXPLAINED);
    }

    #[test]
    fn only_our_own_refusal_ends_a_login() {
        let ours = r#"{"success":false,"error":{"code":"invalid_refresh_token","message":"No."}}"#;
        let judged = |status, body| judge(Ok(answer(status, body))).unwrap_err();
        assert_eq!(judged(401, ours), RefreshFault::Refused);
        for foreign in [
            "<html>Bienvenido</html>",
            r#"{"message":"Unauthorized"}"#,
            r#"{"error":{"code":"unauthorized","message":"No."}}"#,
            r#"{"error":{"code":"invalid_token","message":"No."}}"#,
            r#"{"success":false,"error":{"code":"of_somebody_else","message":"No."}}"#,
        ] {
            assert_eq!(judged(401, foreign), RefreshFault::Unreachable, "{foreign}");
            assert_eq!(judged(403, foreign), RefreshFault::Unreachable, "{foreign}");
        }
        assert_eq!(judged(503, ours), RefreshFault::Unreachable);
        assert_eq!(judged(200, "<html>"), RefreshFault::Unreachable);
    }
}
