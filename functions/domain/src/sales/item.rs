//! One line of a sale: what was sold, how much of it, and what was charged.

use protocol::{Action, ErrorCode, Gather, JsonObject, Money, Quantity, RecordId};
use serde_json::{Value, json};

use super::ITEMS;
use crate::Refusal;
use crate::normalise::{missing, normalise};
use crate::schema::{Field, Kind, Range};

/// Where an operation on an item names its sale.
pub(crate) const SALE_ID: &str = "saleId";

pub(super) const FIELDS: &[Field] = &[
    Field::optional("id", "El identificador", Kind::Id),
    Field::required("productId", "El producto", Kind::Id),
    Field::optional("variantId", "La presentación", Kind::Id),
    Field::optional("productName", "El nombre del producto", Kind::Text { min: 1, max: 255 }),
    Field::optional("variantName", "El nombre de la presentación", Kind::Text { min: 1, max: 255 }),
    Field::required("quantity", "La cantidad", Kind::Quantity(Range::Positive)),
    Field::required("unitPrice", "El precio", Kind::Money(Range::NotNegative)),
    Field::optional(SUBTOTAL, "El subtotal", Kind::Money(Range::NotNegative)),
];

const SALE_FIELD: Field = Field::required(SALE_ID, "La venta", Kind::Id);

/// Gives every item of a sale's payload an id: its own, or one that stays the same however often
/// the sale is sent.
pub(crate) fn name_items(sale: &RecordId, payload: &JsonObject) -> JsonObject {
    let mut payload = payload.clone();
    let items = payload.get_mut(ITEMS).and_then(Value::as_array_mut);
    for (at, item) in items.into_iter().flatten().enumerate() {
        let Some(item) = item.as_object_mut() else { continue };
        if item.get("id").is_none_or(Value::is_null) {
            item.insert("id".to_owned(), json!(derived_id(sale, at + 1)));
        }
    }
    payload
}

/// `{sale}-{place}`, the sale's id cut where the whole would be too long for an id.
fn derived_id(sale: &RecordId, place: usize) -> String {
    let sale: String = sale.as_str().chars().take(DERIVED_ID_ROOM).collect();
    format!("{sale}-{place}")
}

/// The payload of a `sale_items` operation in normal form; `saleId` stays in it.
pub(crate) fn normal_item(
    action: Action,
    id: &RecordId,
    payload: &JsonObject,
) -> Result<JsonObject, Refusal> {
    let sale = normalise(&[SALE_FIELD], Action::Insert, payload)?;
    let mut item = match action {
        Action::Delete => JsonObject::new(),
        Action::Update => normalise(FIELDS, action, payload)?,
        Action::Insert => {
            let mut item = normalise(FIELDS, action, payload)?;
            charge(&mut item)?;
            item
        }
    };
    if action != Action::Delete {
        item.insert("id".to_owned(), json!(id));
    }
    item.extend(sale);
    Ok(item)
}

/// Puts the subtotal: as charged, if that is at most a céntimo off quantity times price.
pub(super) fn charge(item: &mut JsonObject) -> Result<(), Refusal> {
    let exact = exact_subtotal(item)?;
    let charged = item.get(SUBTOTAL).map(Money::from_json).transpose();
    let charged = charged.map_err(|_| ErrorCode::InvalidAmount)?.unwrap_or(exact);
    if !within_a_centimo(charged, exact) {
        let what = format!("El subtotal {charged} no es cantidad por precio ({exact}).");
        return Err(Refusal::new(ErrorCode::TotalMismatch, what));
    }
    item.insert(SUBTOTAL.to_owned(), charged.to_json());
    Ok(())
}

/// An item after an update of some of its fields. The charged subtotal stands while quantity and
/// price do.
pub(super) fn with(item: &JsonObject, changes: &JsonObject) -> Result<JsonObject, Refusal> {
    let mut after = item.clone();
    for (field, value) in changes.iter().filter(|(field, _)| *field != SALE_ID) {
        if value.is_null() {
            after.remove(field);
        } else {
            after.insert(field.clone(), value.clone());
        }
    }
    let repriced = ["quantity", "unitPrice"].iter().any(|at| item.get(*at) != after.get(*at));
    if repriced && !changes.contains_key(SUBTOTAL) {
        after.remove(SUBTOTAL);
    }
    for field in FIELDS.iter().filter(|field| field.is_required()) {
        if !after.contains_key(field.name) {
            return Err(missing(field));
        }
    }
    charge(&mut after)?;
    Ok(after)
}

/// The item that a conflict reports as lost: `kept` with the fields that the loser changed of
/// `seen`, which both sides started from.
///
/// From 3.000 kg × 12.00, Juana sets 3.500 kg and Ana, later, 13.00. Ana's 3.000 × 13.00 is kept,
/// and 3.500 × 13.00 is lost: restoring Juana's kilos must not take back a price that she never
/// touched. Where one side removed the item, or `seen` is not known, `lost` is reported whole.
pub(super) fn lost_beside(kept: &Value, lost: &Value, seen: Option<&Value>) -> Value {
    let (Value::Object(kept), Value::Object(fields), Some(Value::Object(seen))) =
        (kept, lost, seen)
    else {
        return lost.clone();
    };
    let set = fields.iter().filter(|(field, value)| seen.get(*field) != Some(value));
    let removed = seen.keys().filter(|field| !fields.contains_key(*field));
    let changes = set
        .map(|(field, value)| (field.clone(), value.clone()))
        .chain(removed.map(|field| (field.clone(), Value::Null)))
        // Quantity and price decide the subtotal, as in any update of an item.
        .filter(|(field, _)| field != SUBTOTAL)
        .gather();
    with(kept, &changes).map_or_else(|_| lost.clone(), Value::Object)
}

/// Moves one céntimo between the charged subtotal and what it is exactly, if it can bear it.
pub(super) fn shift(item: &mut JsonObject, by: Money) -> Result<bool, Refusal> {
    let shifted = subtotal(item) + by;
    let bears = !shifted.is_negative() && within_a_centimo(shifted, exact_subtotal(item)?);
    if bears {
        item.insert(SUBTOTAL.to_owned(), shifted.to_json());
    }
    Ok(bears)
}

/// What was charged for an item.
pub(super) fn subtotal(item: &JsonObject) -> Money {
    item.get(SUBTOTAL).and_then(|value| Money::from_json(value).ok()).unwrap_or_default()
}

/// Its id.
pub(super) fn id(item: &Value) -> &str {
    item.get("id").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn within_a_centimo(one: Money, other: Money) -> bool {
    (one - other).abs() <= Money::from_units(1)
}

/// A sum that can still be written.
pub(super) fn bounded(money: Money) -> Result<Money, Refusal> {
    Money::from_json(&money.to_json()).map_err(|_| ErrorCode::InvalidAmount.into())
}

fn exact_subtotal(item: &JsonObject) -> Result<Money, Refusal> {
    let part = |name: &str| item.get(name).unwrap_or(&Value::Null);
    let quantity = Quantity::from_json(part("quantity")).map_err(|_| ErrorCode::InvalidAmount)?;
    let price = Money::from_json(part("unitPrice")).map_err(|_| ErrorCode::InvalidAmount)?;
    bounded(quantity.times(price).ok_or(ErrorCode::InvalidAmount)?)
}

const SUBTOTAL: &str = "subtotal";

/// Of the 128 characters of an id, without a hyphen and a place of two digits.
const DERIVED_ID_ROOM: usize = 125;
