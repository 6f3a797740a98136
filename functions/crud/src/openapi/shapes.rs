//! Schemas: of what no wire type describes, and of what bodies and answers are made of.

use protocol::Entity;
use serde_json::{Map, Value, json};

use super::route::Shape;

/// The schema of a body, or of an answer's data.
pub(super) fn of(shape: Shape) -> Value {
    match shape {
        Shape::Nothing => json!({"type": "null"}),
        Shape::One(name) => reference(name),
        Shape::Changes(name) => reference(&changes(name)),
        Shape::Many(name) => json!({"type": "array", "items": reference(name)}),
        Shape::Page(name) => json!({
            "type": "object",
            "required": ["items", "nextCursor"],
            "properties": {
                "items": {"type": "array", "items": reference(name)},
                "nextCursor": {"type": ["string", "null"], "description": "Null on the last page."},
            },
        }),
        Shape::Object | Shape::Bare => json!({"type": "object"}),
    }
}

/// `{"success":true,"data":…}`.
pub(super) fn enveloped(data: Shape) -> Value {
    json!({
        "type": "object",
        "required": ["success", "data"],
        "properties": {"success": {"const": true}, "data": of(data)},
    })
}

/// An identifier, as clients make them.
pub(super) fn identifier() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"})
}

/// A record: the fields that may be written, and those that the server adds.
pub(super) fn record(entity: Entity, mut fields: Value) -> Value {
    let derived = derived_by_server(entity);
    let Value::Object(added) = json!({
        "id": identifier(),
        "businessId": of_server(identifier()),
        "version": of_server(json!({"type": "integer", "minimum": 1})),
        "createdAt": of_server(moment()),
        "updatedAt": of_server(moment()),
        "createdBy": of_server(identifier()),
        "updatedBy": of_server(identifier()),
        "syncStatus": of_server(json!({"type": "string"})),
        "syncAttempts": of_server(json!({"type": "integer"})),
        "deletedAt": of_server(moment()),
        "conflicts": of_server(json!({
            "type": "array", "items": reference("FieldConflict"), "maxItems": 20,
        })),
    }) else {
        unreachable!("an object was written")
    };
    if let Some(object) = fields.as_object_mut() {
        let properties = object.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.extend(added);
            properties.extend(derived);
        }
    }
    fields
}

/// What the changes of a record are called.
pub(super) fn changes(name: &str) -> String {
    format!("{name}Changes")
}

/// What follows from the rest of the record, or from other records.
fn derived_by_server(entity: Entity) -> Map<String, Value> {
    let fields: &[(&str, Value)] = match entity {
        Entity::Customers => &[("duplicateOf", identifier())],
        Entity::Distribuciones => &[("kilosAsignados", decimal())],
        Entity::Closings => &[
            ("totalSales", json!({"type": "integer"})),
            ("totalAmount", decimal()),
            ("cashAmount", decimal()),
            ("creditAmount", decimal()),
            ("totalKilos", decimal()),
            ("paymentsByMethod", json!({"type": "object", "additionalProperties": decimal()})),
            ("cashDifference", decimal()),
            ("lateEntries", json!({"type": "array", "items": reference("LateEntry")})),
            ("lateEntriesCount", json!({"type": "integer"})),
        ],
        _ => &[],
    };
    fields.iter().map(|(name, schema)| ((*name).to_owned(), of_server(schema.clone()))).collect()
}

/// What this function answers beside records, and what `auth` answers that is no wire type.
pub(super) fn of_this_function() -> Map<String, Value> {
    let Value::Object(schemas) = json!({
        "LateEntry": object(
            &[("entity", text()), ("id", identifier()), ("at", moment())],
            &["entity", "id", "at"],
        ),
        "CloseRequest": object(&[("kilosDevueltos", decimal())], &[]),
        "Health": object(
            &[("status", text()), ("protocol", json!({"type": "integer"})),
              ("serverTimestamp", moment())],
            &["status", "protocol", "serverTimestamp"],
        ),
        "SessionSummary": object(
            &[("id", text()), ("device", json!({"type": ["string", "null"]})),
              ("createdAt", moment()), ("lastUsedAt", moment()), ("expiresAt", moment()),
              ("current", json!({"type": "boolean"}))],
            &["id", "createdAt", "lastUsedAt", "expiresAt", "current"],
        ),
        "Receivable": object(
            &[("clientId", identifier()), ("name", text()), ("phone", text()), ("debt", decimal()),
              ("lastSaleAt", moment()), ("lastPaymentAt", moment())],
            &["clientId", "debt"],
        ),
        "Receivables": object(
            &[("total", decimal()),
              ("customers", json!({"type": "array", "items": reference("Receivable")}))],
            &["total", "customers"],
        ),
        "DayFigures": object(
            &[("totalSales", json!({"type": "integer"})), ("totalAmount", decimal()),
              ("cashAmount", decimal()), ("creditAmount", decimal()), ("totalKilos", decimal()),
              ("paymentsByMethod", json!({"type": "object", "additionalProperties": decimal()}))],
            &["totalSales", "totalAmount", "cashAmount", "creditAmount", "totalKilos",
              "paymentsByMethod"],
        ),
        "SellerDay": object(
            &[("sellerId", identifier()), ("cashExpected", decimal()),
              ("figures", reference("DayFigures"))],
            &["sellerId", "cashExpected", "figures"],
        ),
        "DayReport": object(
            &[("date", json!({"type": "string", "format": "date"})), ("cashExpected", decimal()),
              ("figures", reference("DayFigures")),
              ("sellers", json!({"type": "array", "items": reference("SellerDay")}))],
            &["date", "cashExpected", "figures", "sellers"],
        ),
    }) else {
        unreachable!("an object was written")
    };
    schemas
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn object(properties: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn of_server(mut schema: Value) -> Value {
    schema["readOnly"] = true.into();
    schema
}

fn text() -> Value {
    json!({"type": "string"})
}

fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// Money or kilos: never a binary float.
fn decimal() -> Value {
    json!({"type": "string", "pattern": r"^-?\d+\.\d+$"})
}
