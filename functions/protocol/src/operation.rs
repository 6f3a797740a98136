//! One operation of a batch: what a person did on a phone.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Action, DeviceId, Entity, ErrorCode, Instant, JsonObject, OperationId, RecordId, Version,
};

/// One thing done to one record, perhaps long ago and without a network.
///
/// ```json
/// {"operationId":"0b2c…","entity":"customers","action":"insert","entityId":"7f1e…",
///  "payload":{"name":"Rosa Quispe"},"clientTimestamp":"2026-11-22T13:05:00.000Z",
///  "baseVersion":3,"deviceId":"cart-a","manualRetries":0}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The key under which it takes effect once.
    pub operation_id: OperationId,
    /// The kind of record.
    pub entity: Entity,
    /// What is done to it.
    pub action: Action,
    /// The record.
    pub entity_id: RecordId,
    /// The fields that it sets, and no others.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: JsonObject,
    /// The device's clock when it was done; never trusted by itself.
    pub client_timestamp: Instant,
    /// The version of the record that the person saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_version: Option<Version>,
    /// The device that it was done on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<DeviceId>,
    /// How often the person has pressed Reintentar.
    #[serde(default, deserialize_with = "null_as_default")]
    pub manual_retries: u32,
}

/// An element of a batch that is no operation, with as much of it as could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedOperation {
    /// Its id, if it has one that is a text of bearable length.
    pub operation_id: Option<String>,
    /// Its record, if that is named.
    pub entity_id: Option<RecordId>,
    /// What is wrong.
    pub code: ErrorCode,
    /// The field that is wrong.
    pub field: &'static str,
}

impl Operation {
    /// Reads one element of a batch by itself, so that a bad one harms no other.
    ///
    /// # Errors
    /// [`MalformedOperation`] names the first field that is wrong.
    pub fn from_json(element: &Value) -> Result<Self, MalformedOperation> {
        let malformed = |code, field| MalformedOperation {
            operation_id: element
                .get("operationId")
                .and_then(Value::as_str)
                .filter(|id| !id.is_empty() && id.len() <= ECHOED_ID_BYTES_MAX)
                .map(str::to_owned),
            entity_id: element.get("entityId").and_then(read),
            code,
            field,
        };
        let field = |name: &'static str| element.get(name).unwrap_or(&Value::Null);
        if !element.is_object() {
            return Err(malformed(ErrorCode::MalformedOperation, "operation"));
        }
        Ok(Self {
            operation_id: read(field("operationId"))
                .ok_or_else(|| malformed(ErrorCode::InvalidId, "operationId"))?,
            entity: read(field("entity"))
                .ok_or_else(|| malformed(ErrorCode::UnknownEntity, "entity"))?,
            action: read(field("action"))
                .ok_or_else(|| malformed(ErrorCode::UnknownAction, "action"))?,
            entity_id: read(field("entityId"))
                .ok_or_else(|| malformed(ErrorCode::InvalidId, "entityId"))?,
            payload: read_or_default(field("payload"))
                .ok_or_else(|| malformed(ErrorCode::MalformedOperation, "payload"))?,
            client_timestamp: read(field("clientTimestamp"))
                .ok_or_else(|| malformed(ErrorCode::InvalidTimestamp, "clientTimestamp"))?,
            base_version: read_or_default(field("baseVersion"))
                .ok_or_else(|| malformed(ErrorCode::MalformedOperation, "baseVersion"))?,
            device_id: read_or_default(field("deviceId"))
                .ok_or_else(|| malformed(ErrorCode::InvalidId, "deviceId"))?,
            manual_retries: read_or_default(field("manualRetries"))
                .ok_or_else(|| malformed(ErrorCode::MalformedOperation, "manualRetries"))?,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// An absent or null field is its default; one of the wrong type is none.
fn read_or_default<T: serde::de::DeserializeOwned + Default>(value: &Value) -> Option<T> {
    if value.is_null() { Some(T::default()) } else { read(value) }
}

fn null_as_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A malformed id is echoed up to this length, so that a client can find its operation.
const ECHOED_ID_BYTES_MAX: usize = 256;
