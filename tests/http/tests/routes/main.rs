//! The running system as phones, functions and hostile strangers use it.

mod addresses;
mod auth;
mod batches;
mod bodies;
mod catalogue;
mod conflicts;
mod crash;
mod effect;
mod feed;
mod feed_pages;
mod fields;
mod idempotency;
mod money;
mod original_shape;
mod push;
mod record_changes;
mod roles;
mod sessions;
mod signer;
mod starts;
mod tenants;
mod tokens;
mod walkthroughs;
