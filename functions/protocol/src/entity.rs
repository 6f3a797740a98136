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
    /// A kind of record.
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
