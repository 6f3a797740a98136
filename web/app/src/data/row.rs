//! One record as a screen shows it.

use std::rc::Rc;

use domain::RecordKey;
use protocol::{
    BusinessDate, Entity, FieldConflict, Instant, JsonObject, Money, OperationId, Quantity,
    Version, json,
};
use serde_json::Value;

use super::entry::Entry;

/// How far a record's last write has come: the badge on its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Badge {
    /// Everything is on the server.
    Synced,
    /// Something waits to be sent.
    Pending,
    /// Something was refused: [`Row::operation`] says which operation.
    Error,
}

/// A record with its queued operations on top. Cheap to clone; equal only to itself, so a component
/// renders again exactly when its row has changed.
#[derive(Debug, Clone)]
pub struct Row(pub(super) Rc<Entry>);

/// A customer and what he owes.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// The record.
    pub row: Row,
    /// Below zero it is his ("saldo a favor").
    pub debt: Money,
}

impl Row {
    /// Entity and id.
    pub fn key(&self) -> &RecordKey {
        &self.0.key
    }

    /// The id.
    pub fn id(&self) -> &str {
        self.0.key.id.as_str()
    }

    /// What kind of record it is.
    pub fn entity(&self) -> Entity {
        self.0.key.entity
    }

    /// The whole record, fields of newer versions included.
    pub fn record(&self) -> &JsonObject {
        self.0.record()
    }

    /// A text field; empty where it is absent.
    pub fn text(&self, field: &str) -> &str {
        self.record().get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// An amount; zero where it is absent.
    pub fn money(&self, field: &str) -> Money {
        let value = self.record().get(field);
        value.and_then(|value| Money::from_json(value).ok()).unwrap_or_default()
    }

    /// Kilograms or a count; zero where it is absent.
    pub fn quantity(&self, field: &str) -> Quantity {
        let value = self.record().get(field);
        value.and_then(|value| Quantity::from_json(value).ok()).unwrap_or_default()
    }

    /// A yes or no; no where it is absent.
    pub fn flag(&self, field: &str) -> bool {
        self.record().get(field).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A moment.
    pub fn instant(&self, field: &str) -> Option<Instant> {
        self.text(field).parse().ok()
    }

    /// The lines of a sale or of a load.
    pub fn items(&self) -> impl Iterator<Item = &JsonObject> {
        let items = self.record().get("items").and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_object)
    }

    /// The day that lists sort it under: of its sale, its making, its load or its closing.
    pub fn day(&self) -> Option<BusinessDate> {
        self.0.day
    }

    /// A sale's total, an abono's amount; zero of anything else.
    pub fn amount(&self) -> Money {
        self.0.amount
    }

    /// How far its last write has come.
    pub fn badge(&self) -> Badge {
        self.0.badge
    }

    /// The operation to look at behind the badge: the first that failed, or the last that waits.
    pub fn operation(&self) -> Option<&OperationId> {
        self.0.operation.as_ref()
    }

    /// The version of the synced record: the base of what is done next.
    pub fn base_version(&self) -> Option<Version> {
        self.0.base_version
    }

    /// Fields that another phone changed at the same time, each with the value that lost.
    pub fn conflicts(&self) -> Vec<FieldConflict> {
        let conflicts = self.record().get("conflicts");
        conflicts.and_then(|list| json::from_value(list).ok()).unwrap_or_default()
    }

    /// The customer who had this DNI first.
    pub fn duplicate_of(&self) -> Option<&str> {
        self.record().get("duplicateOf").and_then(Value::as_str)
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
