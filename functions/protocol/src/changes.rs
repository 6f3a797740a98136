//! `GET /sync/changes`: the change feed, page by page.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Action, Cursor, Entity, Instant, Number, OperationId, RecordId, UserId, Version};

/// At most so many changes on a page.
pub const PAGE_CHANGES_MAX: u64 = 100;

/// One change of one record, as every phone of the business reads it.
///
/// ```json
/// {"number":12,"entity":"customers","action":"insert","entityId":"7f1e…","version":1,
///  "record":{…},"operationId":"0b2c…","changedBy":"user-2","changedAt":"2026-11-22T13:05:01.250Z"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its place in the feed.
    pub number: Number,
    /// The kind of record.
    pub entity: Entity,
    /// What a reader sees: `insert` where the record was not live in the feed before.
    pub action: Action,
    /// The record.
    pub entity_id: RecordId,
    /// The record's version; versions may skip, numbers never.
    pub version: Version,
    /// The whole record; null once deleted.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub record: Option<Value>,
    /// The last operation folded into this change.
    pub operation_id: OperationId,
    /// Who did it.
    pub changed_by: UserId,
    /// When the server accepted it.
    pub changed_at: Instant,
}

/// A page of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangesPage {
    /// In order of their numbers, without a gap.
    pub changes: Vec<Change>,
    /// Where to read on.
    pub next_since: Cursor,
    /// The digest of all live records after the page's last change: 32 lower-case hex digits.
    pub digest: String,
    /// There is more to read at once.
    pub has_more: bool,
    /// The newest change; only on the tail, never on a sealed page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Number>,
}
