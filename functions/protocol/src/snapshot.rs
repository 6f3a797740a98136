//! `GET /sync/snapshot`: every record as last published, part by part.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Cursor, Entity, Number, RecordId, Version};

/// One part of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SnapshotPage {
    /// Records in the order of their keys.
    pub records: Vec<SnapshotRecord>,
    /// Where to read the feed from, once all parts are in.
    pub as_of: Cursor,
    /// What to ask for next; null on the last part.
    pub next_part: Option<String>,
}

/// A record as last published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SnapshotRecord {
    /// The kind of record.
    pub entity: Entity,
    /// The record.
    pub entity_id: RecordId,
    /// Its version.
    pub version: Version,
    /// The change that published it.
    pub number: Number,
    /// The whole record; null once deleted.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub record: Option<Value>,
}
