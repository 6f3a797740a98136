//! The head of a business's feed.

use protocol::{BusinessId, Cursor, Digest, Epoch, Number};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reading::read_items;
use crate::tables::{Condition, Item, Key, StoreError, Surroundings, Table, Tables, Write};

/// The end of a feed, kept beside its rows.
///
/// ```json
/// {"business":"b1","change":"head","epoch":1763836800,"number":120,"digest":"9f…","floor":0}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The life of the feed.
    pub epoch: Epoch,
    /// The newest change.
    pub number: Number,
    /// The digest of all live records after it.
    pub digest: Digest,
    /// Changes up to this one are deleted; a multiple of 100.
    pub floor: Number,
    /// A restore is being worked off: nobody may read or append yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rebuilding: bool,
}

/// Why the feed cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The store does not answer, or refuses.
    #[error("the store could not be read")]
    Store(#[from] StoreError),
    /// The business has no feed: it was never registered.
    #[error("the business has no feed")]
    NoFeed,
    /// A restore is being worked off.
    #[error("the feed is being rebuilt")]
    Rebuilding,
    /// The cursor is of another epoch, below the floor or beyond the head.
    #[error("the cursor {cursor} does not stand in the feed (head {epoch}.{number})")]
    CursorExpired {
        /// What was asked for.
        cursor: Cursor,
        /// The present epoch.
        epoch: Epoch,
        /// The present head.
        number: Number,
    },
    /// A change at or below the head is missing: an alarm, never a short page.
    #[error("change {number} of epoch {epoch} is missing")]
    Gap {
        /// The epoch.
        epoch: Epoch,
        /// The first missing change.
        number: Number,
    },
    /// An item of the feed is not of our shape.
    #[error("the item {key} of the feed is not of our shape: {reason}")]
    Foreign {
        /// Its sort key.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

/// The writes that give a new business its feed: an empty head, and its place in the list of
/// businesses that repair goes through.
///
/// `epoch` is the present time in whole seconds.
pub fn new_feed(business: &BusinessId, epoch: Epoch) -> [Write; 2] {
    let head = Head {
        epoch,
        number: Number(0),
        digest: Digest::EMPTY,
        floor: Number(0),
        rebuilding: false,
    };
    let listed = Key::new(Table::Accounts, BUSINESSES, business.as_str()).to_item();
    [
        head.put(business, Condition::Absent),
        Write::Put { table: Table::Accounts, item: listed, condition: Condition::Absent },
    ]
}

/// Reads the head as it is, also while it is being rebuilt.
///
/// # Errors
/// [`FeedError::Store`], [`FeedError::NoFeed`], [`FeedError::Foreign`].
pub async fn read_head<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<Head, FeedError> {
    let key = Head::key(business);
    let mut found = read_items(tables, surroundings, [key.clone()]).await?;
    Head::from_item(found.remove(&key).ok_or(FeedError::NoFeed)?)
}

impl Head {
    /// Where it is kept.
    pub fn key(business: &BusinessId) -> Key {
        Key::new(Table::Changes, business.as_str(), HEAD)
    }

    /// The place after all changes.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.epoch, number: self.number }
    }

    /// Reads its item.
    ///
    /// # Errors
    /// [`FeedError::Foreign`].
    pub fn from_item(item: Item) -> Result<Self, FeedError> {
        protocol::json::from_value(&Value::Object(item))
            .map_err(|error| FeedError::Foreign { key: HEAD.into(), reason: error.to_string() })
    }

    /// The write that stores it.
    pub(crate) fn put(&self, business: &BusinessId, condition: Condition) -> Write {
        let mut item = Self::key(business).to_item();
        if let Ok(Value::Object(fields)) = serde_json::to_value(self) {
            item.extend(fields);
        }
        Write::Put { table: Table::Changes, item, condition }
    }

    /// The condition that the head is still this one.
    pub(crate) fn unchanged(&self) -> Condition {
        Condition::Equals(vec![
            ("epoch", self.epoch.0.into()),
            ("number", self.number.0.into()),
            ("floor", self.floor.0.into()),
        ])
    }
}

/// The account under which every business is listed.
pub(crate) const BUSINESSES: &str = "businesses";

const HEAD: &str = "head";
