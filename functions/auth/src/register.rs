//! `POST /auth/register`: a business, its first administrator, its feed and his first login.

use gateway::ApiError;
use protocol::{BusinessId, Epoch, ErrorCode, Instant, RegisterRequest, Role, Session, UserId};
use store::feed::new_feed;
use store::tables::{Condition, Surroundings, Tables, Write};

use crate::account::{Business, Credential, Kept, User};
use crate::accounts::Accounts;
use crate::attempts::{Address, Counter};
use crate::device::Device;
use crate::email::Email;
use crate::password::NewPassword;
use crate::session::Login;
use crate::{name, secret};

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// Makes a business in one transaction.
    pub(crate) async fn register(
        &self,
        request: &RegisterRequest,
        device: Device,
        address: &Address,
    ) -> Result<Session, ApiError> {
        let new = NewBusiness::of(request, self.now())?;
        self.refuse_taken(&new.email, address).await?;
        let (login, refresh_token) = Login::open(&new.user, device.0, self.now())?;
        let mut writes = new.writes()?;
        writes.push(login.put(Condition::Absent)?);
        self.store_user(&new.credential, &writes).await?;
        self.issue(new.user, new.business, &login, &refresh_token).await
    }

    /// Asking which addresses have users is a guess like a wrong password, and counted like one.
    async fn refuse_taken(&self, email: &Email, address: &Address) -> Result<(), ApiError> {
        let counters = Counter::of(None, address);
        let credential = Credential::key_of(email);
        let keys = counters.iter().map(Counter::key).chain([credential.clone()]);
        let found = self.read(keys).await?;
        for counter in &counters {
            counter.check(found.get(&counter.key()), self.now())?;
        }
        if !found.contains_key(&credential) {
            return Ok(());
        }
        for counter in &counters {
            counter.count(&*self.tables, &*self.surroundings).await?;
        }
        Err(ErrorCode::EmailTaken.into())
    }
}

/// A business that is about to be made.
pub(crate) struct NewBusiness {
    pub(crate) business: Business,
    pub(crate) user: User,
    pub(crate) credential: Credential,
    email: Email,
}

impl NewBusiness {
    /// Checks what was asked for and draws ids.
    pub(crate) fn of(request: &RegisterRequest, now: Instant) -> Result<Self, ApiError> {
        let business_name = name::required(&request.business_name, "businessName")?;
        let user_name = name::required(&request.name, "name")?;
        let email: Email = request.email.parse().map_err(|_| ErrorCode::InvalidEmail)?;
        let password = NewPassword::parse(&request.password)?;
        let business = Business { id: new_business_id()?, name: business_name, created_at: now };
        let user = User {
            id: new_user_id()?,
            business_id: business.id.clone(),
            name: user_name,
            email: email.to_string(),
            role: Role::AdminNegocio,
            sales_point: None,
            active: true,
            deactivated_at: None,
            created_at: now,
        };
        let credential = Credential {
            email: email.to_string(),
            business_id: business.id.clone(),
            user_id: user.id.clone(),
            password_hash: password.hash()?,
        };
        Ok(Self { business, user, credential, email })
    }

    /// The writes that make it: the business, its administrator, and its feed.
    pub(crate) fn writes(&self) -> Result<Vec<Write>, ApiError> {
        let seconds = self.business.created_at.as_millis() / 1000;
        let [head, listed] =
            new_feed(&self.business.id, Epoch(u64::try_from(seconds).unwrap_or_default()));
        Ok(vec![
            self.business.put(Condition::Absent)?,
            self.user.put(Condition::Absent)?,
            self.credential.put(Condition::Absent)?,
            head,
            listed,
        ])
    }
}

fn new_business_id() -> Result<BusinessId, ApiError> {
    secret::new_id()?.to_string().parse().map_err(ApiError::internal)
}

pub(crate) fn new_user_id() -> Result<UserId, ApiError> {
    secret::new_id()?.to_string().parse().map_err(ApiError::internal)
}
