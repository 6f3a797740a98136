//! The kinds of record and what can be done to one: the exact strings of the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

// `tt` where a name of the wire stands: of a `literal`, which comes wrapped, the derive that describes
// the type sees nothing, and describes the variant's name instead.
macro_rules! strings {
    ($(#[$doc:meta])* $name:ident, $unknown:ident, $message:literal,
     { $($(#[$variant_doc:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The string on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        #[doc = $message]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error($message)]
        pub struct $unknown;

        impl FromStr for $name {
            type Err = $unknown;

            fn from_str(text: &str) -> Result<Self, $unknown> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($unknown) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

strings! {
    /// A kind of record that this version knows.
    Entity, UnknownEntity, "no entity has this name", {
        /// A customer.
        Customers = "customers",
        /// A sale with its items inside.
        Sales = "sales",
        /// One line of a sale; lives inside the sale that `saleId` names.
        SaleItems = "sale_items",
        /// A payment of debt.
        Abonos = "abonos",
        /// The load given to a seller for a day.
        Distribuciones = "distribuciones",
        /// A way in which a product is sold.
        ProductVariants = "product_variants",
        /// A product.
        Products = "products",
        /// A seller's settled day.
        Closings = "closings",
    }
}

strings! {
    /// What an operation does to its record.
    Action, UnknownAction, "an action is insert, update or delete", {
        /// Makes it.
        Insert = "insert",
        /// Changes the fields that the payload names.
        Update = "update",
        /// Makes it a tombstone.
        Delete = "delete",
    }
}

/// The name of a kind of record, known to this version or not.
///
/// A phone may be older than the server. It keeps a record of an unknown kind as it came, so that
/// its digest agrees with the server's and a later version of the app finds the record there. In the
/// order of the names' bytes, as databases sort them.
///
/// ```
/// # use protocol::{Entity, EntityName};
/// let routes: EntityName = "routes".parse()?;
/// assert_eq!(routes.known(), None);
/// assert_eq!(EntityName::from(Entity::Sales).known(), Some(Entity::Sales));
/// # Ok::<(), protocol::InvalidEntityName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntityName(String);

/// Why a text is no name of an entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name of an entity has 1 to 64 ASCII characters from `!` to `~`, without `#`")]
pub struct InvalidEntityName;

impl EntityName {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The entity, if this version knows it.
    pub fn known(&self) -> Option<Entity> {
        self.0.parse().ok()
    }
}

impl From<Entity> for EntityName {
    fn from(entity: Entity) -> Self {
        Self(entity.as_str().to_owned())
    }
}

impl TryFrom<String> for EntityName {
    type Error = InvalidEntityName;

    fn try_from(text: String) -> Result<Self, InvalidEntityName> {
        // `#` ends the name in a record's key.
        let is_name = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        let fits = (1..=NAME_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(is_name) { Ok(Self(text)) } else { Err(InvalidEntityName) }
    }
}

impl FromStr for EntityName {
    type Err = InvalidEntityName;

    fn from_str(text: &str) -> Result<Self, InvalidEntityName> {
        Self::try_from(text.to_owned())
    }
}

impl From<EntityName> for String {
    fn from(name: EntityName) -> String {
        name.0
    }
}

impl fmt::Display for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const NAME_BYTES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_whether_it_is_known_or_not() {
        for entity in Entity::ALL {
            // A row that was kept by its name is found by the version that knows the entity.
            let kept: EntityName = entity.as_str().parse().unwrap();
            assert_eq!((kept.known(), &kept), (Some(*entity), &EntityName::from(*entity)));
        }
        let unknown: EntityName = crate::json::from_str(r#""price_lists""#).unwrap();
        assert_eq!((unknown.as_str(), unknown.known()), ("price_lists", None));
        assert_eq!(serde_json::to_string(&unknown).unwrap(), r#""price_lists""#);
    }

    #[test]
    fn what_would_blur_a_key_is_no_name() {
        for text in ["", "a#b", "a b", "ñ", "a\n", &"a".repeat(65)] {
            assert_eq!(text.parse::<EntityName>(), Err(InvalidEntityName), "{text:?}");
        }
        assert!("a".repeat(64).parse::<EntityName>().is_ok());
    }
}
