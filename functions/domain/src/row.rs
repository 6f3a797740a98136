//! What is kept of a record: the record itself, and what merging it needs.

use std::collections::BTreeMap;

use protocol::{DeviceId, Instant, JsonObject, OperationId, UserId, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Receipt, seller_date};

/// A record keeps this many of its latest operation ids, so that a replay is recognised even where
/// a restore has lost the receipt.
pub const OPERATION_IDS_KEPT: usize = 8;

/// A record shows at most this many conflicts; the oldest go first.
pub const CONFLICTS_MAX: usize = 20;

/// A new record is at most this long as JSON, its clocks included.
pub const RECORD_BYTES_MAX: usize = 32 * 1024;

/// A changed record may be so much longer, for the clocks and conflicts of its changes: one that is
/// full when it is written down can still be corrected. A delete always fits.
pub const CHANGES_BYTES_MAX: usize = 8 * 1024;

/// Anything that a decision reads or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A record, live or a tombstone.
    Record(StoredRecord),
    /// A guard.
    Guard(Guard),
    /// The receipt of an operation.
    Receipt(Receipt),
}

/// A record as the `records` table keeps it.
///
/// ```json
/// {"version":2,"record":{"id":"7f1e…","name":"Rosa Quispe","version":2,…},
///  "clocks":{"name":{"version":1,"at":"2026-11-22T13:05:00.000Z","by":"user-2","device":"cart-a"}},
///  "operations":["0b2c…"]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredRecord {
    /// Accepted operations so far.
    pub version: Version,
    /// What every phone sees of it; a tombstone keeps its values and has `deletedAt`.
    ///
    /// Beside its fields: `conflicts` (where two devices met, until somebody has looked),
    /// `duplicateOf` (the customer who had this DNI first) and `flags` (what an administrator
    /// should look at: `deleted_reference`, `departed_seller`), each only where there is any; of a
    /// closing `lateEntries` (what came after it, the latest) and `lateEntriesCount`.
    /// `createdAt` and `deletedAt` say when it was done, bounded by the server's clock,
    /// `updatedAt` when the server took it.
    pub record: JsonObject,
    /// When and by whom each field was last set. Items of a sale are `items/{item id}` (removed
    /// ones too), those without a clock of their own share `items`. That of `deletedAt` is the latest
    /// delete's, and stays when the record is revived. `version/{n}` is the operation
    /// that made version n, of the latest [`OPERATION_IDS_KEPT`]: what was seen then stays known
    /// after all of its fields have been set again.
    pub clocks: BTreeMap<String, FieldClock>,
    /// Its latest operations, oldest first, at most [`OPERATION_IDS_KEPT`].
    pub operations: Vec<OperationId>,
}

/// The last setting of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldClock {
    /// The record's version that set it.
    pub version: Version,
    /// The effective time of the operation that set it.
    pub at: Instant,
    /// Who set it.
    pub by: UserId,
    /// On which device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// By which operation: decides ties of time.
    pub operation: OperationId,
    /// What stood before, null if nothing did: only of a sale's money, so that the whole of it can
    /// be taken back; the first to go where a record grows too large.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "even_null")]
    pub previous: Option<Value>,
}

/// A row that keeps something unique within a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Guard {
    /// Rises with every change of the guard.
    pub version: Version,
    /// The id of the record that holds what is unique; of a day that is being counted for the
    /// first time, of the closing that claimed it.
    pub owner: String,
    /// Only the guard of a closing is ever anything but held.
    #[serde(default, skip_serializing_if = "GuardState::is_held")]
    pub state: GuardState,
}

/// What a guard's owner has of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GuardState {
    /// It is his.
    #[default]
    Held,
    /// A day is being counted that has no closing yet.
    Counting,
    /// A day is being counted again; the owner's closing stands until the correction does.
    Recounting,
}

impl GuardState {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_held(&self) -> bool {
        *self == Self::Held
    }
}

/// Null is a value here, and not the absence of one.
fn even_null<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

impl StoredRecord {
    /// It is a tombstone.
    pub fn is_deleted(&self) -> bool {
        self.record.contains_key("deletedAt")
    }

    /// `{seller}#{date in Lima}`, the sort key of the local index, for records of a seller's day:
    /// sales, abonos, distribuciones and closings, each known by the fields that only it has.
    ///
    /// Tombstones keep theirs: whoever reads the index leaves them out.
    pub fn seller_date(&self) -> Option<String> {
        seller_date(&self.record)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(record: Value) -> StoredRecord {
        let Value::Object(record) = record else { panic!("an object") };
        StoredRecord { version: Version(1), record, clocks: BTreeMap::new(), operations: vec![] }
    }

    #[test]
    fn a_sale_at_night_belongs_to_its_day_in_lima() {
        let sale = stored(json!({"sellerId": "rosa", "saleDate": "2026-11-23T03:00:00.000Z"}));
        assert_eq!(sale.seller_date().unwrap(), "rosa#2026-11-22");
        let abono = stored(json!({"sellerId": "rosa", "paymentMethod": "yape", "amount": "1.00",
                                  "createdAt": "2026-11-22T03:00:00.000Z"}));
        assert_eq!(abono.seller_date().unwrap(), "rosa#2026-11-21");
        let load = stored(json!({"vendedorId": "rosa", "fecha": "2026-11-22"}));
        assert_eq!(load.seller_date().unwrap(), "rosa#2026-11-22");
        let customer = stored(json!({"name": "Rosa", "createdAt": "2026-11-22T03:00:00.000Z"}));
        assert_eq!(customer.seller_date(), None);
    }

    #[test]
    fn that_nothing_stood_before_survives_storage() {
        for previous in [None, Some(Value::Null), Some(json!({"id": "i1"}))] {
            let clock = FieldClock {
                version: Version(2),
                at: "2026-11-22T13:00:00Z".parse().unwrap(),
                by: "rosa".parse().unwrap(),
                device: None,
                operation: "o1".parse().unwrap(),
                previous,
            };
            let text = serde_json::to_string(&clock).unwrap();
            assert_eq!(protocol::json::from_str::<FieldClock>(&text).unwrap(), clock, "{text}");
        }
    }
}
