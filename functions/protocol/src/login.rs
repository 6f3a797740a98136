//! `POST /auth/…`: how a person gets a session.

use serde::{Deserialize, Serialize};

use crate::{BusinessId, Instant, UserId};

/// `POST /auth/register`: a new business with its first administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// 2 to 255 characters.
    pub business_name: String,
    /// The administrator's name, 2 to 255 characters.
    pub name: String,
    /// One e-mail is one user, of one business.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
}

/// `POST /auth/login`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginRequest {
    /// In any case.
    pub email: String,
    /// As typed.
    pub password: String,
}

/// `POST /auth/refresh` and `POST /auth/logout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefreshRequest {
    /// The last one received.
    pub refresh_token: String,
}

/// `POST /auth/password`: the signed-in user changes his own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordRequest {
    /// The present one.
    pub current_password: String,
    /// 8 to 128 characters.
    pub new_password: String,
}

/// What a login gives: the answer of `register`, `login` and `refresh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// HS256 JWT for `Authorization: Bearer …`, 15 minutes at most.
    pub token: String,
    /// When `token` ends.
    pub expires_at: Instant,
    /// Opaque; good for 60 days, replaced at each use.
    pub refresh_token: String,
    /// Who has signed in.
    pub user: SessionUser,
}

/// The person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionUser {
    /// The user.
    pub id: UserId,
    /// As shown to others.
    pub name: String,
    /// In lower case.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// The business.
    pub business_id: BusinessId,
    /// Its name.
    pub business_name: String,
    /// Where he sells, as "Carro A".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_point: Option<String>,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Runs the business.
    AdminNegocio,
    /// Sells for it.
    Vendedor,
    /// No longer sells for it: may only push what took effect before he was deactivated.
    Saliente,
}
