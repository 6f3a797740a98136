//! What the routes work with.

use std::sync::Arc;

use axum::extract::FromRef;
use gateway::Gate;

/// The tables, the clock and the gate; cheap to clone.
pub(crate) struct Parts<T, S> {
    pub(crate) tables: Arc<T>,
    pub(crate) surroundings: Arc<S>,
    pub(crate) gate: Gate,
}

impl<T, S> Clone for Parts<T, S> {
    fn clone(&self) -> Self {
        Self {
            tables: Arc::clone(&self.tables),
            surroundings: Arc::clone(&self.surroundings),
            gate: self.gate.clone(),
        }
    }
}

impl<T, S> FromRef<Parts<T, S>> for Gate {
    fn from_ref(parts: &Parts<T, S>) -> Self {
        parts.gate.clone()
    }
}
