//! What the wire looks like: golden JSON written by hand, and the schema of all messages pinned.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod golden;
#[cfg(feature = "openapi")]
mod schema;
