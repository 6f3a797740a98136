//! `/team`: the administrator's view of the people of his business.

use gateway::{ApiError, Claims};
use protocol::{
    BusinessId, DeactivateRequest, ErrorCode, Role, TeamMember, TeamMemberRequest, UserId,
};
use serde_json::json;
use store::reading;
use store::tables::{Condition, Query, StoreError, Surroundings, Table, Tables};

use crate::account::{Business, Credential, Kept, USER_PREFIX, User};
use crate::accounts::{Accounts, WRITE_ROUNDS_MAX};
use crate::attempts::Address;
use crate::email::Email;
use crate::name;
use crate::password::NewPassword;
use crate::register::new_user_id;

impl<T: Tables, S: Surroundings> Accounts<T, S> {
    /// `POST /team`: a new user of the caller's own business.
    ///
    /// # Errors
    /// `password_required` for an administrator: one more of them outlives whatever is done about
    /// a token that was stolen.
    pub(crate) async fn add_member(
        &self,
        claims: &Claims,
        request: &TeamMemberRequest,
        address: &Address,
    ) -> Result<TeamMember, ApiError> {
        if request.role == Role::Saliente {
            return Err(ApiError::new(ErrorCode::InvalidField)
                .with_message("role: debe ser ADMIN_NEGOCIO o VENDEDOR.")
                .with_details(json!({ "path": "role" })));
        }
        let name = name::required(&request.name, "name")?;
        let sales_point = name::sales_point(request.sales_point.as_deref())?;
        let email: Email = request.email.parse().map_err(|_| ErrorCode::InvalidEmail)?;
        let password = NewPassword::parse(&request.password)?;
        if request.role == Role::AdminNegocio {
            self.check_own_password(claims, request.own_password.as_deref(), address).await?;
        }
        let user = User {
            id: new_user_id()?,
            business_id: claims.business.clone(),
            name,
            email: email.to_string(),
            role: request.role,
            sales_point,
            active: true,
            deactivated_at: None,
            created_at: self.now(),
        };
        let credential = Credential {
            email: email.to_string(),
            business_id: claims.business.clone(),
            user_id: user.id.clone(),
            password_hash: password.hash()?,
        };
        let writes = vec![user.put(Condition::Absent)?, credential.put(Condition::Absent)?];
        let mut last = StoreError::Throttled;
        for round in 0..WRITE_ROUNDS_MAX {
            match self.transact_as(claims, writes.clone(), round).await? {
                Ok(()) => return Ok(user.to_member()),
                Err(error) => last = error,
            }
            match self.read_one::<Credential>(credential.key()).await? {
                Some(stored) if stored.user_id == user.id => return Ok(user.to_member()),
                Some(_) => return Err(ErrorCode::EmailTaken.into()),
                None => {}
            }
        }
        Err(last.into())
    }

    /// `GET /team`: everyone, the deactivated too, by name.
    pub(crate) async fn members(&self, claims: &Claims) -> Result<Vec<TeamMember>, ApiError> {
        let users = self.users_of(&claims.business).await?;
        let mut members: Vec<TeamMember> = users.iter().map(User::to_member).collect();
        members.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(members)
    }

    /// Everyone who works for a business, or did.
    pub(crate) async fn users_of(&self, business: &BusinessId) -> Result<Vec<User>, ApiError> {
        let mut query = Query::range(
            Table::Accounts,
            Business::key_of(business).partition,
            USER_PREFIX,
            format!("{USER_PREFIX}~"),
        );
        let mut users = Vec::new();
        loop {
            let page = reading::query(&*self.tables, &*self.surroundings, &query).await?;
            for item in &page.items {
                users.push(User::from_item(item)?);
            }
            match page.resume_after {
                Some(after) => query.after = Some(after),
                None => return Ok(users),
            }
        }
    }

    /// `POST /team/{id}/deactivate`: from now on the user may only push what took effect before.
    /// Once more changes nothing.
    ///
    /// # Errors
    /// `forbidden` for oneself: a business always keeps an administrator, since of two who
    /// deactivate each other only the first is one still when it takes effect.
    /// `password_required` for an administrator.
    pub(crate) async fn deactivate(
        &self,
        claims: &Claims,
        id: &UserId,
        request: &DeactivateRequest,
        address: &Address,
    ) -> Result<TeamMember, ApiError> {
        if *id == claims.user {
            return Err(ApiError::new(ErrorCode::Forbidden)
                .with_message("No puedes desactivar tu propio usuario."));
        }
        let mut user = self.member(claims, id).await?;
        if user.active && user.role == Role::AdminNegocio {
            self.check_own_password(claims, request.own_password.as_deref(), address).await?;
        }
        let mut last = StoreError::Throttled;
        for round in 0..WRITE_ROUNDS_MAX {
            if !user.active {
                return Ok(user.to_member());
            }
            let leaving = User { active: false, deactivated_at: Some(self.now()), ..user };
            let was_active = Condition::Equals(vec![("active", true.into())]);
            match self.transact_as(claims, vec![leaving.put(was_active)?], round).await? {
                Ok(()) => return Ok(leaving.to_member()),
                Err(error) => last = error,
            }
            user = self.member(claims, id).await?;
        }
        Err(last.into())
    }

    /// A user of the caller's own business.
    ///
    /// # Errors
    /// `record_not_found`.
    pub(crate) async fn member(&self, claims: &Claims, id: &UserId) -> Result<User, ApiError> {
        self.read_one(User::key_of(&claims.business, id)).await?.ok_or_else(|| {
            ApiError::new(ErrorCode::RecordNotFound).with_message("Este usuario no existe.")
        })
    }
}
