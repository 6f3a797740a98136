//! Signing in and out, and the screen's lock.

use std::rc::Rc;

use engine::{Account, Answer, SignedIn, StorageFault};
use indexeddb::Database;
use protocol::{
    DeviceId, ErrorCode, LoginRequest, RefreshRequest, RegisterRequest, Session, SessionUser, json,
};
use serde::Serialize;
use wasm_bindgen_futures::spawn_local;

use super::stored::{StoredPin, StoredTokens};
use super::tokens::{ask, code_of, data_of};
use super::{Known, Place, StoredSession, Tokens, Verifier};
use crate::shell::{Driver, News, Tabs, Watched, create_sync_id, now};

/// Who is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// The phone's database is being opened.
    Opening,
    /// It cannot be opened; what it says tells a person what to do.
    Failed(StorageFault),
    /// Nobody; these have worked here before.
    SignedOut(Vec<Known>),
    /// He is at work, but his PIN hides the screen.
    Locked(SessionUser),
    /// He is at work.
    SignedIn(SessionUser),
}

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginRefused {
    /// In the server's words: a wrong password, too many attempts.
    #[error("{message}")]
    Refused {
        /// For a program.
        code: String,
        /// For a person.
        message: String,
    },
    /// The server was not reached, and this person has not signed in on this phone before.
    #[error("Sin conexión: para ingresar por primera vez en este teléfono necesitas internet.")]
    Unreachable,
    /// The server was not reached, and the password is not the one of last time.
    #[error("Sin conexión, y la contraseña no es la que usaste en este teléfono.")]
    WrongOffline,
    /// The phone does not store.
    #[error(transparent)]
    Storage(#[from] StorageFault),
}

impl LoginRefused {
    fn is_code(&self, expected: ErrorCode) -> bool {
        matches!(self, Self::Refused { code, .. } if code == expected.as_str())
    }
}

/// Sessions of this phone, and who is at work. Clones share them.
#[derive(Clone)]
pub struct Sessions {
    place: Place,
    tokens: Rc<Tokens>,
    driver: Driver,
    tabs: Tabs,
    device: DeviceId,
    state: Rc<Watched<SessionState>>,
}

impl Sessions {
    pub(crate) async fn new(
        database: Database,
        tokens: Rc<Tokens>,
        driver: Driver,
        tabs: Tabs,
        state: Rc<Watched<SessionState>>,
    ) -> Result<Self, StorageFault> {
        let place = Place(database);
        let device = place.device(create_sync_id()).await?;
        let device = device.parse().map_err(|_| StorageFault::Aborted)?;
        Ok(Self { place, tokens, driver, tabs, device, state })
    }

    /// Takes up the work of whoever was at it, in this tab and as often as another tab changes it.
    pub(crate) async fn start(&self) -> Result<(), StorageFault> {
        self.follow(true).await?;
        let sessions = self.clone();
        self.tabs.listen(move |news| {
            if news == News::Session {
                let sessions = sessions.clone();
                spawn_local(async move {
                    if let Err(fault) = sessions.follow(false).await {
                        sessions.state.set(SessionState::Failed(fault));
                    }
                });
            }
        });
        Ok(())
    }

    /// Who is at work.
    pub fn state(&self) -> Rc<Watched<SessionState>> {
        Rc::clone(&self.state)
    }

    /// Signs in: by the server, or where it cannot be reached by what the phone remembers.
    ///
    /// # Errors
    /// Why not.
    pub async fn login(&self, email: &str, password: &str) -> Result<SessionUser, LoginRefused> {
        let request =
            LoginRequest { email: email.trim().to_owned(), password: password.to_owned() };
        match request_session("/auth/login", &request).await {
            Ok(session) => self.begin(session, password).await,
            Err(LoginRefused::Unreachable) => self.login_offline(email, password).await,
            // Others behind the same address have tried too often. That is no word on this
            // password, and the phone can tell whether it is right.
            Err(refused) if refused.is_code(ErrorCode::TooManyAttempts) => {
                self.login_offline(email, password).await.map_err(|_| refused)
            }
            Err(refused) => Err(refused),
        }
    }

    /// Makes a business and signs its administrator in.
    ///
    /// # Errors
    /// Why not.
    pub async fn register(&self, request: &RegisterRequest) -> Result<SessionUser, LoginRefused> {
        let session = request_session("/auth/register", request).await?;
        self.begin(session, &request.password).await
    }

    /// Signs out in all tabs. The queue stays and is sent when he signs in again: warn him before,
    /// if something waits.
    ///
    /// # Errors
    /// What the database says; he is still signed in then.
    pub async fn logout(&self) -> Result<(), StorageFault> {
        if let Some(account) = self.place.at_work().await? {
            if let Some(mut stored) = self.place.session(&account).await? {
                let ended = stored.tokens.take();
                self.place.put(&stored).await?;
                spawn_local(end_session(ended));
            }
            self.tokens.hold(&account, None);
            self.tokens.remember_typed(&account, None);
        }
        self.place.put_at_work(None).await?;
        self.tabs.tell(&News::Session);
        self.follow(false).await
    }

    /// Sets the PIN of whoever is at work, or takes it away.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_pin(&self, pin: Option<&str>) -> Result<(), StorageFault> {
        let Some(account) = self.place.at_work().await? else { return Ok(()) };
        let pin = match pin {
            Some(pin) => {
                let verifier = Verifier::of(pin).await.ok_or(StorageFault::Aborted)?;
                Some(StoredPin { verifier, failures: 0 })
            }
            None => None,
        };
        self.place.put_pin(&account, pin.as_ref()).await
    }

    /// Hides the screen, if he has a PIN.
    ///
    /// # Errors
    /// What the database says.
    pub async fn lock(&self) -> Result<(), StorageFault> {
        self.follow(true).await
    }

    /// Shows the screen again; false for a wrong PIN. After five of them in a row he
    /// is signed out: only the password opens the app then.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unlock(&self, typed: &str) -> Result<bool, StorageFault> {
        let Some(account) = self.place.at_work().await? else { return Ok(false) };
        let Some(mut pin) = self.place.pin(&account).await? else { return Ok(false) };
        let accepted = pin.verifier.accepts(typed).await;
        pin.failures = if accepted { 0 } else { pin.failures + 1 };
        self.place.put_pin(&account, Some(&pin)).await?;
        if accepted {
            if let SessionState::Locked(user) = self.state.get() {
                self.state.set(SessionState::SignedIn(user));
            }
        } else if pin.failures >= PIN_ATTEMPTS_MAX {
            self.logout().await?;
        }
        Ok(accepted)
    }

    /// Does what the database says of who is at work. `locks`: his PIN hides the screen.
    async fn follow(&self, locks: bool) -> Result<(), StorageFault> {
        let stored = match self.place.at_work().await? {
            Some(account) => self.place.session(&account).await?,
            None => None,
        };
        let Some(stored) = stored else {
            self.driver.sign_out();
            let known = self.place.sessions().await?.iter().map(StoredSession::known).collect();
            self.state.set(SessionState::SignedOut(known));
            return Ok(());
        };
        let account = stored.account();
        let has_pin = self.place.pin(&account).await?.is_some();
        if let Some(tokens) = &stored.tokens {
            self.tokens.hold(&account, Some(tokens.access.clone()));
        }
        let role = stored.user.role;
        let at_work = self.driver.with_engine(|engine| {
            engine.signed_in().is_some_and(|who| who.account == account && who.role == role)
        });
        if !at_work {
            self.driver.sign_in(SignedIn { account, role, device: self.device.clone() });
        }
        let hides = locks || self.is_locked(&stored.user);
        let locked = hides && has_pin;
        let state = if locked { SessionState::Locked } else { SessionState::SignedIn };
        self.state.set(state(stored.user));
        Ok(())
    }

    fn is_locked(&self, user: &SessionUser) -> bool {
        matches!(self.state.get(), SessionState::Locked(locked) if locked.id == user.id)
    }

    async fn begin(&self, session: Session, password: &str) -> Result<SessionUser, LoginRefused> {
        let user = session.user.clone();
        let account = Account { business: user.business_id.clone(), user: user.id.clone() };
        let stored = StoredSession {
            user: user.clone(),
            tokens: Some(StoredTokens {
                access: session.token.clone(),
                refresh: session.refresh_token,
            }),
            password: Verifier::of(password).await,
            signed_in_at: now(),
        };
        self.place.put(&stored).await?;
        self.tokens.remember_typed(&account, None);
        self.tokens.hold(&account, Some(session.token));
        self.take_up(&account, &user).await?;
        Ok(user)
    }

    async fn login_offline(
        &self,
        email: &str,
        password: &str,
    ) -> Result<SessionUser, LoginRefused> {
        let email = email.trim().to_ascii_lowercase();
        let sessions = self.place.sessions().await?;
        let known = sessions.into_iter().find(|session| session.user.email == email);
        let Some(stored) = known else { return Err(LoginRefused::Unreachable) };
        let Some(verifier) = &stored.password else { return Err(LoginRefused::Unreachable) };
        if !verifier.accepts(password).await {
            return Err(LoginRefused::WrongOffline);
        }
        let account = stored.account();
        self.tokens.remember_typed(&account, Some(password));
        self.take_up(&account, &stored.user).await?;
        Ok(stored.user)
    }

    async fn take_up(&self, account: &Account, user: &SessionUser) -> Result<(), StorageFault> {
        self.place.put_at_work(Some(account)).await?;
        let (account, device) = (account.clone(), self.device.clone());
        self.driver.sign_in(SignedIn { account, role: user.role, device });
        self.state.set(SessionState::SignedIn(user.clone()));
        self.tabs.tell(&News::Session);
        Ok(())
    }
}

async fn request_session<T: Serialize>(path: &str, request: &T) -> Result<Session, LoginRefused> {
    let body = serde_json::to_string(request).map_err(|_| StorageFault::Aborted)?;
    let answer = ask(path, body).await.map_err(|_| LoginRefused::Unreachable)?;
    session_in(&answer)
}

/// The session that an answer gives, or why it gives none.
fn session_in(answer: &Answer) -> Result<Session, LoginRefused> {
    let session = data_of(answer).and_then(|data| json::from_value(&data).ok());
    session.ok_or_else(|| match code_of(answer) {
        Some((code, message)) if answer.status < 500 => LoginRefused::Refused { code, message },
        _ => LoginRefused::Unreachable,
    })
}

/// Tells the server that the session is over. Without a network it ends by itself.
async fn end_session(tokens: Option<StoredTokens>) {
    let request = tokens.map(|tokens| RefreshRequest { refresh_token: tokens.refresh });
    let body = request.and_then(|request| serde_json::to_string(&request).ok());
    if let Some(body) = body {
        drop(ask("/auth/logout", body).await);
    }
}

/// So many guesses at a PIN.
const PIN_ATTEMPTS_MAX: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_ours_refuses_a_login() {
        let answer = |status, body: &str| {
            session_in(&Answer { status, body: body.to_owned(), date: None, retry_after: None })
                .unwrap_err()
        };
        for status in [200, 400, 401, 403, 405, 413, 422, 429, 500, 503] {
            for body in ["<html>", "", r#"{"message":"Forbidden"}"#, r#"{"error":{"code":"x"}}"#] {
                assert_eq!(answer(status, body), LoginRefused::Unreachable, "{status} {body}");
            }
        }
        let ours = |code: ErrorCode| {
            let body = format!(r#"{{"success":false,"error":{{"code":"{code}"}}}}"#);
            answer(code.status(), &body)
        };
        assert!(ours(ErrorCode::InvalidCredentials).is_code(ErrorCode::InvalidCredentials));
        assert!(ours(ErrorCode::TooManyAttempts).is_code(ErrorCode::TooManyAttempts));
        assert_eq!(ours(ErrorCode::Unavailable), LoginRefused::Unreachable);
    }
}
