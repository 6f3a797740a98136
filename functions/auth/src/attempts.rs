//! Wrong passwords are counted, per account and per address.
//!
//! An account is an e-mail, whether somebody has it or not, so that counting tells nothing. The
//! count is read before the password is checked and once more after it was right, so that of many
//! guesses sent at once a lucky one gains nothing once the others were counted.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use gateway::ApiError;
use protocol::{ErrorCode, Instant};
use serde::{Deserialize, Serialize};
use store::reading::read_items;
use store::tables::{Condition, Item, Key, RetryKind, StoreError, Surroundings, Table, Tables};

use crate::account::Kept;
use crate::email::Email;

/// The address that a request came from, as the edge says in `x-avileo-address`, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(Option<String>);

/// What is counted: one account or one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counter {
    partition: String,
    failures_max: usize,
}

/// The wrong passwords of the last minute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attempts {
    /// Its own key.
    #[serde(rename = "account")]
    partition: String,
    /// When, in milliseconds since 1970, oldest first; at most as many as refuse the next.
    failed_at_ms: Vec<i64>,
    /// Rises with every write.
    version: u64,
    /// When DynamoDB may remove it, in seconds.
    #[serde(rename = "expiresAt")]
    expires_at_seconds: i64,
}

impl Counter {
    /// Those for a login with `email` from `address`.
    pub(crate) fn of(email: Option<&Email>, address: &Address) -> Vec<Self> {
        let account = email.map(|email| Self {
            partition: format!("email#{email}"),
            failures_max: ACCOUNT_FAILURES_MAX,
        });
        let address = address.0.as_ref().map(|address| Self {
            partition: format!("address#{address}"),
            failures_max: ADDRESS_FAILURES_MAX,
        });
        account.into_iter().chain(address).collect()
    }

    /// Where it is kept.
    pub(crate) fn key(&self) -> Key {
        Key::new(Table::Accounts, self.partition.as_str(), "attempts")
    }

    /// Whether another attempt may be made, given the item as read.
    ///
    /// # Errors
    /// `too_many_attempts` with the seconds until the oldest is a minute ago.
    pub(crate) fn check(&self, item: Option<&Item>, now: Instant) -> Result<(), ApiError> {
        let recent = self.recent(item, now)?.failed_at_ms;
        if recent.len() < self.failures_max {
            return Ok(());
        }
        let oldest = recent.get(recent.len() - self.failures_max).copied().unwrap_or_default();
        let wait_ms = (oldest + WINDOW_MS - now.as_millis()).clamp(1, WINDOW_MS);
        let wait_seconds = u64::try_from(wait_ms).unwrap_or_default().div_ceil(1000);
        Err(ApiError::new(ErrorCode::TooManyAttempts).retry_after(wait_seconds))
    }

    /// Counts a wrong password.
    ///
    /// # Errors
    /// The store's; a lost race is tried again, a bounded number of times.
    pub(crate) async fn count<T: Tables, S: Surroundings>(
        &self,
        tables: &T,
        surroundings: &S,
    ) -> Result<(), ApiError> {
        let key = self.key();
        let mut last = StoreError::Throttled;
        for _ in 0..COUNT_ROUNDS_MAX {
            let found = read_items(tables, surroundings, [key.clone()]).await?;
            let now = surroundings.now();
            let present = found.get(&key);
            let mut attempts = self.recent(present, now)?;
            let condition = if present.is_some() {
                Condition::Equals(vec![("version", attempts.version.into())])
            } else {
                Condition::Absent
            };
            attempts.failed_at_ms.push(now.as_millis());
            let surplus = attempts.failed_at_ms.len().saturating_sub(self.failures_max);
            attempts.failed_at_ms.drain(..surplus);
            attempts.version += 1;
            attempts.expires_at_seconds = (now.as_millis() + WINDOW_MS) / 1000 + 1;
            match tables.write(&attempts.put(condition)?).await {
                Ok(()) => return Ok(()),
                Err(error) if error.retry_kind() == RetryKind::Permanent => {
                    return Err(error.into());
                }
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    fn recent(&self, item: Option<&Item>, now: Instant) -> Result<Attempts, ApiError> {
        let mut attempts = match item {
            Some(item) => Attempts::from_item(item)?,
            None => Attempts { partition: self.partition.clone(), ..Attempts::default() },
        };
        attempts.failed_at_ms.retain(|at| at + WINDOW_MS > now.as_millis());
        Ok(attempts)
    }
}

impl Kept for Attempts {
    fn key(&self) -> Key {
        Key::new(Table::Accounts, self.partition.as_str(), "attempts")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all("x-avileo-address").iter();
        let (Some(value), None) = (values.next(), values.next()) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        let fits = (1..=ADDRESS_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        Ok(Self(fits.then(|| text.to_owned())))
    }
}

/// The sixth within a minute is refused.
const ACCOUNT_FAILURES_MAX: usize = 5;

/// More than an account's, since many phones share a carrier's address.
const ADDRESS_FAILURES_MAX: usize = 30;

const WINDOW_MS: i64 = 60_000;

const COUNT_ROUNDS_MAX: u32 = 8;

/// Longer than any IPv6 address with its zone.
const ADDRESS_BYTES_MAX: usize = 64;
