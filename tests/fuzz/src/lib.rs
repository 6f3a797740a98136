//! What is thrown at parsers and deciders, and what must hold whatever it is.
//!
//! A [`Target`] takes any bytes and panics where a promise breaks. Three things call them:
//! `cargo test` replays the corpus and cheap mutations of it (`tests/replay.rs`); `cargo xtask soak
//! --only fuzz` lets libFuzzer search with coverage, on the stable compiler (`src/main.rs`); and
//! `fuzz TARGET FILE…` replays what a search has found. Start at [`TARGETS`].
#![expect(clippy::unwrap_used, reason = "a target panics where a promise breaks")]

mod bytes;
mod json;
mod shop;
mod targets;

pub use bytes::Bytes;

/// One thing that takes any bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in `corpus/`.
    pub name: &'static str,
    /// Panics where a promise breaks.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "values", run: targets::values::run },
    Target { name: "batch", run: targets::batch::run },
    Target { name: "token", run: targets::token::run },
    Target { name: "query", run: targets::query::run },
    Target { name: "routes", run: targets::routes::run },
    Target { name: "stream", run: targets::stream::run },
    Target { name: "rows", run: targets::rows::run },
    Target { name: "queue", run: targets::queue::run },
    Target { name: "answers", run: targets::answers::run },
    Target { name: "sheet", run: targets::sheet::run },
    Target { name: "decide", run: targets::decide::run },
    Target { name: "merge", run: targets::merge::run },
];

/// The target of that name.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
