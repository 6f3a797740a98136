//! DynamoDB in memory: its guarantees, its limits and its refusals, and no kinder ones.
//!
//! For tests and the simulation. [`MemoryTables`] has no clock and no dice of its own: the same
//! calls in the same order give the same answers. What goes wrong is [`Faults`]' decision; what
//! the `records` table's stream carries is [`MemoryTables::stream`]; an instant to come back to is
//! [`MemoryTables::snapshot`].
//!
//! ```
//! use store::memory::{Fault, MemoryTables, Script};
//!
//! let tables = MemoryTables::new();
//! let shaky = tables.with_faults(Script::new([Fault::Throttle, Fault::LoseReply]));
//! # drop(shaky);
//! ```

mod faults;
mod keys;
mod limits;
mod number;
mod read;
mod state;
mod surroundings;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use faults::{Call, Fault, Faults, Script};
pub use limits::{ITEM_BYTES_MAX, TRANSACTION_BYTES_MAX, item_size};
pub use state::StreamRecord;
pub use surroundings::VirtualSurroundings;

use crate::tables::{
    BatchGot, CancellationReason, Item, Key, Query, QueryPage, StoreError, Table, Tables, Write,
};
use keys::key_fault;
use limits::{check_batch, check_transaction, check_write, invalid};
use state::{Items, State};

/// The four tables in memory. A clone is another handle on the same ones.
#[derive(Clone, Default)]
pub struct MemoryTables {
    state: Arc<Mutex<State>>,
    faults: Option<Arc<dyn Faults>>,
    seed: u64,
}

/// All four tables at one instant; the items are shared, not copied.
#[derive(Debug, Clone)]
pub struct Snapshot(Items);

impl Snapshot {
    /// The same, with one table as it was in another: tables are not backed up at one instant.
    #[must_use]
    pub fn with(mut self, table: Table, other: &Self) -> Self {
        self.0.retain(|key, _| key.table != table);
        let theirs = other.0.iter().filter(|(key, _)| key.table == table);
        self.0.extend(theirs.map(|(key, item)| (key.clone(), Arc::clone(item))));
        self
    }
}

impl MemoryTables {
    /// Empty tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle on the same tables whose calls suffer `faults`.
    #[must_use]
    pub fn with_faults(&self, faults: impl Faults + 'static) -> Self {
        Self { faults: Some(Arc::new(faults)), ..self.clone() }
    }

    /// A handle on the same tables whose batch reads answer in another order.
    #[must_use]
    pub fn with_seed(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }

    /// An item, without a call.
    pub fn peek(&self, key: &Key) -> Option<Item> {
        self.state().items.get(key).map(|item| (**item).clone())
    }

    /// An item, without a call and without a copy.
    pub fn look(&self, key: &Key) -> Option<Arc<Item>> {
        self.state().items.get(key).cloned()
    }

    /// Every item of a table in order of its keys, without a call.
    pub fn scan(&self, table: Table) -> Vec<Arc<Item>> {
        let state = self.state();
        let ours = state.items.iter().filter(|(key, _)| key.table == table);
        ours.map(|(_, item)| Arc::clone(item)).collect()
    }

    /// What the stream of `records` carries after the entry `after` (0: from its beginning).
    pub fn stream(&self, after: u64) -> Vec<StreamRecord> {
        let state = self.state();
        state.stream.iter().filter(|record| record.sequence > after).cloned().collect()
    }

    /// The last entry of the stream; 0 if there was none yet.
    pub fn stream_end(&self) -> u64 {
        self.state().sequence
    }

    /// Forgets the stream up to and including the entry `until`, as DynamoDB does after a day.
    pub fn trim_stream(&self, until: u64) {
        self.state().stream.retain(|record| record.sequence > until);
    }

    /// All four tables as they are.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.state().items.clone())
    }

    /// All four tables as they were. As with a restored table in AWS, the stream starts anew:
    /// what nobody had read of it is gone.
    pub fn restore(&self, snapshot: &Snapshot) {
        let mut state = self.state();
        state.items.clone_from(&snapshot.0);
        state.stream.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while it is held leaves it whole: a commit does nothing that can fail half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn strike(&self, call: Call<'_>) -> Fault {
        self.faults.as_ref().map_or(Fault::None, |faults| faults.strike(call))
    }

    fn read_batch(&self, keys: &[Key], bound: usize) -> Result<BatchGot, StoreError> {
        check_batch(keys)?;
        Ok(read::batch(&self.state().items, keys, bound, self.seed))
    }

    fn commit(&self, writes: &[Write], fault: Fault) -> Result<(), StoreError> {
        let mut state = self.state();
        let mut reasons = state.reasons(writes)?;
        let struck = match fault {
            Fault::Conflict(place) => Some((place, CancellationReason::Conflict)),
            Fault::ThrottleWrite(place) => Some((place, CancellationReason::Throttled)),
            _ => None,
        };
        if let Some((place, reason)) = struck {
            reasons[place % writes.len()] = reason;
        }
        if reasons.iter().any(|reason| *reason != CancellationReason::None) {
            return Err(StoreError::Cancelled(reasons));
        }
        state.commit(writes)
    }

    fn run_write(&self, write: &Write, fault: Fault) -> Result<(), StoreError> {
        if matches!(write, Write::Check { .. }) {
            return Err(invalid("a check by itself is no write"));
        }
        check_write(write)?;
        if key_fault(write).is_some() {
            return Err(invalid("a key that is missing, empty, long, or no text"));
        }
        self.commit(std::slice::from_ref(write), fault)
    }

    fn run_transaction(&self, writes: &[Write], fault: Fault) -> Result<(), StoreError> {
        check_transaction(writes)?;
        self.commit(writes, fault)
    }
}

impl Tables for MemoryTables {
    async fn batch_get(&self, keys: &[Key]) -> Result<BatchGot, StoreError> {
        let fault = self.strike(Call::BatchGet(keys));
        struck(fault, || self.read_batch(keys, bound_of(fault)))
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        let fault = self.strike(Call::Query(query));
        let limit = query.limit.map_or(usize::MAX, |limit| limit.try_into().unwrap_or(usize::MAX));
        // A page that was cut short has one item at least: without one there is no place to resume.
        let bound = limit.min(bound_of(fault).max(1));
        struck(fault, || read::page(&self.state().items, query, bound))
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), StoreError> {
        let fault = self.strike(Call::Transact(writes));
        struck(fault, || self.run_transaction(writes, fault))
    }

    async fn write(&self, write: &Write) -> Result<(), StoreError> {
        let fault = self.strike(Call::Write(write));
        struck(fault, || self.run_write(write, fault))
    }
}

impl std::fmt::Debug for MemoryTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryTables").field("items", &self.state().items.len()).finish()
    }
}

fn bound_of(fault: Fault) -> usize {
    if let Fault::Partial(bound) = fault { bound } else { usize::MAX }
}

fn struck<T>(fault: Fault, call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    match fault {
        Fault::Throttle => Err(StoreError::Throttled),
        Fault::Refuse => Err(StoreError::Invalid("refused for good".into())),
        Fault::LoseRequest => Err(StoreError::Unknown("the request was lost".into())),
        Fault::LoseReply => {
            // Whatever it was, the caller never learns of it.
            drop(call());
            Err(StoreError::Unknown("the reply was lost".into()))
        }
        Fault::None | Fault::Partial(_) | Fault::Conflict(_) | Fault::ThrottleWrite(_) => call(),
    }
}
