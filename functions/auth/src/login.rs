//! `POST /auth/login`: e-mail and password become a session.

use gateway::ApiError;
use protocol::{ErrorCode, LoginRequest, Session};
use store::tables::{Condition, Surroundings, Tables};

use crate::account::{Business, Credential, Kept, User};
use crate::accounts::Accounts;
use crate::attempts::{Address, Counter};
use crate::device::Device;
use crate::email::Email;
use crate::password;
use crate::session::Login;

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// Signs a person in.
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
        if !user.active {
            return Err(ErrorCode::UserInactive.into());
        }
        self.make_room_for_session(&user.id).await?;
        let (login, refresh_token) = Login::open(&user, device.0, self.now())?;
        self.write_surely(&login.put(Condition::None)?).await?;
        self.issue(user, business, &login, &refresh_token).await
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
