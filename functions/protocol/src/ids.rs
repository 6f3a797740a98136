//! Identifiers: strings made by clients, 1 to 128 ASCII characters from `!` to `~`.
//!
//! Clients make them with `crypto.randomUUID`, older ones in other shapes (`1699999999999-a1b2c3`),
//! so nothing more is asked of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an identifier has 1 to 128 ASCII characters from `!` to `~`")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 128, pattern = "^[!-~]+$"))]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                if is_id(&text) { Ok(Self(text)) } else { Err(InvalidId) }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A record of any entity. Unique within business and entity.
    RecordId
}
id! {
    /// An operation: the key under which it takes effect once.
    OperationId
}
id! {
    /// A business, that is, a tenant.
    BusinessId
}
id! {
    /// A person who signs in; `sellerId` and `vendedorId` name one.
    UserId
}
id! {
    /// An installation of the app: one browser profile.
    DeviceId
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

const ID_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_older_clients_are_accepted() {
        for text in ["1699999999999-a1b2c3", "uuid-1", "a", "!", "~", "a#b"] {
            assert!(text.parse::<RecordId>().is_ok(), "{text}");
        }
    }

    #[test]
    fn spaces_controls_and_long_texts_are_refused() {
        let long = "a".repeat(129);
        for text in ["", " ", "a b", "a\n", "ñ", "\u{7f}", long.as_str()] {
            assert_eq!(text.parse::<RecordId>(), Err(InvalidId), "{text:?}");
        }
        assert!("a".repeat(128).parse::<RecordId>().is_ok());
    }
}
