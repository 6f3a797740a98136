//! The whole system in one world with virtual time, moved by one seed: the phones run the real
//! engine and domain, the functions are the real push, record-changes, feed, snapshot, repair and
//! rebuild over tables in memory, and between them everything goes wrong that may.
//!
//! Start at [`run`]: one seed, one day. What must hold is in `checkers/`, a file each; what goes
//! wrong is in `cloud.rs` (tables), `stream.rs`, `network.rs`, `edge.rs`, `phones.rs` and `day.rs`.

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod agenda;
mod checkers;
mod cloud;
mod cloud_side;
mod day;
mod dice;
mod edge;
mod functions;
mod network;
mod online;
mod pace;
mod phone;
mod phones;
#[cfg(feature = "planted")]
pub mod planted;
pub mod regressions;
mod rest;
mod stream;
mod trace;
mod workload;
mod world;

pub use checkers::Violation;
pub use day::run;
pub use world::{Figures, Outcome};
