//! What the `accounts` table holds of businesses, users and their passwords.
//!
//! | account | item | what |
//! |---|---|---|
//! | `business#{id}` | `business` | [`Business`] |
//! | `business#{id}` | `user#{id}` | [`User`] |
//! | `email#{address}` | `user` | [`Credential`] |
//! | `email#{address}`, `address#{address}` | `attempts` | wrong passwords, see `attempts` |
//! | `user#{id}` | `session#{id}` | a login on a device, see `session` |

use gateway::ApiError;
use protocol::{BusinessId, Instant, Role, TeamMember, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::tables::{Condition, Item, Key, Table, Write};

use crate::email::Email;

/// Something that is kept in the `accounts` table.
pub(crate) trait Kept: Serialize + DeserializeOwned {
    /// Where it is kept.
    fn key(&self) -> Key;

    /// The write that puts it there.
    fn put(&self, condition: Condition) -> Result<Write, ApiError> {
        let key = self.key();
        let mut item = key.to_item();
        match serde_json::to_value(self).map_err(ApiError::internal)? {
            Value::Object(fields) => item.extend(fields),
            other => return Err(ApiError::internal(format!("not an item: {other:?}"))),
        }
        Ok(Write::Put { table: key.table, item, condition })
    }

    /// Reads it from an item; attributes that it does not know are the table's own.
    fn from_item(item: &Item) -> Result<Self, ApiError> {
        protocol::json::from_value(&Value::Object(item.clone())).map_err(ApiError::internal)
    }
}

/// A business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Business {
    pub(crate) id: BusinessId,
    pub(crate) name: String,
    pub(crate) created_at: Instant,
}

/// A person who works for a business, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) business_id: BusinessId,
    pub(crate) name: String,
    pub(crate) email: String,
    /// `ADMIN_NEGOCIO` or `VENDEDOR`; `SALIENTE` is only ever in a token.
    pub(crate) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sales_point: Option<String>,
    /// The push reads this and the next by name.
    pub(crate) active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deactivated_at: Option<Instant>,
    pub(crate) created_at: Instant,
}

/// Whose an address is, and the hash of his password: apart from [`User`], which every push reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    pub(crate) email: String,
    pub(crate) business_id: BusinessId,
    pub(crate) user_id: UserId,
    pub(crate) password_hash: String,
}

impl Business {
    pub(crate) fn key_of(id: &BusinessId) -> Key {
        Key::new(Table::Accounts, format!("business#{id}"), "business")
    }
}

impl User {
    pub(crate) fn key_of(business: &BusinessId, id: &UserId) -> Key {
        Key::new(Table::Accounts, format!("business#{business}"), format!("{USER_PREFIX}{id}"))
    }

    /// The role that a token of his carries.
    pub(crate) fn token_role(&self) -> Role {
        if self.active { self.role } else { Role::Saliente }
    }

    /// As his administrator sees him.
    pub(crate) fn to_member(&self) -> TeamMember {
        TeamMember {
            id: self.id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            role: self.role,
            sales_point: self.sales_point.clone(),
            active: self.active,
            created_at: self.created_at,
            deactivated_at: self.deactivated_at,
        }
    }
}

impl Credential {
    pub(crate) fn key_of(email: &Email) -> Key {
        Key::new(Table::Accounts, format!("email#{email}"), "user")
    }
}

impl Kept for Business {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

impl Kept for User {
    fn key(&self) -> Key {
        Self::key_of(&self.business_id, &self.id)
    }
}

impl Kept for Credential {
    fn key(&self) -> Key {
        Key::new(Table::Accounts, format!("email#{}", self.email), "user")
    }
}

/// What the sort key of a user begins with.
pub(crate) const USER_PREFIX: &str = "user#";
