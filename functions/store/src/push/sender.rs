//! Who pushes: what the token says, checked against the user as he is stored.

use domain::{Caller, Channel};
use protocol::{BusinessId, ErrorCode, Instant, Role, UserId};
use serde_json::Value;

use crate::tables::{Item, Key, Table};

/// The user that a valid token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The token's business.
    pub business: BusinessId,
    /// The token's user.
    pub user: UserId,
    /// The token's role.
    pub role: Role,
}

/// The user may not write with this token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the user may not write: {code}")]
pub struct SenderRefused {
    /// `user_inactive`, so that the phone refreshes and comes back as `SALIENTE`.
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

    /// The caller behind the token, given the user's item as just read.
    ///
    /// # Errors
    /// [`SenderRefused`] if the user is unknown, or deactivated and the token does not say so.
    pub fn caller(&self, user: Option<&Item>, channel: Channel) -> Result<Caller, SenderRefused> {
        let inactive = SenderRefused { code: ErrorCode::UserInactive };
        let user = user.ok_or_else(|| inactive.clone())?;
        let deactivated_at: Option<Instant> =
            user.get("deactivatedAt").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let active = user.get("active").and_then(Value::as_bool) == Some(true);
        if !active && self.role != Role::Saliente {
            return Err(inactive);
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
