//! Push, record-changes and feed over an interface of DynamoDB calls.
//!
//! Start at [`tables::Tables`], the calls that everything here is made of, then [`push::push`] (the
//! way in), [`closing::close_day`] (a seller's day), [`record_changes`] (from a stream to the feed)
//! and [`feed`] (the way out). [`verify`] says whether all of them have kept their word.

pub mod closing;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod feed;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod push;
pub mod reading;
pub mod record_changes;
pub mod rows;
pub mod tables;
pub mod verify;
