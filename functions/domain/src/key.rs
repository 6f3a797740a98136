//! Where things are kept: the keys of a business's rows.

use std::fmt;
use std::str::FromStr;

use protocol::{Entity, EntityName, OperationId, RecordId};

/// A record's key within its business: `{entity}#{id}`, split at the first `#`.
///
/// What decides on records takes a `RecordKey`, of an entity that it knows. What only keeps them, as
/// a phone does for a later version of itself, takes a `RecordKey<EntityName>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey<E = Entity> {
    /// The kind; never [`Entity::SaleItems`], whose rows live inside their sale.
    pub entity: E,
    /// The record.
    pub id: RecordId,
}

/// Why a text is no record key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a record's key is `entity#id`")]
pub struct InvalidRecordKey;

/// The key of a guard, a row that keeps something unique: `unique#{what}#…`.
///
/// `unique#dni#{dni}`, `unique#variant#{productId}#{folded name}`,
/// `unique#distribucion#{seller}#{date}`, `unique#closing#{seller}#{date}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuardKey(String);

/// The key of anything that a decision reads or writes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// A record, live or a tombstone.
    Record(RecordKey),
    /// A guard.
    Guard(GuardKey),
    /// The receipt of an operation.
    Receipt(OperationId),
}

impl<E> RecordKey<E> {
    /// The key of `id` among `entity`.
    pub fn new(entity: E, id: RecordId) -> Self {
        Self { entity, id }
    }
}

impl RecordKey<EntityName> {
    /// The same key, if its entity is known to this version.
    pub fn known(&self) -> Option<RecordKey> {
        Some(RecordKey::new(self.entity.known()?, self.id.clone()))
    }
}

impl From<RecordKey> for RecordKey<EntityName> {
    fn from(key: RecordKey) -> Self {
        Self::new(key.entity.into(), key.id)
    }
}

impl GuardKey {
    /// What every guard's key begins with.
    pub const PREFIX: &str = "unique#";

    /// `unique#{what}#{parts joined by #}`.
    pub fn new(what: &str, parts: &[&str]) -> Self {
        Self(format!("{}{what}#{}", Self::PREFIX, parts.join("#")))
    }

    /// The sort key in the `records` table.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<E: FromStr> FromStr for RecordKey<E> {
    type Err = InvalidRecordKey;

    fn from_str(text: &str) -> Result<Self, InvalidRecordKey> {
        let (entity, id) = text.split_once('#').ok_or(InvalidRecordKey)?;
        let entity = entity.parse().map_err(|_| InvalidRecordKey)?;
        Ok(Self { entity, id: id.parse().map_err(|_| InvalidRecordKey)? })
    }
}

impl<E: fmt::Display> fmt::Display for RecordKey<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.entity, self.id)
    }
}

impl From<RecordKey> for RowKey {
    fn from(key: RecordKey) -> Self {
        Self::Record(key)
    }
}

impl From<GuardKey> for RowKey {
    fn from(key: GuardKey) -> Self {
        Self::Guard(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_split_at_its_first_number_sign() {
        let key: RecordKey = "sales#a#b".parse().unwrap();
        assert_eq!((key.entity, key.id.as_str()), (Entity::Sales, "a#b"));
        assert_eq!(key.to_string(), "sales#a#b");
        for text in ["sales", "sales#", "ventas#a", "unique#dni#1", "#a"] {
            assert_eq!(text.parse::<RecordKey>(), Err(InvalidRecordKey), "{text}");
        }
    }

    #[test]
    fn a_key_of_an_unknown_entity_is_kept_and_not_decided_on() {
        let key: RecordKey<EntityName> = "routes#a#b".parse().unwrap();
        assert_eq!((key.to_string().as_str(), key.known()), ("routes#a#b", None));
        let sale: RecordKey = "sales#a".parse().unwrap();
        assert_eq!(RecordKey::<EntityName>::from(sale.clone()).known(), Some(sale));
        assert_eq!("#a".parse::<RecordKey<EntityName>>(), Err(InvalidRecordKey));
    }
}
