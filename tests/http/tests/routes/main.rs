//! The running system as phones, functions and hostile strangers use it.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests panic where a test fails, and take what `json!` has made"
)]

mod batches;
mod catalogue;
mod conflicts;
mod crash;
mod feed;
mod feed_pages;
mod idempotency;
mod money;
mod original_shape;
mod permissions;
mod push;
mod record_changes;
