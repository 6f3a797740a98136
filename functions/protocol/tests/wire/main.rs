//! What the wire looks like: golden JSON written by hand, and the schema of all messages pinned.

mod golden;
#[cfg(feature = "openapi")]
mod schema;
