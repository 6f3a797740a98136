//! Reads a record's fields. A record may have come from a newer version, so nothing is taken for
//! granted: what is absent or cannot be read is nothing.

use std::ops::Deref;

use protocol::{Instant, JsonObject, Money, Quantity};
use serde_json::Value;

use crate::data::Row;

/// A record as a screen shows it, shared and never changed. Taken apart only when it is looked into.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record(pub(crate) Row);

impl Deref for Record {
    type Target = JsonObject;

    fn deref(&self) -> &JsonObject {
        self.0.record()
    }
}

/// A text; empty where there is none.
pub(crate) fn text<'a>(record: &'a JsonObject, field: &str) -> &'a str {
    record.get(field).and_then(Value::as_str).unwrap_or("")
}

/// An amount; zero where there is none.
pub(crate) fn money(record: &JsonObject, field: &str) -> Money {
    record.get(field).and_then(|value| Money::from_json(value).ok()).unwrap_or_default()
}

/// A weight or count; zero where there is none.
pub(crate) fn quantity(record: &JsonObject, field: &str) -> Quantity {
    record.get(field).and_then(|value| Quantity::from_json(value).ok()).unwrap_or_default()
}

/// A moment.
pub(crate) fn instant(record: &JsonObject, field: &str) -> Option<Instant> {
    text(record, field).parse().ok()
}

/// A count.
pub(crate) fn whole(record: &JsonObject, field: &str) -> u64 {
    record.get(field).and_then(Value::as_u64).unwrap_or_default()
}

/// The lines of a sale or of a load.
pub(crate) fn items(record: &JsonObject) -> impl Iterator<Item = &JsonObject> {
    let items = record.get("items").and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_object)
}
