//! The records as they are stored, each reduced to what a comparison needs.

use std::collections::BTreeMap;

use domain::{GuardKey, RecordKey, RowKey};
use protocol::{JsonObject, Version};
use serde_json::Value;

use super::{Difference, Reader, Verification};
use crate::reading::read_items;
use crate::record_changes::{FIRST_KEY, Image, LAST_KEY};
use crate::rows::{key_of, read_record};
use crate::tables::{Item, StoreError, Surroundings, Table, Tables};

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// Of our shape.
    Record {
        /// Its version.
        version: Version,
        /// What readers should have of it.
        content: Content,
    },
    /// Not of our shape.
    Unreadable,
}

impl Seen {
    /// The version, of a record of our shape.
    pub(super) fn version(&self) -> Option<Version> {
        match self {
            Self::Record { version, .. } => Some(*version),
            Self::Unreadable => None,
        }
    }
}

/// A record's content as readers have it: a hash, so that a large business fits in memory; `None`
/// once deleted.
pub(super) type Content = Option<u64>;

/// Equal contents have equal hashes; that others have, too, is one in 2⁶⁴ and by accident only.
pub(super) fn content(value: Option<&JsonObject>) -> Content {
    use std::hash::{DefaultHasher, Hasher};
    value.map(|object| {
        let mut hasher = DefaultHasher::new();
        // Keys are sorted and numbers keep their digits, so equal objects are equal text.
        let text = serde_json::to_vec(object).expect("JSON can always be written");
        hasher.write(&text);
        hasher.finish()
    })
}

/// Every record of the business.
pub(super) async fn read_records<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    found: &mut Verification,
) -> Result<BTreeMap<RecordKey, Seen>, StoreError> {
    let mut records = BTreeMap::new();
    let take = |item: Item| {
        let name = item.get("record").and_then(Value::as_str).unwrap_or_default().to_owned();
        if name.starts_with(GuardKey::PREFIX) {
            return;
        }
        found.records += 1;
        let seen = see(&name, item).unwrap_or_else(|difference| {
            found.add(difference);
            Seen::Unreadable
        });
        if let Ok(key) = name.parse() {
            records.insert(key, seen);
        }
    };
    reader.each(Table::Records, FIRST_KEY, LAST_KEY, take).await?;
    Ok(records)
}

/// One record, as it is now.
pub(super) async fn read_one<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    record: &RecordKey,
) -> Result<Option<Seen>, StoreError> {
    let key = key_of(reader.business, &RowKey::Record(record.clone()));
    let mut items = read_items(reader.tables, reader.surroundings, [key.clone()]).await?;
    let item = items.remove(&key);
    Ok(item.map(|item| see(&key.sort, item).unwrap_or(Seen::Unreadable)))
}

fn see(name: &str, item: Item) -> Result<Seen, Difference> {
    let stored = read_record(item).map_err(|foreign| Difference::unreadable(name, &foreign.reason));
    let image =
        Image::of(name, stored?).map_err(|poison| Difference::unreadable(name, &poison.reason))?;
    Ok(Seen::Record { version: image.version, content: content(image.value.as_ref()) })
}
