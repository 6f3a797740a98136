//! What operators do to businesses and people beside the routes: no token, no limits on attempts.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::{ApiError, Gate, KeyError, KeySource, SigningKeys, machine_clock};
use protocol::{BusinessId, ErrorCode, Instant, RegisterRequest, Role, TeamMember};
use serde::Serialize;
use store::tables::{Condition, Key, Surroundings, Table, Tables, Write};

use crate::account::{Business, Credential, Kept, User};
use crate::accounts::Accounts;
use crate::email::Email;
use crate::password::NewPassword;
use crate::register::NewBusiness;
use crate::secret;
use crate::sessions::SessionSummary;

/// The `accounts` table in an operator's hands.
pub struct Operator<T, S>(Accounts<T, S>);

/// A business and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedBusiness {
    /// Its id.
    pub id: BusinessId,
    /// Its name.
    pub name: String,
    /// When it was registered.
    pub created_at: Instant,
}

/// Somebody who works for a business, or did, and his sessions; neither hashes nor tokens.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// He himself.
    #[serde(flatten)]
    pub member: TeamMember,
    /// Where he is signed in.
    pub sessions: Vec<SessionSummary>,
}

/// Why an operator's wish was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// What was asked for is refused, or the tables do not answer.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Nobody signs in with this address.
    #[error("nobody signs in with {0}")]
    NoSuchEmail(String),
    /// A seller's administrator resets his password.
    #[error("{0} is no administrator: his administrator resets his password, in the app")]
    NotAdministrator(String),
    /// Another administrator can do it.
    #[error("{0} is not the only administrator: {1} can reset the password in the app")]
    NotTheOnlyOne(String, String),
    /// He has left.
    #[error("{0} was deactivated")]
    Inactive(String),
    /// There is nothing to activate.
    #[error("{0} is active already")]
    Active(String),
}

impl<T: Tables, S: Surroundings> Operator<T, S> {
    /// An operator of these tables.
    pub fn new(tables: T, surroundings: S) -> Self {
        let gate = Gate::new(SignsNothing, machine_clock());
        Self(Accounts { tables: Arc::new(tables), surroundings: Arc::new(surroundings), gate })
    }

    /// Makes a business with its administrator, as `POST /auth/register` does, and no session.
    ///
    /// # Errors
    /// [`OperatorError::Api`]: `email_taken`, or what is wrong with a field.
    pub async fn create_business(
        &self,
        request: &RegisterRequest,
    ) -> Result<NamedBusiness, OperatorError> {
        let new = NewBusiness::of(request, self.0.now())?;
        self.0.store_user(&new.credential, &new.writes()?).await?;
        Ok(NamedBusiness::of(new.business))
    }

    /// A password that nobody guesses, for [`Self::create_business`] and [`Self::reset_password`].
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn new_password() -> Result<String, OperatorError> {
        Ok(URL_SAFE_NO_PAD.encode(secret::random_bytes::<PASSWORD_BYTES>()?))
    }

    /// Gives a business's only administrator a new password; all of his sessions end.
    ///
    /// # Errors
    /// [`OperatorError`] if he is not just that.
    pub async fn reset_password(
        &self,
        email: &str,
        password: &str,
    ) -> Result<TeamMember, OperatorError> {
        let no_such_email = || OperatorError::NoSuchEmail(email.to_owned());
        let password = NewPassword::parse(password).map_err(ApiError::from)?;
        let address: Email = email.parse().map_err(|_| no_such_email())?;
        let credential: Option<Credential> = self.0.read_one(Credential::key_of(&address)).await?;
        let credential = credential.ok_or_else(no_such_email)?;
        let users = self.0.users_of(&credential.business_id).await?;
        let user =
            users.iter().find(|user| user.id == credential.user_id).ok_or_else(no_such_email)?;
        if user.role != Role::AdminNegocio {
            return Err(OperatorError::NotAdministrator(user.email.clone()));
        }
        if !user.active {
            return Err(OperatorError::Inactive(user.email.clone()));
        }
        let able =
            |other: &&User| other.id != user.id && other.active && other.role == Role::AdminNegocio;
        if let Some(other) = users.iter().find(able) {
            let (email, other) = (user.email.clone(), other.email.clone());
            return Err(OperatorError::NotTheOnlyOne(email, other));
        }
        let changed = credential.with_password(&password)?;
        self.0.write_surely(&changed.put(Condition::None)?).await?;
        self.0.end_sessions(&user.id, None).await?;
        Ok(user.to_member())
    }

    /// Lets a deactivated user in again, with a new password; the sessions of before end. The road
    /// back where an administrator was deactivated by mistake, or by a thief.
    ///
    /// # Errors
    /// [`OperatorError`] if there is no such user, or an active one.
    pub async fn activate(&self, email: &str, password: &str) -> Result<TeamMember, OperatorError> {
        let no_such_email = || OperatorError::NoSuchEmail(email.to_owned());
        let password = NewPassword::parse(password).map_err(ApiError::from)?;
        let address: Email = email.parse().map_err(|_| no_such_email())?;
        let credential: Option<Credential> = self.0.read_one(Credential::key_of(&address)).await?;
        let credential = credential.ok_or_else(no_such_email)?;
        let key = User::key_of(&credential.business_id, &credential.user_id);
        let user = self.0.read_one::<User>(key).await?.ok_or_else(no_such_email)?;
        if user.active {
            return Err(OperatorError::Active(user.email));
        }
        let changed = credential.with_password(&password)?;
        self.0.write_surely(&changed.put(Condition::None)?).await?;
        self.0.end_sessions(&user.id, None).await?;
        // Last: a command that was interrupted may be given again.
        let back = User { active: true, deactivated_at: None, ..user };
        self.0.write_surely(&back.put(Condition::None)?).await?;
        Ok(back.to_member())
    }

    /// A business, if there is one of this id.
    ///
    /// # Errors
    /// The tables'.
    pub async fn business(&self, id: &BusinessId) -> Result<Option<NamedBusiness>, OperatorError> {
        let found: Option<Business> = self.0.read_one(Business::key_of(id)).await?;
        Ok(found.map(NamedBusiness::of))
    }

    /// Everyone of a business.
    ///
    /// # Errors
    /// The tables'.
    pub async fn people(&self, business: &BusinessId) -> Result<Vec<Person>, OperatorError> {
        let mut people = Vec::new();
        for user in self.0.users_of(business).await? {
            let logins = self.0.logins_of(&user.id).await?;
            let sessions = logins.into_iter().map(|login| login.summary(None)).collect();
            people.push(Person { member: user.to_member(), sessions });
        }
        Ok(people)
    }

    /// Removes everyone of a business for good: his sessions, his password, his address, himself;
    /// returns how many there were. From then on nobody writes to the business.
    ///
    /// # Errors
    /// The tables'; called again, it goes on.
    pub async fn remove_everyone(&self, business: &BusinessId) -> Result<usize, OperatorError> {
        let users = self.0.users_of(business).await?;
        for user in &users {
            let email: Email = user.email.parse().map_err(ApiError::internal)?;
            let credential = Credential::key_of(&email);
            self.0.end_sessions(&user.id, None).await?;
            let attempts = Key::new(Table::Accounts, credential.partition.as_str(), "attempts");
            let stored: Option<Credential> = self.0.read_one(credential.clone()).await?;
            // The address may be another's by now, if this was interrupted.
            let owned = stored.filter(|stored| stored.user_id == user.id);
            let keys = owned.map(|_| [credential, attempts]).into_iter().flatten();
            // Himself last: without him nobody would know the rest.
            for key in keys.chain([user.key()]) {
                let delete = Write::Delete { key, condition: Condition::None };
                self.0.write_surely(&delete).await?;
            }
            // A login may have been under way.
            self.0.end_sessions(&user.id, None).await?;
        }
        Ok(users.len())
    }
}

impl<T, S> std::fmt::Debug for Operator<T, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").finish_non_exhaustive()
    }
}

impl NamedBusiness {
    fn of(business: Business) -> Self {
        Self { id: business.id, name: business.name, created_at: business.created_at }
    }
}

impl OperatorError {
    /// The stable code, where there is one.
    pub fn code(&self) -> Option<ErrorCode> {
        if let Self::Api(error) = self { Some(error.code()) } else { None }
    }
}

/// An operator issues no token.
struct SignsNothing;

impl KeySource for SignsNothing {
    fn fetch(
        &self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        Box::pin(async { Err(KeyError::Malformed("operators sign nothing")) })
    }
}

/// The partition of `accounts` that holds a business and its people.
pub fn partition_of(business: &BusinessId) -> String {
    Business::key_of(business).partition
}

/// 20 characters.
const PASSWORD_BYTES: usize = 15;
