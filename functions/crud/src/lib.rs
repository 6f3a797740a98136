//! The routes that wait for their answer: records written online, and health.
//!
//! A write here is an operation like any other: `write` turns the request into one and pushes it
//! through the same entrance as a phone's batch, so both ways give the same record, receipt and
//! place in the feed. Start at [`routes`].

mod health;
mod operation;
mod parts;
mod routes;
mod write;

pub use routes::routes;
