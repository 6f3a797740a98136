//! The digest of a business's live records: one number by which phone and server compare all.
//!
//! The XOR, over all live records, of the xxh3-128 (seed 0) of `entity#id#version` in UTF-8. It
//! does not depend on order, and a record goes in and out by the same operation, so both sides keep
//! it running with two hashes a change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::{RecordId, Version};

/// The digest, 32 lower-case hex digits on the wire; zeros where nothing is live.
///
/// ```
/// # use protocol::{Digest, Entity, RecordId, Version};
/// let rosa: RecordId = "7f1e".parse()?;
/// let mut digest = Digest::EMPTY;
/// digest.toggle(Entity::Customers, &rosa, Version(1)); // in
/// digest.toggle(Entity::Customers, &rosa, Version(1)); // out again
/// assert_eq!(digest.to_string(), "00000000000000000000000000000000");
/// # Ok::<(), protocol::InvalidId>(())
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(u128);

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 32 lower-case hexadecimal digits")]
pub struct InvalidDigest;

impl Digest {
    /// Of no records.
    pub const EMPTY: Self = Self(0);

    /// Puts a live record in at this version, or takes it out if it is in. The entity is an
    /// [`Entity`](crate::Entity) or an [`EntityName`](crate::EntityName): a record counts whether its
    /// kind is known or not.
    pub fn toggle(&mut self, entity: impl fmt::Display, id: &RecordId, version: Version) {
        self.0 ^= xxh3_128(format!("{entity}#{id}#{version}").as_bytes());
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != HEX_DIGITS || !text.bytes().all(is_hex) {
            return Err(InvalidDigest);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| InvalidDigest)
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

const HEX_DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entity, EntityName};

    fn of(records: &[(Entity, &str, u64)]) -> Digest {
        let mut digest = Digest::EMPTY;
        for (entity, id, version) in records {
            digest.toggle(*entity, &id.parse().unwrap(), Version(*version));
        }
        digest
    }

    #[test]
    fn a_digest_is_pinned_to_its_published_hash() {
        // Computed with the reference implementation: XXH3_128bits("customers#a#1"), seed 0.
        assert_eq!(of(&[(Entity::Customers, "a", 1)]).to_string(), CUSTOMERS_A_1);
    }

    #[test]
    fn an_unknown_entity_is_hashed_by_its_name() {
        let name: EntityName = "customers".parse().unwrap();
        let mut digest = Digest::EMPTY;
        digest.toggle(&name, &"a".parse().unwrap(), Version(1));
        assert_eq!(digest.to_string(), CUSTOMERS_A_1);
    }

    #[test]
    fn order_does_not_show_and_twice_is_nothing() {
        let (a, b) = ((Entity::Customers, "a", 1), (Entity::Sales, "b", 7));
        assert_eq!(of(&[a, b]), of(&[b, a]));
        assert_eq!(of(&[a, b, a]), of(&[b]));
        assert_ne!(of(&[a]), of(&[(Entity::Customers, "a", 2)]));
    }

    #[test]
    fn a_digest_is_read_back_as_written_and_nothing_else_is_read() {
        let digest = of(&[(Entity::Customers, "a", 1)]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let json = serde_json::to_value(digest).unwrap();
        assert_eq!(crate::json::from_value::<Digest>(&json).unwrap(), digest);
        let upper = digest.to_string().to_uppercase();
        for text in ["", "0", "+0000000000000000000000000000000", &"0".repeat(33), &upper] {
            assert_eq!(text.parse::<Digest>(), Err(InvalidDigest), "{text:?}");
        }
    }

    const CUSTOMERS_A_1: &str = "89a74bd965676c74b38e0cdb97ea7054";
}
