//! JSON to DynamoDB's attribute values and back. Numbers stay text: no digit is lost.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Number, Value};

use crate::tables::{Item, Key, StoreError};

/// An item as the SDK has it.
#[expect(clippy::disallowed_types, reason = "the SDK's own type; its order shows nowhere")]
pub(super) type Attributes = std::collections::HashMap<String, AttributeValue>;

/// An item for the SDK.
pub(super) fn from_item(item: &Item) -> Attributes {
    item.iter().map(|(name, value)| (name.clone(), from_json(value))).collect()
}

/// A key for the SDK.
pub(super) fn from_key(key: &Key) -> Attributes {
    from_item(&key.to_item())
}

/// A value for the SDK.
pub(super) fn from_json(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(list) => AttributeValue::L(list.iter().map(from_json).collect()),
        Value::Object(map) => AttributeValue::M(from_item(map)),
    }
}

/// An item from the SDK.
///
/// # Errors
/// [`StoreError::Invalid`] for a type that JSON has not (sets, bytes): no writer of ours makes one.
pub(super) fn to_item(attributes: Attributes) -> Result<Item, StoreError> {
    attributes.into_iter().map(|(name, value)| Ok((name, to_json(value)?))).collect()
}

fn to_json(value: AttributeValue) -> Result<Value, StoreError> {
    Ok(match value {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::N(text) => Value::Number(
            text.parse::<Number>().map_err(|_| StoreError::Invalid(format!("number {text}")))?,
        ),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::L(list) => {
            Value::Array(list.into_iter().map(to_json).collect::<Result<_, _>>()?)
        }
        AttributeValue::M(map) => Value::Object(to_item(map)?),
        _ => return Err(StoreError::Invalid("an attribute that JSON cannot say".into())),
    })
}
