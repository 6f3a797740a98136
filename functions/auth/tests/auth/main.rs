//! The routes of `/auth` and `/team` over tables in memory: what each allows, refuses and stores.

#![expect(clippy::unwrap_used, reason = "a test fails where its set-up does")]

mod attempts;
mod ended;
mod login;
mod passwords;
mod refresh;
mod register;
mod sessions;
mod team;
mod world;
