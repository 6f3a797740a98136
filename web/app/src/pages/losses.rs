//! Values that lost against another phone's change: which belong together, how they read, and the
//! update that puts them back.

use domain::RecordKey;
use protocol::{Entity, FieldConflict, JsonObject};
use serde_json::{Value, json};

use super::names::{People, field_name, shown_value};
use super::source::{Me, Records};
use crate::components::{Loss, LossLine};
use crate::data::{Row, SyncEngine};
use crate::format::{moment_text, soles, soles_of, text, today, units_of};

/// The open conflicts of a record that are restored or dismissed together. Of a sale it is what one
/// operation lost: payment, customer and items add up only as a whole. Of the rest each field by
/// itself.
pub(super) fn grouped(row: &Row) -> Vec<Vec<FieldConflict>> {
    let mut groups: Vec<Vec<FieldConflict>> = Vec::new();
    for conflict in row.conflicts() {
        let same_operation = |group: &&mut Vec<FieldConflict>| {
            let first = &group[0];
            row.entity() == Entity::Sales
                && (&first.lost_by, first.lost_at) == (&conflict.lost_by, conflict.lost_at)
        };
        match groups.iter_mut().find(same_operation) {
            Some(group) => group.push(conflict),
            None => groups.push(vec![conflict]),
        }
    }
    groups
}

/// The update that puts a group's values back, and says that the conflict was seen; `None` where
/// the record cannot take them: what was deleted against a later change stays.
pub(super) fn restoration(row: &Row, group: &[FieldConflict]) -> Option<JsonObject> {
    let mut data = JsonObject::new();
    let mut list: Vec<Value> =
        row.record().get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    for conflict in group {
        match conflict.field.strip_prefix(ITEM) {
            Some(id) => {
                put_item(&mut list, id, &conflict.lost);
                data.insert("items".to_owned(), Value::Array(list.clone()));
            }
            None if conflict.field == DELETED_AT => return None,
            None => drop(data.insert(conflict.field.clone(), conflict.lost.clone())),
        }
    }
    data.extend(dismissal(group));
    Some(data)
}

/// The update that lets a group's winners stand.
pub(super) fn dismissal(group: &[FieldConflict]) -> JsonObject {
    let fields: Vec<&str> = group.iter().map(|conflict| conflict.field.as_str()).collect();
    protocol::object([("dismiss".to_owned(), json!(fields))])
}

/// Puts an item in its place, a missing one at the end; null takes it away.
fn put_item(list: &mut Vec<Value>, id: &str, item: &Value) {
    let place = list.iter().position(|other| other.get("id").is_some_and(|found| found == id));
    match place {
        Some(at) if item.is_null() => drop(list.remove(at)),
        Some(at) => list[at] = item.clone(),
        None if item.is_null() => {}
        None => list.push(item.clone()),
    }
}

/// Whether a person may decide a record's conflicts: the rule of its updates.
pub(super) fn may_decide(me: &Me, row: &Row) -> bool {
    match row.entity() {
        Entity::Customers => true,
        Entity::Sales | Entity::Abonos => me.may_change(row.record(), "sellerId"),
        _ => me.is_admin(),
    }
}

/// What names ids: people, and the records that the phone has.
pub(super) struct Naming<'a> {
    pub(super) people: &'a People,
    pub(super) engine: &'a SyncEngine,
    pub(super) products: Option<&'a Records>,
}

impl Naming<'_> {
    /// A group in words.
    pub(super) fn loss(&self, row: &Row, group: &[FieldConflict]) -> Loss {
        let first = &group[0];
        let who = self.people.name(first.lost_by.as_str());
        let when = moment_text(first.lost_at, today());
        Loss {
            lines: group.iter().map(|conflict| self.line(conflict)).collect(),
            whose: format!("{who}, {when}").into(),
            restorable: restoration(row, group).is_some(),
        }
    }

    fn line(&self, conflict: &FieldConflict) -> LossLine {
        let FieldConflict { field, kept, lost, .. } = conflict;
        if field.starts_with(ITEM) {
            return self.item_line(kept, lost);
        }
        if field == DELETED_AT {
            let (name, kept, gone) = ("Eliminar", "sin eliminar", "su eliminación");
            return LossLine { name: name.into(), kept: kept.into(), gone: gone.into() };
        }
        LossLine {
            name: field_name(field).into(),
            kept: self.value(field, kept).into(),
            gone: self.value(field, lost).into(),
        }
    }

    fn item_line(&self, kept: &Value, lost: &Value) -> LossLine {
        let (kept, lost) = (kept.as_object(), lost.as_object());
        let unit = kept.or(lost).map_or("kg".to_owned(), |item| self.unit(item));
        let name = kept.or(lost).map(item_name).unwrap_or_default();
        let whole =
            |item: &JsonObject| format!("{} × {}", units_of(item, "quantity", &unit), price(item));
        let (stands, gone) = match (kept, lost) {
            (Some(kept), Some(lost)) => (whole(kept), difference(kept, lost, &unit)),
            (Some(kept), None) => (whole(kept), "quitarlo de la venta".to_owned()),
            (None, Some(lost)) => ("quitado de la venta".to_owned(), whole(lost)),
            (None, None) => (String::new(), String::new()),
        };
        LossLine { name: name.into(), kept: stands.into(), gone: gone.into() }
    }

    fn unit(&self, item: &JsonObject) -> String {
        let product = super::ledger::find(self.products, text(item, "productId"));
        product.map_or_else(|| "kg".to_owned(), |product| text(&product, "unit").to_owned())
    }

    /// A value as it reads, ids by the names of what they name.
    fn value(&self, field: &str, value: &Value) -> String {
        let named = |entity: Entity, name: &str, unknown: &str| {
            let Some(id) = value.as_str() else { return shown_value(field, value) };
            let key = id.parse().ok().map(|id| RecordKey::new(entity, id));
            let record = key.and_then(|key| self.engine.record(&key));
            record.map_or_else(|| unknown.to_owned(), |record| record.text(name).to_owned())
        };
        match (field, value) {
            ("clientId", Value::Null) => "cliente genérico".to_owned(),
            ("clientId", _) => named(Entity::Customers, "name", "un cliente que no está aquí"),
            ("distribucionId", _) => {
                named(Entity::Distribuciones, "puntoVenta", "una carga que no está aquí")
            }
            ("productId", _) => named(Entity::Products, "name", "un producto que no está aquí"),
            ("vendedorId" | "sellerId", Value::String(id)) => self.people.name(id),
            ("items", Value::Array(lines)) => self.load_lines(lines),
            // Of a cash sale it follows from the total.
            ("amountPaid", Value::Null) => "todo".to_owned(),
            _ => shown_value(field, value),
        }
    }

    /// The lines of a load: "Entero 40.000 kg, Plancha 10 und".
    fn load_lines(&self, lines: &[Value]) -> String {
        let lines = lines.iter().filter_map(Value::as_object).map(|line| {
            let key = text(line, "variantId").parse().ok();
            let key = key.map(|id| RecordKey::new(Entity::ProductVariants, id));
            let variant = key.and_then(|key| self.engine.record(&key));
            let name =
                variant.map_or("otro producto".to_owned(), |one| one.text("name").to_owned());
            let amount = units_of(line, "cantidadAsignada", text(line, "unidad"));
            format!("{name} {amount}")
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { "ningún producto".to_owned() } else { lines.join(", ") }
    }
}

/// What the loser set of an item: only what differs from what stands.
fn difference(kept: &JsonObject, lost: &JsonObject, unit: &str) -> String {
    let same = |field: &str| kept.get(field) == lost.get(field);
    let amount = units_of(lost, "quantity", unit);
    if !same("variantId") || !same("productId") {
        return format!("{} {amount} × {}", item_name(lost), price(lost));
    }
    match (same("quantity"), same("unitPrice")) {
        (false, true) => amount,
        (true, false) => price(lost),
        _ => format!("{amount} × {}", price(lost)),
    }
}

fn price(item: &JsonObject) -> String {
    soles_of(item, "unitPrice")
}

fn item_name(item: &JsonObject) -> String {
    let name = format!("{} {}", text(item, "productName"), text(item, "variantName"));
    match name.trim() {
        "" => "Producto".to_owned(),
        name => name.to_owned(),
    }
}

/// A record as a list of conflicts calls it.
pub(super) fn title(engine: &SyncEngine, row: &Row) -> String {
    let customer = || {
        let id = row.text("clientId").parse().ok()?;
        let customer = engine.record(&RecordKey::new(Entity::Customers, id))?;
        Some(format!(", {}", customer.text("name")))
    };
    let of_customer = || customer().unwrap_or_default();
    match row.entity() {
        Entity::Sales => format!("Venta de {}{}", soles(row.amount()), of_customer()),
        Entity::Abonos => format!("Abono de {}{}", soles(row.amount()), of_customer()),
        Entity::Distribuciones => format!("Distribución: {}", row.text("puntoVenta")),
        Entity::ProductVariants => format!("Presentación: {}", row.text("name")),
        _ => format!("Cliente: {}", row.text("name")),
    }
}

const ITEM: &str = "items/";
const DELETED_AT: &str = "deletedAt";
