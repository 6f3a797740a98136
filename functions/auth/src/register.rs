//! `POST /auth/register`: a business, its first administrator, its feed and his first login.

use gateway::ApiError;
use protocol::{BusinessId, Epoch, ErrorCode, RegisterRequest, Role, Session, UserId};
use store::feed::new_feed;
use store::tables::{Condition, Surroundings, Tables};

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
        let business_name = name::required(&request.business_name, "businessName")?;
        let user_name = name::required(&request.name, "name")?;
        let email: Email = request.email.parse().map_err(|_| ErrorCode::InvalidEmail)?;
        let password = NewPassword::parse(&request.password)?;
        self.refuse_taken(&email, address).await?;

        let now = self.now();
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
        let (login, refresh_token) = Login::open(&user, device.0, now)?;
        let epoch = Epoch(u64::try_from(now.as_millis() / 1000).unwrap_or_default());
        let [head, listed] = new_feed(&business.id, epoch);
        let writes = [
            business.put(Condition::Absent)?,
            user.put(Condition::Absent)?,
            credential.put(Condition::Absent)?,
            login.put(Condition::Absent)?,
            head,
            listed,
        ];
        self.store_user(&credential, &writes).await?;
        self.issue(user, business, &login, &refresh_token).await
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

fn new_business_id() -> Result<BusinessId, ApiError> {
    secret::new_id()?.to_string().parse().map_err(ApiError::internal)
}

pub(crate) fn new_user_id() -> Result<UserId, ApiError> {
    secret::new_id()?.to_string().parse().map_err(ApiError::internal)
}
