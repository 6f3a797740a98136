//! `POST /auth/refresh` and `POST /auth/logout`: a refresh token is used, or given back.

use gateway::ApiError;
use protocol::{ErrorCode, Session};
use store::tables::{RetryKind, StoreError, Surroundings, Tables};

use crate::account::{Business, Kept, User};
use crate::accounts::{Accounts, WRITE_ROUNDS_MAX};
use crate::refresh_token::RefreshToken;
use crate::session::{Login, Standing};

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// A new access token, and the refresh token that replaces the one sent.
    ///
    /// Sent again before its successor was used, a token gives the same successor; after that, the
    /// whole session ends. A deactivated user's access token is of the role `SALIENTE`.
    pub(crate) async fn refresh(&self, text: &str) -> Result<Session, ApiError> {
        let refused = || ApiError::new(ErrorCode::InvalidRefreshToken);
        let token = RefreshToken::parse(text).ok_or_else(refused)?;
        let (login, successor) = self.rotate(&token).await?;
        let user_key = User::key_of(&login.business_id, &login.user_id);
        let business_key = Business::key_of(&login.business_id);
        let found = self.read([user_key.clone(), business_key.clone()]).await?;
        let user = found.get(&user_key).ok_or_else(refused)?;
        let business = found.get(&business_key).ok_or_else(refused)?;
        let (user, business) = (User::from_item(user)?, Business::from_item(business)?);
        self.issue(user, business, &login, &successor).await
    }

    /// Ends the session that the token belongs to; one that has ended already is no error.
    pub(crate) async fn logout(&self, text: &str) -> Result<(), ApiError> {
        let refused = || ApiError::new(ErrorCode::InvalidRefreshToken);
        let token = RefreshToken::parse(text).ok_or_else(refused)?;
        let Some(login) = self.login_of(&token).await? else { return Ok(()) };
        match login.standing(&token)? {
            Standing::Current | Standing::Previous | Standing::Reused => {
                self.write_surely(&login.revoke()).await
            }
            Standing::Unknown => Err(refused()),
        }
    }

    async fn rotate(&self, token: &RefreshToken) -> Result<(Login, RefreshToken), ApiError> {
        let refused = || ApiError::new(ErrorCode::InvalidRefreshToken);
        let mut last = StoreError::Throttled;
        for _ in 0..WRITE_ROUNDS_MAX {
            let now = self.now();
            let login = self.login_of(token).await?.ok_or_else(refused)?;
            if login.expires_at() <= now {
                return Err(refused());
            }
            let successor = login.successor_of(token)?;
            match login.standing(token)? {
                Standing::Unknown => return Err(refused()),
                Standing::Previous => return Ok((login, successor)),
                Standing::Reused => {
                    tracing::warn!(session = %login.id, "a used refresh token came again");
                    self.write_surely(&login.revoke()).await?;
                    return Err(refused());
                }
                Standing::Current => {
                    let rotated = login.rotated(token, &successor, now);
                    match self.tables.write(&rotated.put(login.unchanged())?).await {
                        Ok(()) => return Ok((rotated, successor)),
                        Err(error) if error.retry_kind() == RetryKind::Permanent => {
                            return Err(error.into());
                        }
                        // Another tab came first, or the reply was lost: the next round will see.
                        Err(error) => last = error,
                    }
                }
            }
        }
        Err(last.into())
    }

    async fn login_of(&self, token: &RefreshToken) -> Result<Option<Login>, ApiError> {
        self.read_one(Login::key_of(&token.user_id()?, &token.session_id())).await
    }
}
