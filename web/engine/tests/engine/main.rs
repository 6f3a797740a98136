//! The engine against a small scripted server, both ends in one hand and time in the other.

#![expect(clippy::unwrap_used, reason = "what a test takes for granted stops it when it is not so")]

mod chaos;
mod dice;
mod edits;
mod faults;
mod foreign;
mod healing;
mod hints;
mod later;
mod pair;
mod pull;
mod push;
mod queue;
mod recorded;
mod server;
mod shown;
mod waiting;
