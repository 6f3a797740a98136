//! Keys of records and of small rows: arrays that begin with the business.

use engine::{Generation, SyncedKey};
use js_sys::Array;
use protocol::BusinessId;
use rexie::KeyRange;
use wasm_bindgen::JsValue;

/// `[business, generation, entity, id]`.
pub(crate) fn record(business: &BusinessId, generation: Generation, key: &SyncedKey) -> JsValue {
    let parts = in_generation(business, generation);
    parts.push(&key.entity.as_str().into());
    parts.push(&key.id.as_str().into());
    parts.into()
}

/// The records of a set above `after`, or all of them.
pub(crate) fn records_after(
    business: &BusinessId,
    generation: Generation,
    after: Option<&SyncedKey>,
) -> Result<KeyRange, rexie::Error> {
    let lower = match after {
        Some(key) => record(business, generation, key),
        None => in_generation(business, generation).into(),
    };
    open_range(&lower, &end_of(&in_generation(business, generation)))
}

/// The sets of a business between two generations that stay; `None`: from the first, to the last.
pub(crate) fn between(
    business: &BusinessId,
    above: Option<Generation>,
    below: Option<Generation>,
) -> Result<KeyRange, rexie::Error> {
    let lower = match above {
        Some(generation) => end_of(&in_generation(business, generation)),
        None => names(&[business.as_str()]),
    };
    let upper = match below {
        Some(generation) => in_generation(business, generation).into(),
        None => end_of(&Array::of1(&business.as_str().into())),
    };
    open_range(&lower, &upper)
}

/// A small row's key.
pub(crate) fn names(parts: &[&str]) -> JsValue {
    parts.iter().map(|part| JsValue::from_str(part)).collect::<Array>().into()
}

/// A range without its ends.
pub(crate) fn open_range(lower: &JsValue, upper: &JsValue) -> Result<KeyRange, rexie::Error> {
    Ok(KeyRange::bound(lower, upper, Some(true), Some(true))?)
}

fn in_generation(business: &BusinessId, generation: Generation) -> Array {
    Array::of2(&business.as_str().into(), &generation.0.into())
}

/// Above every key that begins so: an array sorts above text and numbers.
fn end_of(start: &Array) -> JsValue {
    let end = start.slice(0, start.length());
    end.push(&Array::new());
    end.into()
}
