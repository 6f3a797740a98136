//! `/team`: the people of a business.

use serde::{Deserialize, Serialize};

use crate::{Instant, Role, UserId};

/// `POST /team`: a new user of the administrator's own business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamMemberRequest {
    /// 2 to 255 characters.
    pub name: String,
    /// One e-mail is one user, of one business.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// `ADMIN_NEGOCIO` or `VENDEDOR`.
    pub role: Role,
    /// Where he sells, as "Carro A".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_point: Option<String>,
    /// The caller's own password, required where `role` is `ADMIN_NEGOCIO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_password: Option<String>,
}

/// A user as his administrator sees him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamMember {
    /// The user.
    pub id: UserId,
    /// As shown to others.
    pub name: String,
    /// In lower case.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// Where he sells, as "Carro A".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_point: Option<String>,
    /// He may sign in.
    pub active: bool,
    /// When he was made.
    pub created_at: Instant,
    /// When he was deactivated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Instant>,
}

/// `POST /team/{id}/reset`: an administrator gives a user a new password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResetPasswordRequest {
    /// 8 to 128 characters.
    pub password: String,
    /// The caller's own password, required where the user is an administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_password: Option<String>,
}

/// `POST /team/{id}/deactivate`; the body may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeactivateRequest {
    /// The caller's own password, required where the user is an administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_password: Option<String>,
}
