//! The running system as phones, functions and hostile strangers use it.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests panic where a test fails, and take what `json!` has made"
)]

mod addresses;
mod attack;
mod auth;
mod batches;
mod bodies;
mod both_ways;
mod catalogue;
mod closings;
mod compatibility;
mod conflicts;
mod crash;
mod crud;
mod effect;
mod ended;
mod feed;
mod feed_pages;
mod fields;
mod hostile;
mod idempotency;
mod money;
mod original_shape;
mod push;
mod readers;
mod record_changes;
mod roles;
mod sessions;
mod signer;
mod silence;
mod starts;
mod tenants;
mod tokens;
mod walkthroughs;
