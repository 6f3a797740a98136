//! Strangers who do not speak HTTP as it is meant, on raw sockets, and texts that want to be more.

mod cache;
mod framing;
mod guessing;
mod raw;
mod silent;
mod texts;
