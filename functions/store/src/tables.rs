//! The few DynamoDB calls that everything here is made of.
//!
//! [`Tables`] is what a backend offers: DynamoDB itself, or memory with the same guarantees and no
//! kinder ones. Reads are strongly consistent. An item is a JSON object: strings, numbers,
//! booleans, null, lists and maps, as DynamoDB has them.

use std::future::Future;
use std::time::Duration;

use protocol::JsonObject;
use serde_json::Value;

/// A stored item, its keys included.
pub type Item = JsonObject;

/// Keys of one [`Tables::batch_get`] at most (an AWS limit).
pub const BATCH_GET_KEYS_MAX: usize = 100;

/// Writes and checks of one [`Tables::transact`] at most (an AWS limit).
pub const TRANSACTION_ITEMS_MAX: usize = 100;

/// One of the four tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// `business` · `record`: records and guards.
    Records,
    /// `business` · `operation`: receipts.
    Operations,
    /// `business` · `change`: the feed, its head, the published images.
    Changes,
    /// `account` · `item`: businesses, users, sessions.
    Accounts,
}

/// Where an item is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The table.
    pub table: Table,
    /// The partition key's value.
    pub partition: String,
    /// The sort key's value.
    pub sort: String,
}

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Puts the whole item; its key attributes are inside.
    Put {
        /// The table.
        table: Table,
        /// The item.
        item: Item,
        /// What must hold of the item at that key.
        condition: Condition,
    },
    /// Removes the item.
    Delete {
        /// Where it is.
        key: Key,
        /// What must hold of it.
        condition: Condition,
    },
    /// Writes nothing.
    Check {
        /// Where it is.
        key: Key,
        /// What must hold of it.
        condition: Condition,
    },
}

/// What must hold of an item for a write to go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// There is no item.
    Absent,
    /// There is one, and these attributes have these values.
    Equals(Vec<(&'static str, Value)>),
}

/// What a batch read brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchGot {
    /// The items that exist, in no order.
    pub items: Vec<(Key, Item)>,
    /// Keys that were not read: neither present nor absent. Ask again.
    pub unprocessed: Vec<Key>,
}

/// A range of one partition, in order of the sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The table.
    pub table: Table,
    /// The local index to read by, instead of the table's own sort key.
    pub index: Option<LocalIndex>,
    /// The partition key's value.
    pub partition: String,
    /// The first sort key, inclusive.
    pub from: String,
    /// The last sort key, inclusive.
    pub to: String,
    /// The sort key to start after, from [`QueryPage::resume_after`].
    pub after: Option<Item>,
    /// Stop after so many items.
    pub limit: Option<u32>,
    /// From the last to the first.
    pub descending: bool,
}

impl Query {
    /// From `from` to `to`, both included, by the table's own key, from the start.
    pub fn range(
        table: Table,
        partition: impl Into<String>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Self {
        let (partition, from, to) = (partition.into(), from.into(), to.into());
        Self {
            table,
            index: None,
            partition,
            from,
            to,
            after: None,
            limit: None,
            descending: false,
        }
    }
}

/// A local secondary index of the `records` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalIndex {
    /// `business` · `sellerDate`.
    SellerDate,
}

/// A part of what a query found; DynamoDB stops at 1 MB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryPage {
    /// In order.
    pub items: Vec<Item>,
    /// Where to go on; `None` at the end.
    pub resume_after: Option<Item>,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too fast: back off and try again.
    #[error("throttled")]
    Throttled,
    /// Nobody knows whether it took effect: the reply was lost, it timed out, the server failed.
    #[error("no reply: {0}")]
    Unknown(String),
    /// It will never work like this.
    #[error("refused: {0}")]
    Invalid(String),
    /// The transaction was cancelled; a reason for each of its writes, in order.
    #[error("cancelled: {0:?}")]
    Cancelled(Vec<CancellationReason>),
}

/// Why a write of a cancelled transaction did not go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancellationReason {
    /// This one would have gone through.
    None,
    /// Its condition did not hold.
    ConditionFailed,
    /// Another transaction was writing the same item.
    Conflict,
    /// Too fast.
    Throttled,
    /// It will never work like this.
    Invalid,
}

/// Whether, and how, to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryKind {
    /// It did not take effect; the same call may succeed after a pause.
    Transient,
    /// Read again before deciding anew: it may have taken effect, or another writer came first.
    Reread,
    /// Never.
    Permanent,
}

/// The calls. Everything is strongly consistent; a transaction is all or nothing.
pub trait Tables: Send + Sync {
    /// `BatchGetItem`, at most [`BATCH_GET_KEYS_MAX`] keys, each once.
    ///
    /// # Errors
    /// [`StoreError`], never [`StoreError::Cancelled`].
    fn batch_get(&self, keys: &[Key]) -> impl Future<Output = Result<BatchGot, StoreError>> + Send;

    /// `Query`, one page.
    ///
    /// # Errors
    /// [`StoreError`], never [`StoreError::Cancelled`].
    fn query(&self, query: &Query) -> impl Future<Output = Result<QueryPage, StoreError>> + Send;

    /// `TransactWriteItems`, at most [`TRANSACTION_ITEMS_MAX`] writes, no two on one item.
    ///
    /// # Errors
    /// [`StoreError`].
    fn transact(&self, writes: &[Write]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// `PutItem` or `DeleteItem`: one write. A condition that does not hold is
    /// [`StoreError::Cancelled`] with one reason.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&self, write: &Write) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The clock and the dice of whoever runs this: the machine's own, or a simulated world's.
pub trait Surroundings: Send + Sync {
    /// The present moment.
    fn now(&self) -> protocol::Instant;

    /// A fair random number.
    fn random(&self) -> u64;

    /// Waits.
    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send;
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 4] = [Self::Records, Self::Operations, Self::Changes, Self::Accounts];

    /// The name of the partition key.
    pub fn partition_attribute(self) -> &'static str {
        match self {
            Self::Accounts => "account",
            _ => "business",
        }
    }

    /// The name of the sort key.
    pub fn sort_attribute(self) -> &'static str {
        match self {
            Self::Records => "record",
            Self::Operations => "operation",
            Self::Changes => "change",
            Self::Accounts => "item",
        }
    }
}

impl Key {
    /// The key of an item of `table`.
    pub fn new(table: Table, partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { table, partition: partition.into(), sort: sort.into() }
    }

    /// The key that `item` of `table` carries inside.
    pub fn of(table: Table, item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_str();
        Some(Self::new(table, text(table.partition_attribute())?, text(table.sort_attribute())?))
    }

    /// An item that has nothing but this key.
    pub fn to_item(&self) -> Item {
        let mut item = Item::new();
        item.insert(self.table.partition_attribute().into(), self.partition.as_str().into());
        item.insert(self.table.sort_attribute().into(), self.sort.as_str().into());
        item
    }
}

impl LocalIndex {
    /// The name of the index and of its sort attribute.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::SellerDate => "sellerDate",
        }
    }
}

impl StoreError {
    /// Whether, and how, to try again.
    pub fn retry_kind(&self) -> RetryKind {
        match self {
            Self::Throttled => RetryKind::Transient,
            Self::Unknown(_) => RetryKind::Reread,
            Self::Invalid(_) => RetryKind::Permanent,
            Self::Cancelled(reasons) => of_reasons(reasons),
        }
    }
}

fn of_reasons(reasons: &[CancellationReason]) -> RetryKind {
    let any = |wanted| reasons.contains(&wanted);
    if any(CancellationReason::Invalid) {
        RetryKind::Permanent
    } else if any(CancellationReason::ConditionFailed) || any(CancellationReason::Conflict) {
        RetryKind::Reread
    } else {
        RetryKind::Transient
    }
}
