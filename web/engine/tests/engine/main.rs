//! The engine against a small scripted server, both ends in one hand and time in the other.

mod pair;
mod pull;
mod push;
mod queue;
mod server;
