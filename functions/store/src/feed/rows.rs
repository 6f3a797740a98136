//! The items of the `changes` table: change rows and published images.
//!
//! ```json
//! {"business":"b1","change":"change#0000000000000012","epoch":1763836800,"number":12,
//!  "entity":"customers","action":"insert","entityId":"7f1e…","version":1,"value":{…},
//!  "operationId":"0b2c…","changedBy":"user-2","changedAt":"…","digest":"9f…"}
//! {"business":"b1","change":"published#customers#7f1e…","epoch":1763836800,"number":12,
//!  "version":1,"value":{…}}
//! ```

use domain::RecordKey;
use protocol::{BusinessId, Change, Digest, Epoch, JsonObject, Number, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FeedError;
use crate::tables::{Item, Key, Table};

/// A record's published image: what a reader of the whole feed has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Published {
    pub(crate) epoch: Epoch,
    /// The change that published it.
    pub(crate) number: Number,
    pub(crate) version: Version,
    /// The record; `None` once deleted.
    pub(crate) value: Option<JsonObject>,
}

/// A change row's own fields; the rest is the [`Change`] itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Margin {
    epoch: Epoch,
    digest: Digest,
}

pub(crate) fn change_sort_key(number: Number) -> String {
    format!("change#{:016}", number.0)
}

pub(crate) fn published_sort_key(record: &RecordKey) -> String {
    format!("{PUBLISHED_PREFIX}{record}")
}

pub(crate) fn published_key(business: &BusinessId, record: &RecordKey) -> Key {
    Key::new(Table::Changes, business.as_str(), published_sort_key(record))
}

pub(crate) fn change_item(
    business: &BusinessId,
    change: &Change,
    epoch: Epoch,
    digest: Digest,
) -> Item {
    let key = Key::new(Table::Changes, business.as_str(), change_sort_key(change.number));
    let mut item = key.to_item();
    item.extend(object(change));
    item.extend(object(&Margin { epoch, digest }));
    let record = item.remove("record").unwrap_or_default();
    item.insert("value".into(), record);
    item
}

/// Reads a change row: the change, and the digest after it.
pub(crate) fn read_change(mut item: Item) -> Result<(Change, Digest), FeedError> {
    let key = item.get("change").and_then(Value::as_str).unwrap_or_default().to_owned();
    let foreign = |error: serde_json::Error| FeedError::Foreign {
        key: key.clone(),
        reason: error.to_string(),
    };
    let record = item.remove("value").unwrap_or_default();
    item.insert("record".into(), record);
    let row = Value::Object(item);
    let margin: Margin = protocol::json::from_value(&row).map_err(foreign)?;
    Ok((protocol::json::from_value(&row).map_err(foreign)?, margin.digest))
}

impl Published {
    pub(crate) fn to_item(&self, key: &Key) -> Item {
        let mut item = key.to_item();
        item.extend(object(self));
        item
    }

    /// Reads a published image and the record's key.
    pub(crate) fn from_item(item: Item) -> Result<(RecordKey, Self), FeedError> {
        let key = item.get("change").and_then(Value::as_str).unwrap_or_default().to_owned();
        let foreign = |reason: String| FeedError::Foreign { key: key.clone(), reason };
        let record = key
            .strip_prefix(PUBLISHED_PREFIX)
            .ok_or_else(|| foreign("no published image".into()))?
            .parse()
            .map_err(|error: domain::InvalidRecordKey| foreign(error.to_string()))?;
        let published = protocol::json::from_value(&Value::Object(item))
            .map_err(|error| foreign(error.to_string()))?;
        Ok((record, published))
    }
}

fn object<T: Serialize>(row: &T) -> Item {
    match serde_json::to_value(row) {
        Ok(Value::Object(item)) => item,
        _ => unreachable!("rows are structs with text keys"),
    }
}

pub(crate) const PUBLISHED_PREFIX: &str = "published#";
