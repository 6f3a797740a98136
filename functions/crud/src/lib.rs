//! The routes that wait for their answer: records read and written online, reports, health, and the
//! description of the whole API.
//!
//! A write here is an operation like any other: `write` turns the request into one and pushes it
//! through the same entrance as a phone's batch, so both ways give the same record, receipt and
//! place in the feed. A read is bounded in what it reads, and pages by cursor. Start at [`routes`];
//! `collection` says which kinds of record there are, `openapi` describes every function's routes.

mod collection;
mod day;
mod debts;
mod filter;
mod health;
mod list;
mod openapi;
mod operation;
mod place;
mod record;
mod routes;
mod unrouted;
mod write;

pub use openapi::document;
pub use routes::routes;
