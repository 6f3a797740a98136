//! What may be written of each kind of record, as JSON Schema: from the very tables that payloads
//! are checked with, so that a description of the API cannot drift from what is accepted.

use protocol::Entity;
use serde_json::{Map, Value, json};

use crate::schema::{Field, ITEMS_MAX, Kind, Range, schema};

/// The JSON Schema of a payload of `entity`.
///
/// `required` is what an insert must have; an update may leave out any field. Fields that only an
/// administrator sets, or that stay as they were made, say so in their description.
pub fn payload_schema(entity: Entity) -> Value {
    object(schema(entity).fields)
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), described(field))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.is_required()).map(|field| field.name).collect();
    let mut object = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn described(field: &Field) -> Value {
    let mut schema = match field.kind {
        // An empty text is no text: where none is needed, it may be sent.
        Kind::Text { min: 1, max } if !field.is_required() => of_kind(Kind::Text { min: 0, max }),
        Kind::Dni if !field.is_required() => {
            json!({"type": "string", "pattern": "^(\\d{8}|\\d{11})?$"})
        }
        kind => of_kind(kind),
    };
    let notes = [
        (field.admin_only, "Only an administrator sets it."),
        (field.immutable, "It stays as it was made."),
    ];
    let notes: Vec<&str> =
        notes.iter().filter(|(holds, _)| *holds).map(|(_, text)| *text).collect();
    if !notes.is_empty() {
        schema["description"] = notes.join(" ").into();
    }
    schema
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Text { min, max } => json!({"type": "string", "minLength": min, "maxLength": max}),
        Kind::Dni => json!({"type": "string", "pattern": "^(\\d{8}|\\d{11})$"}),
        Kind::Money(range) => decimal(range, 2),
        Kind::Quantity(range) => decimal(range, 3),
        Kind::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::OneOf(words) => json!({"type": "string", "enum": words}),
        Kind::Id => json!({"type": "string", "minLength": 1, "maxLength": 128}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Moment => json!({"type": "string", "format": "date-time"}),
        Kind::Items(fields) => {
            json!({"type": "array", "maxItems": ITEMS_MAX, "items": object(fields)})
        }
    }
}

/// As it is stored; a JSON number, or fewer places, is accepted.
fn decimal(range: Range, places: u8) -> Value {
    let sign = if range == Range::Any { "-?" } else { "" };
    json!({"type": "string", "pattern": format!("^{sign}\\d+\\.\\d{{{places}}}$")})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_written_is_described() {
        for entity in Entity::ALL {
            let schema = payload_schema(*entity);
            assert!(
                schema["properties"].as_object().is_some_and(|all| !all.is_empty()),
                "{entity}"
            );
        }
        let customer = payload_schema(Entity::Customers);
        assert_eq!(customer["required"], json!(["name"]));
        assert_eq!(customer["properties"]["saldoInicial"]["pattern"], r"^-?\d+\.\d{2}$");
        let sale = payload_schema(Entity::Sales);
        assert_eq!(sale["properties"]["items"]["maxItems"], ITEMS_MAX);
    }
}
