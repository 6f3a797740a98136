//! The mark of a business whose feed lacks something that the stream could not bring.
//!
//! ```json
//! {"business":"b1","change":"repair","since":"2026-11-22T13:05:00.000Z","reason":"…"}
//! ```

use protocol::{BusinessId, Instant};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FIRST_KEY, LAST_KEY, PublishError};
use crate::feed::FeedError;
use crate::reading::{query, read_items};
use crate::tables::{Condition, Key, Query, Surroundings, Table, Tables, Write};

/// A business awaits repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When it was last marked; also tells one mark from the next.
    pub since: Instant,
    /// What could not be published.
    pub reason: String,
}

/// The mark of `business`, if it has one.
///
/// # Errors
/// [`PublishError::Feed`] if it cannot be read.
pub async fn marked<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<Option<Mark>, PublishError> {
    let key = key_of(business);
    let mut found =
        read_items(tables, surroundings, [key.clone()]).await.map_err(FeedError::Store)?;
    let Some(item) = found.remove(&key) else { return Ok(None) };
    protocol::json::from_value(&Value::Object(item))
        .map(Some)
        .map_err(|error| FeedError::Foreign { key: MARK.into(), reason: error.to_string() }.into())
}

/// Marks it, unless it has no record: records stay as tombstones, so it was deleted as a whole, and
/// a mark would be all that is left of it. Whether it was marked.
pub(super) async fn mark<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    reason: &str,
) -> Result<bool, PublishError> {
    let mut any = Query::range(Table::Records, business.as_str(), FIRST_KEY, LAST_KEY);
    any.limit = Some(1);
    let found = query(tables, surroundings, &any).await.map_err(FeedError::Store)?;
    if found.items.is_empty() {
        return Ok(false);
    }
    let mark = Mark { since: surroundings.now(), reason: reason.to_owned() };
    let mut item = key_of(business).to_item();
    if let Ok(Value::Object(fields)) = serde_json::to_value(&mark) {
        item.extend(fields);
    }
    let put = Write::Put { table: Table::Changes, item, condition: Condition::None };
    tables.write(&put).await.map_err(FeedError::Store)?;
    Ok(true)
}

/// Takes the mark away, unless the business was marked again meanwhile.
pub(super) async fn clear<T: Tables>(
    tables: &T,
    business: &BusinessId,
    mark: &Mark,
) -> Result<(), PublishError> {
    let same = Condition::Equals(vec![("since", mark.since.to_string().into())]);
    match tables.write(&Write::Delete { key: key_of(business), condition: same }).await {
        Ok(()) | Err(crate::tables::StoreError::Cancelled(_)) => Ok(()),
        Err(error) => Err(FeedError::Store(error).into()),
    }
}

fn key_of(business: &BusinessId) -> Key {
    Key::new(Table::Changes, business.as_str(), MARK)
}

const MARK: &str = "repair";
