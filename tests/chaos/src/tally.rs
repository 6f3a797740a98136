//! What was done, what was broken, and what was promised.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{BusinessId, Entity, OperationId, RecordId, Session, UserId};

use crate::silence::secrets_of;

/// Shared by everything that takes part.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: Mutex<BTreeMap<String, u64>>,
    found: Mutex<Vec<String>>,
    promises: Mutex<Promises>,
    secrets: Mutex<BTreeSet<String>>,
    known: Mutex<BTreeMap<(BusinessId, Entity), Vec<RecordId>>>,
}

/// What phones were told and asked.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    /// Said to be saved, by the place of the phone that said so.
    pub(crate) saved: BTreeMap<OperationId, usize>,
    /// A person asked for their end.
    pub(crate) taken_back: BTreeSet<OperationId>,
    /// The server acknowledged them: with the record's version.
    pub(crate) acknowledged: BTreeMap<OperationId, u64>,
    /// Closings that the server acknowledged.
    pub(crate) closed: BTreeMap<RecordId, Closed>,
}

/// A seller's settled day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Closed {
    pub(crate) business: BusinessId,
    pub(crate) seller: UserId,
    /// `YYYY-MM-DD` in Lima.
    pub(crate) date: String,
}

impl Tally {
    /// One more of this.
    pub(crate) fn count(&self, what: &str) {
        *lock(&self.counts).entry(what.to_owned()).or_default() += 1;
    }

    /// So many more of this.
    pub(crate) fn add(&self, what: &str, count: usize) {
        *lock(&self.counts).entry(what.to_owned()).or_default() += count as u64;
    }

    /// A promise is broken.
    pub(crate) fn found(&self, what: String) {
        eprintln!("FOUND: {what}");
        lock(&self.found).push(what);
    }

    /// All that was counted.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.counts).clone()
    }

    /// All broken promises.
    pub(crate) fn all_found(&self) -> Vec<String> {
        lock(&self.found).clone()
    }

    /// What phones were told and asked.
    pub(crate) fn promises(&self) -> MutexGuard<'_, Promises> {
        lock(&self.promises)
    }

    /// No log may hold what is secret of this session.
    pub(crate) fn keep_secret(&self, session: &Session) {
        lock(&self.secrets).extend(secrets_of(session));
    }

    /// What no log may hold.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        lock(&self.secrets).clone()
    }

    /// Somebody makes this record.
    pub(crate) fn know(&self, business: &BusinessId, entity: Entity, id: RecordId) {
        lock(&self.known).entry((business.clone(), entity)).or_default().push(id);
    }

    /// The records of a kind that anybody has ever made.
    pub(crate) fn known<T>(
        &self,
        business: &BusinessId,
        entity: Entity,
        use_them: impl FnOnce(&[RecordId]) -> T,
    ) -> T {
        let known = lock(&self.known);
        let none = Vec::new();
        use_them(known.get(&(business.clone(), entity)).unwrap_or(&none))
    }
}

pub(crate) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
