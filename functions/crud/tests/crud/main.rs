//! The routes of `crud` over tables in memory.

#![expect(clippy::unwrap_used, reason = "a test fails where its set-up does")]

mod closings;
mod cost;
mod description;
mod history;
mod lists;
mod loads;
mod refusals;
mod reports;
mod world;
mod writes;
