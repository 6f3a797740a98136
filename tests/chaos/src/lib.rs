//! Chaos on the running system: twenty scripted phones with the real engine work seller's days
//! while everything between them and their data breaks, by a seed; then it is quiet, and all of
//! them and the server must agree, with nothing lost, doubled, missing or leaked.
//!
//! [`round`] is one such day. Start at `phone`, the shell of the engine; `network` and `trouble`
//! break things; `checks` says what must hold. [`load`](load())
//! asks how much one stack bears instead.
//!
//! A seed fixes every die, not the order in which processes of a real machine run: it says what to
//! try again, and the log, the journals and the counts of a failed round are kept.
#![expect(clippy::missing_panics_doc, reason = "a harness panics where a test fails")]

mod checks;
mod days;
mod dice;
mod exported;
mod journal;
mod load;
mod network;
mod people;
mod phone;
mod round;
mod silence;
mod stack;
mod tally;
mod trouble;

pub use load::{LoadPlan, LoadReport, Step, load};
pub use round::{Plan, Report, round};
