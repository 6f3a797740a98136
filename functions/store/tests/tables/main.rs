//! Every backend of `Tables`: one suite that each passes, and random calls on which they agree.
//!
//! `AGREEMENT_CASES` makes the random part longer (a soak).

#![expect(clippy::unwrap_used, reason = "this crate is tests alone")]

mod building;
mod conformance;

mod local;

/// Runs a future to its end, on a runtime of its own.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}
