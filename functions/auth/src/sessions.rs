//! A user's logins on his devices: listed, ended one by one or all at once, and bounded.

use gateway::{ApiError, Claims};
use protocol::{ErrorCode, Instant, UserId};
use serde::{Deserialize, Serialize};
use store::reading;
use store::tables::{Query, Surroundings, Table, Tables, Write};

use crate::account::Kept;
use crate::accounts::Accounts;
use crate::session::{Login, SESSION_PREFIX, partition_of};

/// A login on a device, as its user sees it.
///
/// ```json
/// {"id":"90be…","device":"Mozilla/5.0 (Linux; Android 14) …","createdAt":"2026-11-22T13:05:00.000Z",
///  "lastUsedAt":"2026-11-22T18:05:00.000Z","expiresAt":"2027-01-21T18:05:00.000Z","current":true}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionSummary {
    /// Names it in `DELETE /auth/sessions/{id}`.
    pub id: String,
    /// What the browser said of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// When the person signed in.
    pub created_at: Instant,
    /// When its refresh token was last used.
    pub last_used_at: Instant,
    /// When it ends if it is not used again.
    pub expires_at: Instant,
    /// The one that asks.
    pub current: bool,
}

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// The caller's sessions, the one used last first.
    pub(crate) async fn sessions(&self, claims: &Claims) -> Result<Vec<SessionSummary>, ApiError> {
        let now = self.now();
        let mut logins = self.logins_of(&claims.user).await?;
        logins.retain(|login| login.expires_at() > now);
        logins.sort_by(|a, b| b.last_used_at.cmp(&a.last_used_at).then_with(|| a.id.cmp(&b.id)));
        let current = claims.session.as_deref();
        Ok(logins.into_iter().map(|login| login.summary(current)).collect())
    }

    /// Ends one of the caller's sessions: a lost phone.
    ///
    /// # Errors
    /// `record_not_found` if he has no such session.
    pub(crate) async fn end_session(&self, claims: &Claims, id: &str) -> Result<(), ApiError> {
        let login: Option<Login> = self.read_one(Login::key_of(&claims.user, id)).await?;
        let login = login.ok_or_else(|| {
            ApiError::new(ErrorCode::RecordNotFound).with_message("Esta sesión no existe.")
        })?;
        self.write_surely(&login.revoke()).await
    }

    /// The writes that end a user's sessions but `kept`, the ones used last first, and as many as
    /// fit in a transaction beside a few other writes; [`end_sessions`](Self::end_sessions) ends
    /// the rest.
    pub(crate) async fn end_of_sessions(
        &self,
        user: &UserId,
        kept: Option<&str>,
    ) -> Result<Vec<Write>, ApiError> {
        let mut logins = self.logins_of(user).await?;
        logins.retain(|login| Some(login.id.as_str()) != kept);
        logins.sort_by_key(|login| std::cmp::Reverse(login.last_used_at));
        logins.truncate(SESSIONS_ENDED_TOGETHER_MAX);
        Ok(logins.iter().map(Login::revoke).collect())
    }

    /// Ends all sessions of a user but `kept`.
    pub(crate) async fn end_sessions(
        &self,
        user: &UserId,
        kept: Option<&str>,
    ) -> Result<(), ApiError> {
        for login in self.logins_of(user).await? {
            if Some(login.id.as_str()) != kept {
                self.write_surely(&login.revoke()).await?;
            }
        }
        Ok(())
    }

    /// Ends the sessions that were not used for longest, if there are as many as a user may have.
    pub(crate) async fn make_room_for_session(&self, user: &UserId) -> Result<(), ApiError> {
        let mut logins = self.logins_of(user).await?;
        logins.sort_by_key(|login| login.last_used_at);
        let surplus = (logins.len() + 1).saturating_sub(SESSIONS_MAX);
        for login in &logins[..surplus] {
            self.write_surely(&login.revoke()).await?;
        }
        Ok(())
    }

    pub(crate) async fn logins_of(&self, user: &UserId) -> Result<Vec<Login>, ApiError> {
        let mut query = Query::range(
            Table::Accounts,
            partition_of(user),
            SESSION_PREFIX,
            format!("{SESSION_PREFIX}~"),
        );
        let mut logins = Vec::new();
        loop {
            let page = reading::query(&*self.tables, &*self.surroundings, &query).await?;
            for item in &page.items {
                logins.push(Login::from_item(item)?);
            }
            match page.resume_after {
                Some(after) => query.after = Some(after),
                None => return Ok(logins),
            }
        }
    }
}

impl Login {
    /// Without tokens and hashes; `current` is the session that asks.
    pub(crate) fn summary(self, current: Option<&str>) -> SessionSummary {
        SessionSummary {
            current: current == Some(self.id.as_str()),
            expires_at: self.expires_at(),
            id: self.id,
            device: self.device,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        }
    }
}

/// A user has at most so many at once; those of one phone that signs in again and again end first.
const SESSIONS_MAX: usize = 100;

/// A transaction takes 100 writes.
const SESSIONS_ENDED_TOGETHER_MAX: usize = 90;

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;

    use gateway::{Gate, KeyError, KeySource, SigningKeys};
    use protocol::Role;
    use store::memory::{MemoryTables, VirtualSurroundings};
    use store::tables::Condition;

    use super::*;
    use crate::account::User;

    struct NoKeys;

    impl KeySource for NoKeys {
        fn fetch(
            &self,
        ) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
            Box::pin(async { Err(KeyError::Malformed("this test signs nothing")) })
        }
    }

    #[tokio::test]
    async fn a_user_has_at_most_a_hundred_sessions_and_the_least_used_end_first() {
        let now = Instant::from_millis(1_795_352_700_000);
        let accounts = Accounts {
            tables: Arc::new(MemoryTables::new()),
            surroundings: Arc::new(VirtualSurroundings::new(now, 1)),
            gate: Gate::new(NoKeys, Arc::new(move || now)),
        };
        let user = User {
            id: crate::register::new_user_id().unwrap(),
            business_id: "b1".parse().unwrap(),
            name: "Rosa Quispe".into(),
            email: "rosa@avileo.demo".into(),
            role: Role::Vendedor,
            sales_point: None,
            active: true,
            deactivated_at: None,
            created_at: now,
        };
        for second in 0..101 {
            let (login, _) = Login::open(&user, None, now.plus_millis(second * 1000)).unwrap();
            accounts.write_surely(&login.put(Condition::Absent).unwrap()).await.unwrap();
        }
        accounts.make_room_for_session(&user.id).await.unwrap();
        let left = accounts.logins_of(&user.id).await.unwrap();
        assert_eq!(left.len(), SESSIONS_MAX - 1, "there is room for one more");
        let oldest = left.iter().map(|login| login.created_at).min();
        assert_eq!(oldest, Some(now.plus_millis(2000)));
    }
}
