//! The running system as phones, functions and hostile strangers use it.

mod batches;
mod catalogue;
mod conflicts;
mod crash;
mod feed;
mod feed_pages;
mod idempotency;
mod money;
mod original_shape;
mod push;
mod record_changes;
mod roles;
