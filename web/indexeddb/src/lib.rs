//! The phone's database: what the engine asks of it, performed on IndexedDB.
//!
//! [`Database::read`] and [`Database::commit`] answer [`engine::Effect::Read`] and
//! [`engine::Effect::Commit`]; the engine's own conformance cases run against them in a browser.
//! Screens read records in pages ([`Database::page`]), and the app keeps a few small rows of its
//! own ([`Database::kept`]): sessions, and who is at work.
//!
//! | store | key | value |
//! |---|---|---|
//! | `operations` | `id` | [`engine::OperationRecord`] as an object |
//! | `records` | `[business, generation, entity, id]` | `{version, record}`, the record as JSON text |
//! | `meta` | `[business, name, …]` | JSON text |
//!
//! Everything of a business lies below its own key, so that no read of one business can meet
//! another's rows.
//!
//! # What must stay true
//! - Between two requests of a transaction nothing else is awaited: IndexedDB would commit it.
//! - A commit is answered once the browser has said `complete`, with durability `strict`.
//! - JSON text goes in and out (`serde_json` keeps every digit of a number); records are never
//!   taken apart by JavaScript.

mod commit;
mod database;
mod fault;
mod keys;
mod meta;
mod read;
mod rows;
mod schema;
mod strict;

pub use database::Database;
pub use meta::KeptRow;
pub use read::StoredText;
pub use schema::{NAME, VERSION};
pub use strict::latest as latest_transaction;
