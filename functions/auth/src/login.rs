//! `POST /auth/login`: e-mail and password become a session.

use gateway::ApiError;
use protocol::{ErrorCode, LoginRequest, Session};
use serde_json::json;
use store::reading::pause;
use store::tables::{Condition, RetryKind, StoreError, Surroundings, Tables, Write};

use crate::account::{Business, Credential, Kept, User};
use crate::accounts::{Accounts, WRITE_ROUNDS_MAX};
use crate::attempts::{Address, Counter};
use crate::device::Device;
use crate::email::Email;
use crate::password;
use crate::session::Login;

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// Signs a person in. A user who was deactivated may sign in too: the token's role is
    /// `SALIENTE` then, good for delivering what the phone had written before, and nothing else.
    pub(crate) async fn login(
        &self,
        request: &LoginRequest,
        device: Device,
        address: &Address,
    ) -> Result<Session, ApiError> {
        let email = request.email.parse::<Email>().ok();
        let counters = Counter::of(email.as_ref(), address);
        let credential = self.credential(email.as_ref(), &counters).await?;
        let credential = self.check_password(&request.password, credential, &counters).await?;

        let (user, business) = self.user_and_business(&credential).await?;
        self.make_room_for_session(&user.id).await?;
        let (login, refresh_token) = Login::open(&user, device.0, self.now())?;
        self.store_login(&login, &credential).await?;
        self.issue(user, business, &login, &refresh_token).await
    }

    /// Stores a session, provided that the password is still the one that was checked: a reset
    /// that came in between has ended all sessions, and would miss this one.
    ///
    /// # Errors
    /// `invalid_credentials` if the password was changed meanwhile.
    async fn store_login(&self, login: &Login, checked: &Credential) -> Result<(), ApiError> {
        let unchanged = Condition::Equals(vec![("passwordHash", json!(checked.password_hash))]);
        let writes = [
            login.put(Condition::None)?,
            Write::Check { key: checked.key(), condition: unchanged },
        ];
        let mut last = StoreError::Throttled;
        for round in 0..WRITE_ROUNDS_MAX {
            match self.tables.transact(&writes).await {
                Ok(()) => return Ok(()),
                Err(error) if error.retry_kind() == RetryKind::Permanent => {
                    return Err(error.into());
                }
                Err(error) => last = error,
            }
            pause(&*self.surroundings, round + 1).await;
            let stored: Option<Credential> = self.read_one(checked.key()).await?;
            if stored.is_none_or(|stored| stored.password_hash != checked.password_hash) {
                return Err(ErrorCode::InvalidCredentials.into());
            }
        }
        Err(last.into())
    }

    /// The credential behind an e-mail, if it has one and may be tried.
    ///
    /// # Errors
    /// `too_many_attempts`.
    pub(crate) async fn credential(
        &self,
        email: Option<&Email>,
        counters: &[Counter],
    ) -> Result<Option<Credential>, ApiError> {
        let key = email.map(Credential::key_of);
        let keys = counters.iter().map(Counter::key).chain(key.clone());
        let found = self.read(keys).await?;
        for counter in counters {
            counter.check(found.get(&counter.key()), self.now())?;
        }
        key.and_then(|key| found.get(&key).map(Credential::from_item)).transpose()
    }

    /// The credential once more, if `password` is its own.
    ///
    /// # Errors
    /// `invalid_credentials`, counted; `too_many_attempts` if others were counted meanwhile.
    pub(crate) async fn check_password(
        &self,
        password: &str,
        credential: Option<Credential>,
        counters: &[Counter],
    ) -> Result<Credential, ApiError> {
        let hash = credential.as_ref().map(|credential| credential.password_hash.as_str());
        let is_right = password::is_right(password, hash)?;
        match credential {
            Some(credential) if is_right => {
                let found = self.read(counters.iter().map(Counter::key)).await?;
                for counter in counters {
                    counter.check(found.get(&counter.key()), self.now())?;
                }
                Ok(credential)
            }
            _ => {
                for counter in counters {
                    counter.count(&*self.tables, &*self.surroundings).await?;
                }
                Err(ErrorCode::InvalidCredentials.into())
            }
        }
    }

    async fn user_and_business(
        &self,
        credential: &Credential,
    ) -> Result<(User, Business), ApiError> {
        let user = User::key_of(&credential.business_id, &credential.user_id);
        let business = Business::key_of(&credential.business_id);
        let found = self.read([user.clone(), business.clone()]).await?;
        match (found.get(&user), found.get(&business)) {
            (Some(user), Some(business)) => {
                Ok((User::from_item(user)?, Business::from_item(business)?))
            }
            // A credential that outlived its business is nobody's.
            _ => Err(ErrorCode::InvalidCredentials.into()),
        }
    }
}
