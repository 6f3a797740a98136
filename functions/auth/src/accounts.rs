//! The `accounts` table and what is needed to work on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::FromRef;
use gateway::{ApiError, Claims, Gate, Parts, TOKEN_SECONDS_MAX, load_caller};
use protocol::{ErrorCode, Instant, Role, Session, SessionUser};
use serde_json::json;
use store::reading::{pause, read_items};
use store::tables::{Condition, Item, Key, RetryKind, StoreError, Surroundings, Tables, Write};

use crate::account::{Business, Credential, Kept, User};
use crate::refresh_token::RefreshToken;
use crate::session::Login;

/// The tables, the clock and the keys that the routes work with; cheap to clone.
pub(crate) struct Accounts<T, S> {
    pub(crate) tables: Arc<T>,
    pub(crate) surroundings: Arc<S>,
    pub(crate) gate: Gate,
}

impl<T, S> Clone for Accounts<T, S> {
    fn clone(&self) -> Self {
        Self {
            tables: Arc::clone(&self.tables),
            surroundings: Arc::clone(&self.surroundings),
            gate: self.gate.clone(),
        }
    }
}

impl<T, S> FromRef<Parts<T, S>> for Accounts<T, S> {
    fn from_ref(parts: &Parts<T, S>) -> Self {
        let Parts { tables, surroundings, gate } = parts.clone();
        Self { tables, surroundings, gate }
    }
}

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// The present moment.
    pub(crate) fn now(&self) -> Instant {
        self.surroundings.now()
    }

    /// The items that exist of `keys`.
    pub(crate) async fn read(
        &self,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<BTreeMap<Key, Item>, ApiError> {
        Ok(read_items(&*self.tables, &*self.surroundings, keys).await?)
    }

    /// One thing, if it exists.
    pub(crate) async fn read_one<K: Kept>(&self, key: Key) -> Result<Option<K>, ApiError> {
        self.read([key.clone()]).await?.get(&key).map(K::from_item).transpose()
    }

    /// One write, without a condition that could be lost to a doubt: may be done twice.
    pub(crate) async fn write_surely(&self, write: &Write) -> Result<(), ApiError> {
        let mut last = StoreError::Throttled;
        for _ in 0..WRITE_ROUNDS_MAX {
            match self.tables.write(write).await {
                Ok(()) => return Ok(()),
                Err(error) if error.retry_kind() == RetryKind::Permanent => {
                    return Err(error.into());
                }
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    /// Stores a new user, his credential among `writes`, in one transaction.
    ///
    /// # Errors
    /// `email_taken` if the address is somebody else's, also if he came first by a moment.
    pub(crate) async fn store_user(
        &self,
        credential: &Credential,
        writes: &[Write],
    ) -> Result<(), ApiError> {
        let mut last = StoreError::Throttled;
        for _ in 0..WRITE_ROUNDS_MAX {
            match self.tables.transact(writes).await {
                Ok(()) => return Ok(()),
                Err(error) if error.retry_kind() == RetryKind::Permanent => {
                    return Err(error.into());
                }
                Err(error) => last = error,
            }
            // The reply may have been lost, or another have come first: the address knows.
            match self.read_one::<Credential>(credential.key()).await? {
                Some(stored) if stored.user_id == credential.user_id => return Ok(()),
                Some(_) => return Err(ErrorCode::EmailTaken.into()),
                None => {}
            }
        }
        Err(last.into())
    }

    /// One attempt to write all of `writes`, which succeeds only while the caller's session has not
    /// ended and the caller is active, an administrator still if the token says so. A read before
    /// the writes is not enough: two administrators who deactivate each other both pass it.
    ///
    /// `Ok(Err(…))` asks for another round, after the caller was read again: the writes lost a race,
    /// or it is not known whether they were made. `round` counts from 0.
    ///
    /// # Errors
    /// `user_inactive` and `invalid_token` if the caller may no longer do it; the store's.
    pub(crate) async fn transact_as(
        &self,
        claims: &Claims,
        mut writes: Vec<Write>,
        round: u32,
    ) -> Result<Result<(), StoreError>, ApiError> {
        writes.extend(caller_checks(claims));
        match self.tables.transact(&writes).await {
            Ok(()) => Ok(Ok(())),
            Err(error) if error.retry_kind() == RetryKind::Permanent => Err(error.into()),
            Err(error) => {
                pause(&*self.surroundings, round + 1).await;
                load_caller(&*self.tables, &*self.surroundings, claims).await?;
                Ok(Err(error))
            }
        }
    }

    /// What a login gives: a fresh access token beside the refresh token.
    pub(crate) async fn issue(
        &self,
        user: User,
        business: Business,
        login: &Login,
        refresh_token: &RefreshToken,
    ) -> Result<Session, ApiError> {
        let now_seconds = u64::try_from(self.now().as_millis() / 1000).unwrap_or_default();
        let claims = Claims {
            business: business.id.clone(),
            user: user.id.clone(),
            role: user.token_role(),
            expires_at_seconds: now_seconds + TOKEN_SECONDS_MAX,
            session: Some(login.id.clone()),
        };
        let expires_at_seconds = i64::try_from(claims.expires_at_seconds).unwrap_or(i64::MAX);
        Ok(Session {
            token: self.gate.sign(&claims).await?,
            expires_at: Instant::from_millis(expires_at_seconds.saturating_mul(1000)),
            refresh_token: refresh_token.to_text(),
            user: SessionUser {
                role: claims.role,
                id: user.id,
                name: user.name,
                email: user.email,
                business_id: business.id,
                business_name: business.name,
                sales_point: user.sales_point,
            },
        })
    }
}

/// What must hold of the caller when a write takes effect.
fn caller_checks(claims: &Claims) -> impl Iterator<Item = Write> {
    let mut user = vec![("active", json!(true))];
    if claims.role == Role::AdminNegocio {
        user.push(("role", json!(Role::AdminNegocio)));
    }
    let user = Write::Check {
        key: User::key_of(&claims.business, &claims.user),
        condition: Condition::Equals(user),
    };
    let session = claims.session.as_ref().map(|session| Write::Check {
        key: Login::key_of(&claims.user, session),
        condition: Condition::Equals(vec![("userId", json!(claims.user))]),
    });
    [user].into_iter().chain(session)
}

/// Rounds of a write that lost a race or was left in doubt.
pub(crate) const WRITE_ROUNDS_MAX: u32 = 5;
