//! A payload as it came becomes the payload as it is meant: known fields only, each in its one
//! spelling.

use std::cmp::Ordering;

use protocol::{
    Action, BusinessDate, ErrorCode, Instant, JsonObject, Money, Quantity, RecordId, arrange,
};
use serde_json::{Value, json};

use crate::Refusal;
use crate::schema::{Field, ITEMS_MAX, Kind, Presence, Range};
use crate::unique::small;

/// Normalises the fields of a payload; what the schema does not know is left out.
///
/// In an update a field that is to be cleared stays as null; in an insert it is left out.
///
/// # Errors
/// Which field is wrong, and why.
pub(crate) fn normalise(
    fields: &[Field],
    action: Action,
    payload: &JsonObject,
) -> Result<JsonObject, Refusal> {
    let mut normal = JsonObject::new();
    for field in fields {
        let given = payload.get(field.name);
        let value = match given {
            None if action == Action::Update => continue,
            None => Value::Null,
            Some(value) => read(field, value)?,
        };
        let stays = match field.presence {
            Presence::Optional => false,
            Presence::Required => true,
            Presence::Defaulted => action == Action::Update,
        };
        if value.is_null() && stays {
            return Err(missing(field));
        }
        if !value.is_null() || action == Action::Update {
            normal.insert(field.name.to_owned(), value);
        }
    }
    if action == Action::Update
        && let Some(dismissed) = payload.get(DISMISS)
    {
        normal.insert(DISMISS.to_owned(), read_dismissed(dismissed)?);
    }
    Ok(normal)
}

/// The fields whose conflicts a person has seen: `{"dismiss":["phone"]}`.
pub(crate) const DISMISS: &str = "dismiss";

/// The normal form of one value; null if it is empty.
fn read(field: &Field, value: &Value) -> Result<Value, Refusal> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.kind {
        Kind::Text { min, max } => read_text(field, value, min, max),
        Kind::Dni => read_dni(field, value),
        Kind::Money(range) => {
            let money = Money::from_json(value).map_err(|_| amount(field, Money::PLACES))?;
            in_range(field, money.cmp(&Money::ZERO), range)?;
            Ok(money.to_json())
        }
        Kind::Quantity(range) => {
            let weight = Quantity::from_json(value).map_err(|_| amount(field, Quantity::PLACES))?;
            in_range(field, weight.cmp(&Quantity::ZERO), range)?;
            Ok(weight.to_json())
        }
        Kind::Integer { min, max } => match value.as_i64() {
            Some(number) if (min..=max).contains(&number) => Ok(json!(number)),
            _ => Err(invalid(field, &format!("debe ser un número entero de {min} a {max}"))),
        },
        Kind::Bool => match value {
            Value::Bool(_) => Ok(value.clone()),
            _ => Err(invalid(field, "debe ser sí o no")),
        },
        Kind::OneOf(words) => match value.as_str() {
            Some(word) if words.contains(&word) => Ok(value.clone()),
            _ => Err(invalid(field, &format!("debe ser una de: {}", words.join(", ")))),
        },
        Kind::Id => parse::<RecordId>(value)
            .ok_or_else(|| Refusal::new(ErrorCode::InvalidId, says(field, "no es válido"))),
        Kind::Date => parse::<BusinessDate>(value)
            .ok_or_else(|| Refusal::new(ErrorCode::InvalidDate, says(field, "no existe"))),
        Kind::Moment => parse::<Instant>(value)
            .ok_or_else(|| Refusal::new(ErrorCode::InvalidTimestamp, says(field, "no es válida"))),
        Kind::Items(fields) => read_items(fields, value),
    }
}

fn read_text(field: &Field, value: &Value, min: usize, max: usize) -> Result<Value, Refusal> {
    let text = value.as_str().ok_or_else(|| invalid(field, "debe ser un texto"))?.trim();
    let length = text.chars().count();
    if length == 0 {
        return Ok(Value::Null);
    }
    if (min..=max).contains(&length) {
        return Ok(json!(text));
    }
    Err(invalid(
        field,
        &match min {
            0 | 1 => format!("puede tener hasta {max} caracteres"),
            _ => format!("debe tener de {min} a {max} caracteres"),
        },
    ))
}

fn read_dni(field: &Field, value: &Value) -> Result<Value, Refusal> {
    let wrong = || invalid(field, "debe tener 8 dígitos (o RUC de 11)");
    let text = value.as_str().ok_or_else(wrong)?.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        0 => Ok(Value::Null),
        8 | 11 if digits => Ok(json!(text)),
        _ => Err(wrong()),
    }
}

fn read_items(fields: &[Field], value: &Value) -> Result<Value, Refusal> {
    let form = || Refusal::new(ErrorCode::InvalidField, "Los productos deben ser una lista.");
    let list = value.as_array().ok_or_else(form)?;
    if list.len() > ITEMS_MAX {
        return Err(ErrorCode::TooManyItems.into());
    }
    let items = list.iter().enumerate().map(|(at, item)| {
        let item = item.as_object().ok_or_else(form)?;
        normalise(fields, Action::Insert, item).map(Value::Object).map_err(|refusal| {
            Refusal::new(refusal.code, format!("Producto {}: {}", at + 1, refusal.text()))
        })
    });
    items.collect::<Result<Vec<Value>, Refusal>>().map(Value::Array)
}

fn read_dismissed(value: &Value) -> Result<Value, Refusal> {
    let wrong = || Refusal::new(ErrorCode::InvalidField, "«dismiss» debe ser una lista de campos.");
    let list = value.as_array().filter(|list| list.len() <= DISMISSED_MAX).ok_or_else(wrong)?;
    let names = list.iter().map(|name| {
        let name = name.as_str().filter(|name| name.len() <= DISMISSED_BYTES_MAX);
        name.map(str::to_owned).ok_or_else(wrong)
    });
    let mut names: Vec<String> = names.collect::<Result<_, _>>()?;
    arrange(&mut names, Ord::cmp);
    names.dedup();
    Ok(json!(names))
}

fn parse<T: std::str::FromStr + ToString>(value: &Value) -> Option<Value> {
    let parsed: T = value.as_str()?.parse().ok()?;
    Some(Value::String(parsed.to_string()))
}

/// `beside_zero` is how the amount compares with zero.
fn in_range(field: &Field, beside_zero: Ordering, range: Range) -> Result<(), Refusal> {
    let wrong = |what| Err(Refusal::new(ErrorCode::InvalidAmount, says(field, what)));
    match range {
        Range::NotNegative if beside_zero.is_lt() => wrong("no puede ser negativo"),
        Range::Positive if beside_zero.is_le() => wrong("debe ser mayor que cero"),
        _ => Ok(()),
    }
}

fn amount(field: &Field, places: u32) -> Refusal {
    let what = format!("debe ser un número con hasta {places} decimales");
    Refusal::new(ErrorCode::InvalidAmount, says(field, &what))
}

fn invalid(field: &Field, what: &str) -> Refusal {
    Refusal::new(ErrorCode::InvalidField, says(field, what))
}

/// The refusal of a payload without a required field.
pub(crate) fn missing(field: &Field) -> Refusal {
    let mut label = field.label.chars();
    let first = label.next().map(small).into_iter().collect::<String>();
    Refusal::new(ErrorCode::MissingField, format!("Falta {first}{}.", label.as_str()))
}

fn says(field: &Field, what: &str) -> String {
    format!("{} {what}.", field.label)
}

/// As many as a record has conflicts.
const DISMISSED_MAX: usize = crate::CONFLICTS_MAX;

/// `items/` and an identifier.
const DISMISSED_BYTES_MAX: usize = 200;
