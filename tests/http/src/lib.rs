//! The whole system over HTTP: what the tests of this folder drive it with.
//!
//! [`Stack`] runs `template.yaml` with the real binaries on free ports; [`Phone`] is somebody signed
//! in; [`StoreProxy`] stands between functions and DynamoDB, counts calls and makes them fail.
//!
//! The binaries are those in `AVILEO_BIN_DIR` (set by `cargo xtask test`), else `target/debug`.
//! With `AVILEO_MINISTACK` naming that program, each stack stands on a ministack of its own instead
//! of the embedded store (`cargo xtask soak --only ministack`).
#![expect(
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    reason = "a harness panics where a test fails"
)]

mod phone;
mod proxy;
mod second_store;
mod stack;
mod store;
mod unprocessed;
mod variant;

pub use phone::{Answer, Phone, done_at, on_version, operation, recount, sale};
pub use proxy::{Fate, Permission, StoreProxy};
pub use stack::{Stack, StackOptions, until};
pub use store::kill_children;
pub use variant::{faketime, skip, with_clocks};
