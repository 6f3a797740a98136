//! Figures that follow from records and are never stored by hand: debts, loads, days.
//!
//! Everything here reads records as JSON objects, synced ones or with a queue on top, so phone and
//! server show the same figure from the same records. Tombstones count for nothing. An amount that
//! is absent or cannot be read is zero: records were checked when they were written.

mod day;
mod debt;
mod load;
mod settlement;
mod stock;
#[cfg(test)]
mod tests;
mod units;

pub use day::{DayFigures, PaymentsByMethod, seller_date};
pub use debt::{Debts, Receivable, Receivables};
pub use load::{LoadFigures, LoadLine};
pub use settlement::{CreditSale, settle};
pub use stock::{Modo, Shortage, StockVerdict, check_stock};
pub use units::Units;

use protocol::{JsonObject, Money, Quantity};
use serde_json::Value;

/// The record is a tombstone.
fn is_deleted(record: &JsonObject) -> bool {
    record.contains_key("deletedAt")
}

fn text<'a>(record: &'a JsonObject, field: &str) -> Option<&'a str> {
    record.get(field)?.as_str()
}

fn money(record: &JsonObject, field: &str) -> Money {
    record.get(field).and_then(|value| Money::from_json(value).ok()).unwrap_or_default()
}

fn quantity(record: &JsonObject, field: &str) -> Quantity {
    record.get(field).and_then(|value| Quantity::from_json(value).ok()).unwrap_or_default()
}

fn items(record: &JsonObject) -> impl Iterator<Item = &JsonObject> {
    let items = record.get("items").and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_object)
}
