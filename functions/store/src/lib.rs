//! Push, record-changes and feed over an interface of DynamoDB calls.
//!
//! Start at [`tables::Tables`], the calls that everything here is made of.

pub mod tables;
