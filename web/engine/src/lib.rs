//! The phone's sync engine, without clock, chance, network or disk.
//!
//! [`Engine::handle`] takes one [`Event`] and the [`Moment`] of its happening, and returns the
//! [`Effect`]s that a shell performs: the IndexedDB shell of the app, or a simulated world. The
//! shell answers `Read`, `Commit`, `Send`, `AcquireLock` and `RefreshLogin` with the event that
//! names the same [`EffectId`]; the other effects are told and forgotten.
//!
//! ```
//! use std::collections::VecDeque;
//! use engine::memory::MemoryStore;
//! use engine::{Account, Command, Effect, Elapsed, Engine, Event, Moment, NewOperation, SignedIn};
//! use engine::{Ticket, TransportFault};
//! use protocol::{Action, Entity, Role};
//!
//! let mut engine = Engine::default();
//! let mut store = MemoryStore::default();
//! let account = Account { business: "b-1".parse()?, user: "user-2".parse()? };
//! let signed_in = SignedIn { account, role: Role::Vendedor, device: "cart-a".parse()? };
//! let command = Command::Enqueue(NewOperation {
//!     id: "op-1".parse()?,
//!     entity: Entity::Customers,
//!     action: Action::Insert,
//!     entity_id: "rosa".parse()?,
//!     data: protocol::json::from_str(r#"{"name":"Rosa Quispe"}"#)?,
//!     base_version: None,
//! });
//! let mut events = VecDeque::from([
//!     Event::SignedIn(signed_in),
//!     Event::Commanded { ticket: Ticket(1), command },
//! ]);
//! let mut saved = false;
//! while let Some(event) = events.pop_front() {
//!     let wall = "2026-11-22T13:05:00.000Z".parse()?;
//!     let now = Moment { wall, elapsed: Elapsed(1_000), random: 4 };
//!     for effect in engine.handle(event, now) {
//!         match effect {
//!             Effect::Read { effect, query } => {
//!                 events.push_back(Event::Read { effect, result: Ok(store.read(&query)) });
//!             }
//!             Effect::Commit { effect, transaction } => {
//!                 let result = store.commit(transaction);
//!                 events.push_back(Event::Committed { effect, result });
//!             }
//!             Effect::AcquireLock { effect } => {
//!                 events.push_back(Event::LockAnswered { effect, granted: true });
//!             }
//!             Effect::Send { effect, .. } => {
//!                 let result = Err(TransportFault::Network);
//!                 events.push_back(Event::Answered { effect, result });
//!             }
//!             Effect::Answer { result, .. } => saved = result.is_ok(),
//!             _ => {}
//!         }
//!     }
//! }
//! assert!(saved);
//! assert_eq!(store.operations().count(), 1); // durable, and waiting for the network
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds at all times
//! - A command is answered `Ok` only after its transaction was acknowledged; an operation is sent
//!   only after its `sentAt` was.
//! - What was sent never changes. Until then an operation takes in the edits that follow on its
//!   record (`queue/join.rs`), so that no record's queue grows with the edits of it.
//! - The state in memory is what the database last said. It changes by an acknowledged transaction
//!   or by a read, and by nothing else; after a commit that failed it is read again.
//! - Every commit names what it was derived from ([`Expectation`]). Two tabs may do the same work
//!   at the same time: one commit stands, the other is derived anew. The lock saves work, no more.
//! - Synced records are written by feed and snapshot only, together with the cursor and the digest.
//! - No decision rests on the wall clock alone. It stamps what a person did; stored waits that lie
//!   further off than any wait we ask for count as over.
//! - A record of an entity that this version does not know is kept as it came and counted in the
//!   digest; screens and queue leave it alone. The version that knows it finds it there.
//! - A queue holds one account's operations. Others' are neither read nor sent.
//!
//! # Where the transitions are listed
//! | of | in |
//! |---|---|
//! | an operation | [`QueueStatus`], `queue/command.rs` |
//! | a cycle: push | `engine/cycle.rs` |
//! | a cycle: pull | `engine/pull.rs` |
//! | a snapshot | `snapshot.rs` |
//! | a digest that differs | `recount.rs` |
//! | the login | `login.rs` |
//! | what the screen says | [`EngineState`], [`StatusWord`] |
//! | what an answer is worth | `http.rs`, `push/answer.rs`, `pull/page.rs` |

mod account;
mod backoff;
mod command;
#[cfg(feature = "memory")]
pub mod conformance;
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
pub use rows::{Generation, RecordVersion, SnapshotProgress, SyncState, SyncedKey, SyncedRecord};
pub use status::{EngineState, StatusWord, Trouble, View};
pub use transaction::{Committed, Expectation, Query, RowWrite, Rows, StorageFault, Transaction};
