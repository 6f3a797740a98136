//! Reads a record's fields. A record may have come from a newer version, so nothing is taken for
//! granted: what is absent or cannot be read is nothing.

use std::ops::Deref;

use protocol::{Instant, JsonObject, Money, Quantity};
use serde_json::Value;

use super::amounts::{soles, units};
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

/// An amount to count with; zero where there is none. What is shown is [`soles_of`].
pub(crate) fn money(record: &JsonObject, field: &str) -> Money {
    known_money(record, field).unwrap_or_default()
}

/// An amount, if the record has one that can be read.
pub(crate) fn known_money(record: &JsonObject, field: &str) -> Option<Money> {
    Money::from_json(record.get(field)?).ok()
}

/// A weight or count to count with; zero where there is none. What is shown is [`kilos_of`].
pub(crate) fn quantity(record: &JsonObject, field: &str) -> Quantity {
    known_quantity(record, field).unwrap_or_default()
}

fn known_quantity(record: &JsonObject, field: &str) -> Option<Quantity> {
    Quantity::from_json(record.get(field)?).ok()
}

/// `S/ 84.00`. An amount that cannot be read is not known, and never shown as zero.
pub(crate) fn soles_of(record: &JsonObject, field: &str) -> String {
    known_money(record, field).map_or_else(|| UNKNOWN.to_owned(), soles)
}

/// `7.5 kg`, or [`UNKNOWN`].
pub(crate) fn kilos_of(record: &JsonObject, field: &str) -> String {
    units_of(record, field, "kg")
}

/// A quantity with what it is counted in, or [`UNKNOWN`].
pub(crate) fn units_of(record: &JsonObject, field: &str, unit: &str) -> String {
    known_quantity(record, field).map_or_else(|| UNKNOWN.to_owned(), |amount| units(amount, unit))
}

/// In the place of an amount that is not known.
pub(crate) const UNKNOWN: &str = "—";

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_amount_that_cannot_be_read_is_not_shown_as_zero() {
        let unreadable = [json!("2999999999999.97"), json!("1e999"), json!({}), json!(null)];
        for value in unreadable {
            let record = protocol::object([("amount".to_owned(), value.clone())]);
            assert_eq!(soles_of(&record, "amount"), "—", "{value}");
            assert_eq!(units_of(&record, "amount", "unidad"), "—", "{value}");
            assert_eq!(kilos_of(&record, "amount"), "—", "{value}");
            assert_eq!(soles_of(&record, "absent"), "—");
        }
        let record = protocol::object([("amount".to_owned(), json!("0.00"))]);
        assert_eq!(soles_of(&record, "amount"), "S/\u{a0}0.00");
        assert_eq!(kilos_of(&record, "amount"), "0\u{a0}kg");
    }
}
