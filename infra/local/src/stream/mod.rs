//! Event source mappings: carries the rows of a table's stream to the function that the template
//! names, with the semantics of Lambda's own pollers.
//!
//! A [`Pump`](pump) reads the oldest rows that are not consumed, drops what the filter keeps out,
//! divides the rest into [`lanes`], makes batches, and delivers each ([`delivery`]): partial
//! failures, bisecting, bounded retries and age, and at the end the failure queue ([`failures`]). A
//! row is deleted only after it was delivered, filtered out or set aside, so a killed stack goes on
//! where it was; rows may come twice, never not at all. [`chaos`] makes the order as unkind as DynamoDB may.

pub(crate) mod chaos;
mod delivery;
mod failures;
pub(crate) mod filter;
mod lanes;
mod pump;

pub(crate) use chaos::Chaos;
pub(crate) use delivery::Target;
pub(crate) use failures::Failures;
use failures::SetAside;
pub(crate) use pump::Pump;

/// Why a stream stands still for a moment; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    /// The store's file cannot be read or written.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The failure queue cannot be read or written.
    #[error("the failure queue: {0}")]
    Failures(#[from] rusqlite::Error),
}
