//! The phone's sync engine, without clock, chance, network or disk.
//!
//! [`Engine::handle`] takes one [`Event`] and the [`Moment`] of its happening, and returns the
//! [`Effect`]s that a shell performs.

mod account;
mod backoff;
mod command;
mod effect;
mod engine;
mod event;
mod http;
mod login;
#[cfg(feature = "memory")]
pub mod memory;
mod moment;
mod operation;
mod preview;
mod pull;
mod push;
mod queue;
mod recount;
mod rows;
mod snapshot;
mod status;
mod transaction;

pub use account::{Account, SignedIn};
pub use command::{Command, CommandRefused, NewOperation, Saved, Ticket};
pub use domain::RecordKey;
pub use effect::{Effect, EffectId};
pub use engine::Engine;
pub use event::{Event, RefreshFault};
pub use http::{Answer, Method, Request, TransportFault};
pub use moment::{Elapsed, Moment};
pub use operation::{OperationRecord, QueueStatus, Sequence};
pub use preview::{Shown, preview};
pub use queue::{Queue, Waiting, WaitingWhy};
pub use rows::{Generation, RecordVersion, SnapshotProgress, SyncState, SyncedRecord};
pub use status::{EngineState, StatusWord, Trouble, View};
pub use transaction::{Committed, Expectation, Query, RowWrite, Rows, StorageFault, Transaction};
