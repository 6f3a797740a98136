//! Every backend of `Tables`: one suite that each passes, and random calls on which they agree.
//!
//! `PROPTEST_CASES` makes the random part longer (a soak).

#![expect(clippy::unwrap_used, reason = "this crate is tests alone")]

mod agreement;
mod building;
mod conformance;
mod doubt;
mod local;
mod memory;

/// Runs a future to its end, on a runtime of its own.
fn run<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
