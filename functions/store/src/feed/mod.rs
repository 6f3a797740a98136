//! The change feed: its head, its rows, its pages.
//!
//! Per business, changes are numbered 1, 2, 3 … without a gap. [`Head`] is the end of the feed,
//! [`changes`] the way a reader goes through it, [`caching`] what the edge may keep of it,
//! [`snapshot`] the shorter way for a reader who begins, [`history`] what it says of one record.

pub mod caching;
mod head;
mod history;
mod page;
mod rows;
mod snapshot;

pub(crate) use head::BUSINESSES;
pub use head::{FeedError, Head, new_feed, read_head};
pub use history::{HistoryPage, history};
pub use page::{FeedPage, changes};
pub(crate) use rows::{
    PUBLISHED_PREFIX, Published, change_item, change_sort_key, published_key, read_change,
};
pub use snapshot::{InvalidPart, Part, snapshot};
