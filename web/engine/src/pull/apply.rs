//! Laying what came over what is there: only higher versions, and the digest along with them.

use std::collections::BTreeMap;

use protocol::{Digest, Gather, PublishedRecord};

use crate::{SyncedKey, SyncedRecord};

/// Rows to write, and the digest once they are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) rows: BTreeMap<SyncedKey, SyncedRecord>,
    pub(crate) digest: Digest,
}

/// Applies records in the order in which they came. A record that is there at the same or a higher
/// version stays as it is: the snapshot may be ahead of the feed.
pub(crate) fn apply(
    present: &[SyncedRecord],
    came: impl IntoIterator<Item = SyncedRecord>,
    mut digest: Digest,
) -> Applied {
    let mut known: BTreeMap<&SyncedKey, (protocol::Version, bool)> =
        present.iter().map(|row| (&row.key, (row.version, row.record.is_some()))).gather();
    let came: Vec<SyncedRecord> = came.into_iter().collect();
    let mut last = BTreeMap::new();
    for (place, row) in came.iter().enumerate() {
        match known.get(&row.key) {
            Some((version, _)) if *version >= row.version => continue,
            Some((version, true)) => digest.toggle(&row.key.entity, &row.key.id, *version),
            _ => {}
        }
        if row.record.is_some() {
            digest.toggle(&row.key.entity, &row.key.id, row.version);
        }
        known.insert(&row.key, (row.version, row.record.is_some()));
        last.insert(row.key.clone(), place);
    }
    let rows = last.into_iter().map(|(key, place)| (key, came[place].clone())).gather();
    Applied { rows, digest }
}

impl SyncedRecord {
    /// A record as feed or snapshot carry it.
    pub(crate) fn came(published: &PublishedRecord) -> Self {
        let record = published.record.clone().filter(|record| !record.is_null());
        Self { key: key_of(published), version: published.version, record }
    }
}

/// The key under which a phone keeps it.
pub(crate) fn key_of(published: &PublishedRecord) -> SyncedKey {
    SyncedKey::new(published.entity.clone(), published.entity_id.clone())
}

#[cfg(test)]
mod tests {
    use domain::RecordKey;
    use protocol::{Entity, Version};
    use serde_json::{Value, json};

    use super::*;

    fn row(version: u64, record: Option<Value>) -> SyncedRecord {
        let key = RecordKey::new(Entity::Customers, "rosa".parse().unwrap());
        SyncedRecord { key: key.into(), version: Version(version), record }
    }

    fn digest_at(version: u64) -> Digest {
        let mut digest = Digest::EMPTY;
        digest.toggle(Entity::Customers, &"rosa".parse().unwrap(), Version(version));
        digest
    }

    #[test]
    fn a_revival_puts_the_hash_back_and_a_delete_takes_it_out() {
        let deleted = apply(&[row(1, Some(json!({})))], [row(2, None)], digest_at(1));
        assert_eq!(deleted.digest, Digest::EMPTY);
        let revived = apply(&[row(2, None)], [row(3, Some(json!({})))], Digest::EMPTY);
        assert_eq!(revived.digest, digest_at(3));
        let all = [row(1, Some(json!({}))), row(2, None), row(4, Some(json!({})))];
        let applied = apply(&[], all, Digest::EMPTY);
        assert_eq!((applied.digest, applied.rows.len()), (digest_at(4), 1));
    }

    #[test]
    fn what_is_there_at_the_same_or_a_higher_version_stays() {
        let applied =
            apply(&[row(3, None)], [row(2, Some(json!({}))), row(3, None)], Digest::EMPTY);
        assert_eq!((applied.digest, applied.rows.len()), (Digest::EMPTY, 0));
    }
}
