//! Rows as they lie in the database, and back.

use engine::{OperationRecord, RecordVersion, StorageFault, SyncedKey, SyncedRecord};
use js_sys::{Array, JSON, Object, Reflect};
use protocol::Version;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// An operation as an object that the browser can index.
pub(crate) fn operation_to_row(operation: &OperationRecord) -> Result<JsValue, StorageFault> {
    let text = serde_json::to_string(operation).map_err(|_| UNWRITABLE)?;
    JSON::parse(&text).map_err(|_| UNWRITABLE)
}

/// Operations, all at once: one text costs less than many.
pub(crate) fn operations(rows: Vec<JsValue>) -> Result<Vec<OperationRecord>, StorageFault> {
    let rows: Array = rows.into_iter().collect();
    from_object(&rows)
}

/// One operation.
pub(crate) fn operation(row: &JsValue) -> Result<OperationRecord, StorageFault> {
    from_object(row)
}

/// `{version, record}`, the record as text or null.
pub(crate) fn record_to_row(record: &SyncedRecord) -> Result<JsValue, StorageFault> {
    let text = record.record.as_ref().map(serde_json::to_string).transpose();
    let text = text.map_err(|_| UNWRITABLE)?;
    let row = Object::new();
    let version = u32::try_from(record.version.0).map_err(|_| UNWRITABLE)?;
    set(&row, VERSION, &version.into())?;
    set(&row, RECORD, &text.map_or(JsValue::NULL, JsValue::from))?;
    Ok(row.into())
}

/// Its version, and its text unless it is deleted.
pub(crate) fn version_and_text(row: &JsValue) -> Result<(Version, Option<String>), StorageFault> {
    Ok((version(row)?, get(row, RECORD)?.as_string()))
}

/// What a recount needs of it, without its text leaving JavaScript.
pub(crate) fn version_of(key: SyncedKey, row: &JsValue) -> Result<RecordVersion, StorageFault> {
    Ok(RecordVersion { key, version: version(row)?, live: get(row, RECORD)?.is_string() })
}

/// The record's key in the database, read back; its entity may be unknown to this version.
pub(crate) fn record_key(key: &JsValue) -> Result<SyncedKey, StorageFault> {
    let parts: &Array = wasm_bindgen::JsCast::dyn_ref(key).ok_or(UNREADABLE)?;
    let entity = parts.get(2).as_string().and_then(|text| text.parse().ok());
    let id = parts.get(3).as_string().and_then(|text| text.parse().ok());
    Ok(SyncedKey::new(entity.ok_or(UNREADABLE)?, id.ok_or(UNREADABLE)?))
}

fn version(row: &JsValue) -> Result<Version, StorageFault> {
    let number = get(row, VERSION)?.as_f64().ok_or(UNREADABLE)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "written as a whole number of 32 bits, and a cast of anything else is harmless"
    )]
    Ok(Version(number as u64))
}

fn from_object<T: DeserializeOwned>(row: &JsValue) -> Result<T, StorageFault> {
    let text = JSON::stringify(row).map_err(|_| UNREADABLE)?;
    protocol::json::from_str(&String::from(text)).map_err(|_| UNREADABLE)
}

fn get(row: &JsValue, name: &str) -> Result<JsValue, StorageFault> {
    Reflect::get(row, &name.into()).map_err(|_| UNREADABLE)
}

fn set(row: &Object, name: &str, value: &JsValue) -> Result<(), StorageFault> {
    Reflect::set(row, &name.into(), value).map(|_| ()).map_err(|_| UNWRITABLE)
}

const VERSION: &str = "version";
const RECORD: &str = "record";

/// Not a row of ours, or of a version of the app that we do not understand: nothing is derived
/// from it, and nothing is written over it.
pub(crate) const UNREADABLE: StorageFault = StorageFault::Aborted;
const UNWRITABLE: StorageFault = StorageFault::Aborted;
