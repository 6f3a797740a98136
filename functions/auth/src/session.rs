//! A login on a device: the chain of its refresh tokens, and how a token stands in it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::ApiError;
use protocol::{BusinessId, Instant, UserId};
use serde::{Deserialize, Serialize};
use store::tables::{Condition, Key, Table, Write};
use uuid::Uuid;

use crate::account::{Kept, User};
use crate::refresh_token::{RefreshToken, Salt};
use crate::secret;

/// A login on a device, as stored under `user#{id}` · `session#{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Login {
    pub(crate) id: String,
    pub(crate) user_id: UserId,
    pub(crate) business_id: BusinessId,
    /// Hash of the newest token given out.
    current: String,
    /// Hash of the one before it: good until the newest is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    /// What the chain is made with.
    salt: String,
    /// Tokens given out after the first.
    rotations: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<String>,
    pub(crate) created_at: Instant,
    pub(crate) last_used_at: Instant,
    /// When it ends and DynamoDB may remove it. It does so late: who reads it looks at the clock.
    #[serde(rename = "expiresAt")]
    expires_at_seconds: i64,
}

/// How a token stands in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The newest: using it ends the one before.
    Current,
    /// The one before, whose successor was never used: perhaps the reply was lost.
    Previous,
    /// An older one, whose successor was used: two hold tokens of one login.
    Reused,
    /// Not of this session.
    Unknown,
}

impl Login {
    /// A new login of `user`, with its first token.
    pub(crate) fn open(
        user: &User,
        device: Option<String>,
        now: Instant,
    ) -> Result<(Self, RefreshToken), ApiError> {
        let user_uuid: Uuid = user.id.as_str().parse().map_err(ApiError::internal)?;
        let id = secret::new_id()?;
        let token = RefreshToken::first(user_uuid, id)?;
        let salt: Salt = secret::random_bytes()?;
        let login = Self {
            id: id.to_string(),
            user_id: user.id.clone(),
            business_id: user.business_id.clone(),
            current: token.hash(),
            previous: None,
            salt: URL_SAFE_NO_PAD.encode(salt),
            rotations: 0,
            device,
            created_at: now,
            last_used_at: now,
            expires_at_seconds: end_of_life(now),
        };
        Ok((login, token))
    }

    /// When it ends if it is not used again.
    pub(crate) fn expires_at(&self) -> Instant {
        Instant::from_millis(self.expires_at_seconds.saturating_mul(1000))
    }

    /// How `token` stands in this session.
    pub(crate) fn standing(&self, token: &RefreshToken) -> Result<Standing, ApiError> {
        let hash = token.hash();
        Ok(if hash == self.current {
            Standing::Current
        } else if self.previous.as_ref() == Some(&hash) {
            Standing::Previous
        } else if token.leads_to(&self.current, &self.salt()?, self.rotations) {
            Standing::Reused
        } else {
            Standing::Unknown
        })
    }

    /// The token that follows `token`.
    pub(crate) fn successor_of(&self, token: &RefreshToken) -> Result<RefreshToken, ApiError> {
        Ok(token.successor(&self.salt()?))
    }

    /// This session once `used`, its current token, has been replaced by `successor`.
    pub(crate) fn rotated(
        &self,
        used: &RefreshToken,
        successor: &RefreshToken,
        now: Instant,
    ) -> Self {
        Self {
            current: successor.hash(),
            previous: Some(used.hash()),
            rotations: self.rotations + 1,
            last_used_at: now,
            expires_at_seconds: end_of_life(now),
            ..self.clone()
        }
    }

    /// What holds as long as nobody else has rotated or revoked it.
    pub(crate) fn unchanged(&self) -> Condition {
        Condition::Equals(vec![("current", self.current.as_str().into())])
    }

    /// The write that ends it, with all of its tokens.
    pub(crate) fn revoke(&self) -> Write {
        Write::Delete { key: self.key(), condition: Condition::None }
    }

    pub(crate) fn key_of(user: &UserId, id: &str) -> Key {
        Key::new(Table::Accounts, partition_of(user), format!("{SESSION_PREFIX}{id}"))
    }

    fn salt(&self) -> Result<Salt, ApiError> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.salt).map_err(ApiError::internal)?;
        bytes.try_into().map_err(|_| ApiError::internal("a session's salt has another length"))
    }
}

impl Kept for Login {
    fn key(&self) -> Key {
        Self::key_of(&self.user_id, &self.id)
    }
}

fn end_of_life(now: Instant) -> i64 {
    now.plus_millis(LIFE_MS).as_millis() / 1000
}

/// The partition that holds a user's sessions.
pub(crate) fn partition_of(user: &UserId) -> String {
    format!("user#{user}")
}

/// What the sort key of a session begins with.
pub(crate) const SESSION_PREFIX: &str = "session#";

/// A refresh token lives 60 days.
const LIFE_MS: i64 = 60 * 24 * 3_600_000;
