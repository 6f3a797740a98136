//! What a business can rely on, told as facts through `decide`.

mod closings;
mod conflicts;
mod customers;
mod distribuciones;
mod idempotency;
mod preview;
mod properties;
mod references;
mod roles;
mod sale_merges;
mod sales;
