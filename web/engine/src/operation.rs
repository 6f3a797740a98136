//! One operation of the queue: what a person did, and how far it has come.

use protocol::{
    Action, DeviceId, Entity, ErrorCode, Instant, JsonObject, Operation, OperationId, RecordId,
    Version,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use domain::RecordKey;

use crate::Account;

/// A row of the store `operations`.
///
/// ```json
/// {"id":"0b2c…","sequence":12,"entity":"customers","operation":"insert","entityId":"7f1e…",
///  "data":{"name":"Rosa Quispe"},"timestamp":"2026-11-22T13:05:00.000Z","status":"pending",
///  "retryCount":0,"lastError":null,"createdAt":"2026-11-22T13:05:00.000Z",
///  "updatedAt":"2026-11-22T13:05:00.000Z","nextRetryAt":null,"sentAt":null,"deviceId":"cart-a",
///  "manualRetries":0,"account":{"business":"b-1","user":"user-2"}}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationRecord {
    /// The key under which it takes effect once.
    pub id: OperationId,
    /// Its place in the queue: a counter taken in the transaction that enqueued it.
    pub sequence: Sequence,
    /// The kind of record.
    pub entity: Entity,
    /// What is done to it.
    pub operation: Action,
    /// The record.
    pub entity_id: RecordId,
    /// The fields that it sets.
    pub data: JsonObject,
    /// The wall clock when it was done.
    pub timestamp: Instant,
    /// The version of the record that the person saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_version: Option<Version>,
    /// How far it has come.
    pub status: QueueStatus,
    /// Answers in a row that were none for good.
    pub retry_count: u32,
    /// Why it has not taken effect yet, or never will; in Spanish.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Instant,
    /// Rises with every change of the row, whatever the clock does: writers compare it.
    pub updated_at: Instant,
    /// Not to be sent before.
    pub next_retry_at: Option<Instant>,
    /// Stored before the first sending; from then on the operation never changes.
    pub sent_at: Option<Instant>,
    /// The installation that it was made on.
    pub device_id: DeviceId,
    /// How often Reintentar was pressed.
    pub manual_retries: u32,
    /// The failed operation that it corrects, whose place in the queue it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<OperationId>,
    /// Why it failed, for a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The record's version after it. Present while it may still have to be shown on top of the
    /// synced record: absent again once that has caught up, or when it is pushed again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_version: Option<Version>,
    /// Whose it is.
    pub account: Account,
    /// `blocked` answers in a row for something that is not in this queue.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub blocked_count: u32,
    /// The latest updates that became part of it before it was sent: their ids, by which a repeated
    /// command is recognised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<OperationId>,
    /// What a newer version of the app has stored beside this; kept as it came.
    #[serde(flatten)]
    pub unknown: JsonObject,
}

/// A place in the queue.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// How far an operation has come.
///
/// | from | to | when |
/// |---|---|---|
/// | – | pending | enqueued |
/// | pending | processed | answered `applied`, `duplicate`, `merged` or `conflict` |
/// | pending | failed | answered `rejected`; refused alone by the server with 400, 413 or 422; its insert was discarded; `blocked` too often |
/// | failed | pending | Reintentar; what it had lacked has come; an earlier version had set it aside for an answer that was not the server's |
/// | failed | processed | another tab was told that it has taken effect |
/// | processed | pending | the server was restored (a new epoch) |
///
/// A failed operation that is discarded or corrected leaves the queue; a pending one leaves it if
/// it is cancelled before it was ever sent; a processed one after 35 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QueueStatus {
    /// No final answer yet.
    Pending,
    /// It has taken effect.
    Processed,
    /// Set aside with a reason, until a person retries, corrects or discards it.
    Failed,
}

impl OperationRecord {
    /// The record whose order it belongs to: for a sale's item, the sale.
    pub fn target(&self) -> RecordKey {
        match self.entity {
            Entity::SaleItems => match self.named("saleId") {
                Some(sale) => RecordKey::new(Entity::Sales, sale),
                None => RecordKey::new(Entity::SaleItems, self.entity_id.clone()),
            },
            entity => RecordKey::new(entity, self.entity_id.clone()),
        }
    }

    /// The records that it names and cannot do without.
    pub fn references(&self) -> Vec<RecordKey> {
        let target = self.target();
        REFERENCES
            .iter()
            .filter_map(|(field, entity)| Some(RecordKey::new(*entity, self.named(field)?)))
            .filter(|reference| *reference != target)
            .collect()
    }

    /// It makes its target.
    pub fn makes_target(&self) -> bool {
        self.operation == Action::Insert && self.entity != Entity::SaleItems
    }

    /// It may still be changed in the queue.
    pub fn is_unsent(&self) -> bool {
        self.status == QueueStatus::Pending && self.sent_at.is_none()
    }

    /// It has taken effect, but the synced record may not show it yet.
    pub fn awaits_feed(&self) -> bool {
        self.status == QueueStatus::Processed && self.result_version.is_some()
    }

    /// It belongs on top of a synced record of this version.
    pub fn shows_on(&self, synced: Option<Version>) -> bool {
        match self.status {
            QueueStatus::Pending | QueueStatus::Failed => true,
            QueueStatus::Processed => self
                .result_version
                .is_some_and(|result| synced.is_none_or(|version| version < result)),
        }
    }

    /// The records for want of which it was set aside.
    pub(crate) fn lacks(&self) -> Vec<RecordKey> {
        if self.status != QueueStatus::Failed || self.code.as_deref() != Some(LACKING) {
            return Vec::new();
        }
        let mut lacked = self.references();
        lacked.push(self.target());
        lacked
    }

    /// What is sent of it.
    pub fn to_wire(&self) -> Operation {
        Operation {
            operation_id: self.id.clone(),
            entity: self.entity,
            action: self.operation,
            entity_id: self.entity_id.clone(),
            payload: self.data.clone(),
            client_timestamp: self.timestamp,
            base_version: self.base_version,
            device_id: Some(self.device_id.clone()),
            manual_retries: self.manual_retries,
        }
    }

    /// It need not be shown on top of the synced record any more. Only other tabs could be surprised
    /// by this change, and they have nothing to derive from it: it keeps its stamp.
    pub(crate) fn retired(&self) -> Self {
        Self { result_version: None, ..self.clone() }
    }

    /// Stamps a change of the row; `updated_at` rises even if the wall clock went back.
    pub(crate) fn touch(&mut self, now: Instant) {
        self.updated_at = now.max(self.updated_at.plus_millis(1));
    }

    fn named(&self, field: &str) -> Option<RecordId> {
        self.data.get(field).and_then(Value::as_str).and_then(|id| id.parse().ok())
    }
}

/// The code of what was set aside for want of a record.
const LACKING: &str = ErrorCode::MissingReference.as_str();

/// Fields that name another record which must be there first.
const REFERENCES: [(&str, Entity); 3] = [
    ("clientId", Entity::Customers),
    ("saleId", Entity::Sales),
    ("distribucionId", Entity::Distribuciones),
];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"id":"0b2c","sequence":12,"entity":"sale_items","operation":"update",
        "entityId":"i-1","data":{"saleId":"s-1","clientId":"rosa","quantity":1.50},
        "timestamp":"2026-11-22T13:05:00.000Z","baseVersion":3,"status":"failed","retryCount":2,
        "lastError":"No.","createdAt":"2026-11-22T13:05:00.000Z",
        "updatedAt":"2026-11-22T13:05:00.001Z","nextRetryAt":null,
        "sentAt":"2026-11-22T13:05:00.001Z","deviceId":"cart-a","manualRetries":1,
        "replaces":"0b2b","code":"invalid_field","resultVersion":4,
        "account":{"business":"b-1","user":"user-2"},"blockedCount":1,"joined":["0b2d"],
        "ofTheFuture":{"weight":2.50,"list":[1,"a",null]}}"#;

    #[test]
    fn a_row_is_written_as_it_was_read_with_what_a_newer_app_had_put_in() {
        let row: OperationRecord = protocol::json::from_str(ROW).unwrap();
        let written: Value =
            protocol::json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
        assert_eq!(written, protocol::json::from_str::<Value>(ROW).unwrap());
        assert_eq!(row.unknown["ofTheFuture"]["weight"].to_string(), "2.50");
        assert_eq!(row.data["quantity"].to_string(), "1.50");
    }

    #[test]
    fn an_item_belongs_to_its_sale_and_names_what_the_sale_needs() {
        let row: OperationRecord = protocol::json::from_str(ROW).unwrap();
        assert_eq!(row.target().to_string(), "sales#s-1");
        let references: Vec<String> = row.references().iter().map(ToString::to_string).collect();
        assert_eq!(references, ["customers#rosa"]);
    }

    #[test]
    fn the_stamp_of_a_row_rises_even_when_the_clock_goes_back() {
        let mut row: OperationRecord = protocol::json::from_str(ROW).unwrap();
        let before = row.updated_at;
        row.touch("2020-01-01T00:00:00.000Z".parse().unwrap());
        assert!(row.updated_at > before);
    }
}
