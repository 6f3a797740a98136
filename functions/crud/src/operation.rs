//! From a request to an operation: its id, its record, its base version.

use axum::http::{HeaderMap, header};
use gateway::ApiError;
use protocol::{
    Action, Entity, ErrorCode, Instant, JsonObject, Operation, OperationId, RecordId, Version,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::filter::wrong;

/// What the headers of a write say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WriteHeaders {
    /// `Idempotency-Key`, or an id made here.
    pub(crate) operation_id: OperationId,
    /// `If-Match`.
    pub(crate) base_version: Option<Version>,
}

impl WriteHeaders {
    /// Reads them.
    ///
    /// # Errors
    /// `invalid_id` and `invalid_if_match`.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let wrong = |code, name: &str| ApiError::new(code).with_details(json!({ "path": name }));
        let operation_id = match single(headers, IDEMPOTENCY_KEY) {
            Ok(Some(text)) => text.parse().ok(),
            Ok(None) => Uuid::new_v4().to_string().parse().ok(),
            Err(Unreadable) => None,
        };
        let base_version = match single(headers, header::IF_MATCH.as_str()) {
            Ok(None) => Some(None),
            Ok(Some(text)) => version(text).map(Some),
            Err(Unreadable) => None,
        };
        Ok(Self {
            operation_id: operation_id
                .ok_or_else(|| wrong(ErrorCode::InvalidId, IDEMPOTENCY_KEY))?,
            base_version: base_version
                .ok_or_else(|| wrong(ErrorCode::InvalidIfMatch, header::IF_MATCH.as_str()))?,
        })
    }
}

/// The operation that makes a record of `body`: its id is `body.id`, or else the operation's own.
///
/// # Errors
/// `invalid_id`.
pub(crate) fn insert(
    entity: Entity,
    mut body: JsonObject,
    headers: WriteHeaders,
    now: Instant,
) -> Result<Operation, ApiError> {
    let id = match body.remove("id") {
        None | Some(Value::Null) => headers.operation_id.as_str().parse().ok(),
        Some(Value::String(id)) => id.parse().ok(),
        Some(_) => None,
    };
    let id: RecordId = id
        .ok_or_else(|| ApiError::new(ErrorCode::InvalidId).with_details(json!({ "path": "id" })))?;
    Ok(operation(entity, Action::Insert, id, body, headers, now))
}

/// The operation that changes the fields that `body` names.
///
/// # Errors
/// `invalid_request` if `body.id` is another than the path's.
pub(crate) fn update(
    entity: Entity,
    id: RecordId,
    mut body: JsonObject,
    headers: WriteHeaders,
    now: Instant,
) -> Result<Operation, ApiError> {
    if body.remove("id").is_some_and(|named| named != id.as_str()) {
        return Err(ApiError::new(ErrorCode::InvalidRequest)
            .with_details(json!({ "path": "id", "problem": "not the id of the path" })));
    }
    Ok(operation(entity, Action::Update, id, body, headers, now))
}

/// The operation that deletes a record.
pub(crate) fn delete(
    entity: Entity,
    id: RecordId,
    headers: WriteHeaders,
    now: Instant,
) -> Operation {
    operation(entity, Action::Delete, id, JsonObject::new(), headers, now)
}

/// The operation that closes a load: `kilosDevueltos` is all that the body may say of it.
///
/// # Errors
/// `invalid_request` where it says anything else.
pub(crate) fn close(
    id: RecordId,
    mut body: JsonObject,
    headers: WriteHeaders,
    now: Instant,
) -> Result<Operation, ApiError> {
    if let Some(stranger) = body.keys().find(|name| *name != "kilosDevueltos") {
        return Err(wrong(
            ErrorCode::InvalidRequest,
            stranger,
            "only kilosDevueltos is closed with",
        ));
    }
    body.insert("estado".to_owned(), "cerrado".into());
    Ok(operation(Entity::Distribuciones, Action::Update, id, body, headers, now))
}

fn operation(
    entity: Entity,
    action: Action,
    entity_id: RecordId,
    payload: JsonObject,
    headers: WriteHeaders,
    now: Instant,
) -> Operation {
    Operation {
        operation_id: headers.operation_id,
        entity,
        action,
        entity_id,
        payload,
        client_timestamp: now,
        base_version: headers.base_version,
        device_id: None,
        manual_retries: 0,
    }
}

/// A header that is there twice, or is no text.
struct Unreadable;

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Unreadable> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(|text| Some(text.trim())).map_err(|_| Unreadable),
        (Some(_), Some(_)) => Err(Unreadable),
    }
}

/// `3` or `"3"`, as the answer's `ETag` writes it; nothing weak, no list, no `*`.
fn version(text: &str) -> Option<Version> {
    let digits = text.strip_prefix('"').map_or(Some(text), |rest| rest.strip_suffix('"'))?;
    let strict = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if strict { digits.parse().ok().map(Version) } else { None }
}

/// Source: draft-ietf-httpapi-idempotency-key-header; taken without quotes, as an id is written.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_version_is_a_number_with_or_without_quotes() {
        for (text, number) in [("1", 1), ("\"12\"", 12)] {
            assert_eq!(version(text), Some(Version(number)), "{text}");
        }
        for text in ["", "0", "\"0\"", "01", "-1", "+1", "*", "W/\"3\"", "\"3", "3\"", "\"", "a"] {
            assert_eq!(version(text), None, "{text}");
        }
        assert_eq!(version("99999999999999999999999"), None);
    }

    #[test]
    fn a_request_without_a_key_is_an_operation_of_its_own() {
        let read = || WriteHeaders::read(&HeaderMap::new()).unwrap();
        assert_ne!(read().operation_id, read().operation_id);
        assert_eq!(read().base_version, None);
    }
}
