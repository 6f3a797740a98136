//! Counters: a record's version, a change's number, a feed's epoch.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The one after this.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter! {
    /// How many accepted operations a record has had: 1, 2, 3 … Zero stands for "none yet".
    Version
}
counter! {
    /// A change's place in its business's feed: 1, 2, 3 … without a gap. Zero is before the first.
    Number
}
counter! {
    /// One life of a feed. A restore starts a new one; numbers begin again in it.
    Epoch
}
