//! What a business can rely on, told as facts through `decide`.

mod conflicts;
mod customers;
mod idempotency;
