//! A new password: by oneself with the old one, or by the administrator without.

use gateway::{ApiError, Claims};
use protocol::{ErrorCode, PasswordRequest, UserId};
use store::tables::{Condition, Surroundings, Tables};

use crate::account::{Credential, Kept};
use crate::accounts::Accounts;
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
        self.caller(claims).await?;
        let password = NewPassword::parse(&request.new_password)?;
        let user = self.member(claims, &claims.user).await?;
        let email: Email = user.email.parse().map_err(ApiError::internal)?;
        let counters = Counter::of(Some(&email), address);
        let credential = self.credential(Some(&email), &counters).await?;
        let credential =
            self.check_password(&request.current_password, credential, &counters).await?;
        self.replace_hash(&credential, &password).await?;
        self.end_sessions(&user.id, claims.session.as_deref()).await
    }

    /// `POST /team/{id}/reset`: all of the user's sessions end.
    ///
    /// # Errors
    /// `record_not_found` if the business has no such user.
    pub(crate) async fn reset_password(
        &self,
        claims: &Claims,
        id: &UserId,
        password: &str,
    ) -> Result<(), ApiError> {
        self.caller(claims).await?;
        let password = NewPassword::parse(password)?;
        let user = self.member(claims, id).await?;
        let email: Email = user.email.parse().map_err(ApiError::internal)?;
        let credential: Option<Credential> = self.read_one(Credential::key_of(&email)).await?;
        let credential = credential.ok_or(ErrorCode::RecordNotFound)?;
        self.replace_hash(&credential, &password).await?;
        self.end_sessions(&user.id, None).await
    }

    pub(crate) async fn replace_hash(
        &self,
        credential: &Credential,
        password: &NewPassword<'_>,
    ) -> Result<(), ApiError> {
        let changed = Credential { password_hash: password.hash()?, ..credential.clone() };
        self.write_surely(&changed.put(Condition::None)?).await
    }
}
