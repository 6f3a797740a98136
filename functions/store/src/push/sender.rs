//! Who pushes: what the token says, checked against the stored user and session.

use std::collections::BTreeMap;

use domain::{Caller, Channel};
use protocol::{BusinessId, ErrorCode, Instant, Role, UserId};
use serde_json::Value;

use crate::tables::{Item, Key, Table};

/// The user that a valid token names, and the session that the token was issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The token's business.
    pub business: BusinessId,
    /// The token's user.
    pub user: UserId,
    /// The token's role.
    pub role: Role,
    /// The token's session; a token that names none belongs to no session.
    pub session: Option<String>,
}

/// The token may not be used any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token is refused: {code}")]
pub struct SenderRefused {
    /// `user_inactive`, so that the phone refreshes and comes back as `SALIENTE`; `invalid_token`
    /// where the session has ended, so that the phone asks for the password.
    pub code: ErrorCode,
}

impl Sender {
    /// Where the user is stored.
    pub fn key(&self) -> Key {
        Key::new(
            Table::Accounts,
            format!("business#{}", self.business),
            format!("user#{}", self.user),
        )
    }

    /// Where the session is stored.
    pub fn session_key(&self) -> Option<Key> {
        let session = self.session.as_ref()?;
        Some(Key::new(Table::Accounts, format!("user#{}", self.user), format!("session#{session}")))
    }

    /// What [`caller`](Self::caller) needs to be read: the user and the session.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        [self.key()].into_iter().chain(self.session_key())
    }

    /// The caller behind the token, given what was just read of [`keys`](Self::keys).
    ///
    /// # Errors
    /// [`SenderRefused`]: `user_inactive` if the user is unknown, or deactivated and the token does
    /// not say so; else `invalid_token` if the session has ended. In this order, since a deactivated
    /// user's session may have been ended too, and the phone has to say the former.
    pub fn caller(
        &self,
        found: &BTreeMap<Key, Item>,
        channel: Channel,
        now: Instant,
    ) -> Result<Caller, SenderRefused> {
        let refused = |code| SenderRefused { code };
        let user = found.get(&self.key()).ok_or(refused(ErrorCode::UserInactive))?;
        let deactivated_at: Option<Instant> =
            user.get("deactivatedAt").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let active = user.get("active").and_then(Value::as_bool) == Some(true);
        if !active && self.role != Role::Saliente {
            return Err(refused(ErrorCode::UserInactive));
        }
        let session = self.session_key().and_then(|key| found.get(&key));
        if !session.is_some_and(|session| is_open(session, now)) {
            return Err(refused(ErrorCode::InvalidToken));
        }
        Ok(Caller {
            business: self.business.clone(),
            user: self.user.clone(),
            role: self.role,
            deactivated_at,
            channel,
        })
    }
}

/// DynamoDB removes what has expired days later, so the clock decides.
fn is_open(session: &Item, now: Instant) -> bool {
    let expires_at_seconds = session.get("expiresAt").and_then(Value::as_i64);
    expires_at_seconds.is_some_and(|seconds| seconds > now.as_millis() / 1000)
}
