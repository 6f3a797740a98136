//! A new password: one's own with the present one, or a user's by an administrator.

use gateway::{ApiError, Claims};
use protocol::{ErrorCode, PasswordRequest, ResetPasswordRequest, Role, UserId};
use serde_json::json;
use store::tables::{Condition, StoreError, Surroundings, Tables};

use crate::account::{Credential, Kept};
use crate::accounts::{Accounts, WRITE_ROUNDS_MAX};
use crate::attempts::{Address, Counter};
use crate::email::Email;
use crate::password::NewPassword;

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// `POST /auth/password`: all other sessions end, this one goes on.
    pub(crate) async fn change_password(
        &self,
        claims: &Claims,
        request: &PasswordRequest,
        address: &Address,
    ) -> Result<(), ApiError> {
        let password = NewPassword::parse(&request.new_password)?;
        let checked = self.own_credential(claims, &request.current_password, address).await?;
        let changed = checked.with_password(&password)?;
        let kept = claims.session.as_deref();
        let unchanged = Condition::Equals(vec![("passwordHash", json!(checked.password_hash))]);
        let mut last = StoreError::Throttled;
        for round in 0..WRITE_ROUNDS_MAX {
            let mut writes = self.end_of_sessions(&claims.user, kept).await?;
            writes.push(changed.put(unchanged.clone())?);
            match self.transact_as(claims, writes, round).await? {
                Ok(()) => return self.end_sessions(&claims.user, kept).await,
                Err(error) => last = error,
            }
            match self.read_one::<Credential>(checked.key()).await? {
                // The reply was lost.
                Some(stored) if stored == changed => {
                    return self.end_sessions(&claims.user, kept).await;
                }
                Some(stored) if stored == checked => {}
                _ => return Err(ErrorCode::InvalidCredentials.into()),
            }
        }
        Err(last.into())
    }

    /// `POST /team/{id}/reset`: all of the user's sessions end in the transaction that changes the
    /// password, so that of two administrators who reset each other only the first still has a
    /// session when it takes effect.
    ///
    /// # Errors
    /// `forbidden` for oneself: that is `/auth/password`, which asks for the present one.
    /// `record_not_found` if the business has no such user; `password_required` for an
    /// administrator.
    pub(crate) async fn reset_password(
        &self,
        claims: &Claims,
        id: &UserId,
        request: &ResetPasswordRequest,
        address: &Address,
    ) -> Result<(), ApiError> {
        if *id == claims.user {
            return Err(ApiError::new(ErrorCode::Forbidden)
                .with_message("Tu propia contraseña se cambia en Cuenta, con la actual."));
        }
        let password = NewPassword::parse(&request.password)?;
        let user = self.member(claims, id).await?;
        if user.role == Role::AdminNegocio {
            self.check_own_password(claims, request.own_password.as_deref(), address).await?;
        }
        let email: Email = user.email.parse().map_err(ApiError::internal)?;
        let credential: Option<Credential> = self.read_one(Credential::key_of(&email)).await?;
        let changed = credential.ok_or(ErrorCode::RecordNotFound)?.with_password(&password)?;
        let mut last = StoreError::Throttled;
        for round in 0..WRITE_ROUNDS_MAX {
            let mut writes = self.end_of_sessions(&user.id, None).await?;
            writes.push(changed.put(Condition::None)?);
            match self.transact_as(claims, writes, round).await? {
                Ok(()) => return self.end_sessions(&user.id, None).await,
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    /// Asks for the caller's own password, where the token alone is not enough. Guesses are
    /// counted with those of a login.
    ///
    /// # Errors
    /// `password_required` if there is none, or a wrong one; `too_many_attempts`. Never 401, which
    /// a phone takes for the end of its session.
    pub(crate) async fn check_own_password(
        &self,
        claims: &Claims,
        password: Option<&str>,
        address: &Address,
    ) -> Result<(), ApiError> {
        let required = || ApiError::new(ErrorCode::PasswordRequired);
        let password = password.filter(|text| !text.is_empty()).ok_or_else(required)?;
        match self.own_credential(claims, password, address).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == ErrorCode::InvalidCredentials => {
                Err(required().with_message("Tu contraseña no es esa."))
            }
            Err(error) => Err(error),
        }
    }

    /// The caller's credential, if `password` is its own.
    async fn own_credential(
        &self,
        claims: &Claims,
        password: &str,
        address: &Address,
    ) -> Result<Credential, ApiError> {
        let user = self.member(claims, &claims.user).await?;
        let email: Email = user.email.parse().map_err(ApiError::internal)?;
        let counters = Counter::of(Some(&email), address);
        let credential = self.credential(Some(&email), &counters).await?;
        self.check_password(password, credential, &counters).await
    }
}

impl Credential {
    /// This one with another password.
    pub(crate) fn with_password(&self, password: &NewPassword<'_>) -> Result<Self, ApiError> {
        Ok(Self { password_hash: password.hash()?, ..self.clone() })
    }
}
