//! Push, record-changes and feed over an interface of DynamoDB calls.
//!
//! Start at [`tables::Tables`], the calls that everything here is made of.

#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod tables;
