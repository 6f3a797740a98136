//! What the template says besides how to run: permissions, alarms, logs, the origin's door, caches
//! that are not ours, and what an operator does when something is lost.
#![expect(clippy::unwrap_used, reason = "helpers of tests panic where a test fails")]

mod alarms;
mod cache;
mod clocks;
mod metrics;
mod permissions;
mod redrive;
mod restore;
