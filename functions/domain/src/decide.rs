//! The one entrance: an operation against what is stored.

use protocol::{Instant, Operation};

use crate::{Caller, Decision, NotLoaded, RowKey, State};

/// The rows that an operation names by itself: its receipt, its record, its references and the
/// guards that its payload shows. Reading them first is enough for most operations.
pub fn keys_named_by(operation: &Operation) -> Vec<RowKey> {
    let _ = operation;
    Vec::new()
}

/// Decides one operation.
///
/// # Errors
/// [`NotLoaded`] names rows to read before it can be decided; load them and ask again.
pub fn decide(
    state: &State,
    operation: &Operation,
    caller: &Caller,
    now: Instant,
) -> Result<Decision, NotLoaded> {
    let _ = (state, operation, caller, now);
    Err(NotLoaded(Vec::new()))
}
