//! A record as it stood after a write: what there is to publish.

use domain::{RecordKey, StoredRecord};
use protocol::{Instant, JsonObject, OperationId, UserId, Version};
use serde_json::Value;

/// One version of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The record.
    pub record: RecordKey,
    /// Its version.
    pub version: Version,
    /// The record itself; `None` once deleted.
    pub value: Option<JsonObject>,
    /// The last operation folded into this version.
    pub operation: OperationId,
    /// Who did it.
    pub changed_by: UserId,
    /// When the server accepted it.
    pub changed_at: Instant,
}

/// An item that can never be published as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record {key} cannot be published: {reason}")]
pub struct Poison {
    /// Its sort key.
    pub key: String,
    /// Why not.
    pub reason: String,
}

impl Poison {
    pub(crate) fn new(key: &str, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }
}

impl Image {
    /// The image of a stored record.
    ///
    /// # Errors
    /// [`Poison`] if it lacks what every record has.
    pub fn of(key: &str, stored: StoredRecord) -> Result<Self, Poison> {
        let poison = |reason: &str| Poison::new(key, reason);
        let text = |name: &str| stored.record.get(name).and_then(Value::as_str);
        let changed_by = text("updatedBy").and_then(|text| text.parse().ok());
        let changed_at = text("updatedAt").and_then(|text| text.parse().ok());
        Ok(Self {
            record: key.parse().map_err(|_| poison("its key is no record key"))?,
            version: stored.version,
            operation: stored.operations.last().cloned().ok_or_else(|| poison("no operation"))?,
            changed_by: changed_by.ok_or_else(|| poison("no updatedBy"))?,
            changed_at: changed_at.ok_or_else(|| poison("no updatedAt"))?,
            value: (!stored.is_deleted()).then_some(stored.record),
        })
    }

    pub(super) fn is_live(&self) -> bool {
        self.value.is_some()
    }
}
