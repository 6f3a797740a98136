//! What a function's routes work with.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::Gate;

/// The tables, the clock and the gate; cheap to clone.
pub struct Parts<T, S> {
    /// Where everything is kept.
    pub tables: Arc<T>,
    /// The clock, and whatever else is not the same twice.
    pub surroundings: Arc<S>,
    /// Who may come in.
    pub gate: Gate,
}

impl<T, S> Parts<T, S> {
    /// Makes them from what a `main` or a test has.
    pub fn new(tables: T, surroundings: S, gate: &Gate) -> Self {
        let (tables, surroundings) = (Arc::new(tables), Arc::new(surroundings));
        Self { tables, surroundings, gate: gate.clone() }
    }
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
