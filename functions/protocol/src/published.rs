//! What a phone reads of a record that feed or snapshot publish: the same five fields in both.

use serde::Deserialize;
use serde_json::Value;

use crate::{EntityName, Number, RecordId, Version};

/// A record as a phone reads it from a [`Change`](crate::Change) or a
/// [`SnapshotRecord`](crate::SnapshotRecord).
///
/// The server writes those two; a phone reads this one, which is open to what later servers add: an
/// entity that this version does not know is kept by its name, and the action is not read at all,
/// since the record alone says whether it is live.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishedRecord {
    /// The change that published it.
    pub number: Number,
    /// The kind of record, known or not.
    pub entity: EntityName,
    /// The record.
    pub entity_id: RecordId,
    /// Its version.
    pub version: Version,
    /// The whole record; null once deleted.
    pub record: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChangesPage, SnapshotPage, Success};

    fn read(value: &impl serde::Serialize) -> PublishedRecord {
        crate::json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }

    #[test]
    fn changes_and_snapshot_records_are_read_alike() {
        let page: Success<ChangesPage> =
            crate::json::from_str(include_str!("../tests/golden/changes-tail.json")).unwrap();
        for change in &page.data.changes {
            let published = read(change);
            assert_eq!(published.entity, change.entity.into());
            assert_eq!(published.record, change.record);
            assert_eq!((published.number, published.version), (change.number, change.version));
        }
        let part: Success<SnapshotPage> =
            crate::json::from_str(include_str!("../tests/golden/snapshot.json")).unwrap();
        for record in &part.data.records {
            assert_eq!(read(record).entity_id, record.entity_id);
        }
        assert!(!page.data.changes.is_empty() && !part.data.records.is_empty());
    }

    #[test]
    fn a_change_of_a_later_server_is_read() {
        let change = r#"{"number":7,"entity":"routes","action":"archive","entityId":"r-1",
            "version":2,"record":null,"reason":{"of":"the future"}}"#;
        let published: PublishedRecord = crate::json::from_str(change).unwrap();
        assert_eq!((published.entity.as_str(), published.record), ("routes", None));
    }
}
