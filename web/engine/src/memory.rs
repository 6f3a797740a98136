//! A database in memory that performs the engine's effects: for tests and simulations.
//!
//! It keeps rows as they are: that each survives its storing as JSON, as on the phone, is a test of
//! [`OperationRecord`]'s own shape (`every_row_survives_its_storing`), not a cost of every read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use protocol::{BusinessId, OperationId};

use crate::{
    Account, Committed, Expectation, Generation, OperationRecord, Query, QueueStatus, RecordKey,
    RecordVersion, RowWrite, Rows, Sequence, StorageFault, SyncState, SyncedKey, SyncedRecord,
    Transaction,
};

/// The stores of one phone, shared by its tabs.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    operations: BTreeMap<OperationId, OperationRecord>,
    /// By account, those that its queue shows: a phone keeps the others for weeks.
    shown: BTreeMap<Account, BTreeSet<OperationId>>,
    records: BTreeMap<(BusinessId, Generation), BTreeMap<SyncedKey, SyncedRecord>>,
    sync: BTreeMap<BusinessId, SyncState>,
    counter: u64,
}

impl MemoryStore {
    /// Performs [`Effect::Read`](crate::Effect::Read).
    pub fn read(&self, query: &Query) -> Rows {
        match query {
            Query::Queue(account) => {
                self.queue(account, self.shown.get(account).into_iter().flatten())
            }
            Query::Operations { account, ids } => self.queue(account, ids.iter()),
            Query::BusinessOperations(business) => Rows::Operations(
                self.operations
                    .values()
                    .filter(|one| one.account.business == *business)
                    .cloned()
                    .collect(),
            ),
            Query::Records { business, generation, keys } => {
                let set = self.records.get(&(business.clone(), *generation));
                let found = keys.iter().filter_map(|key| set?.get(key).cloned());
                Rows::Records(found.collect())
            }
            Query::Versions { business, generation, after, limit } => {
                let from = after.clone().map_or(Bound::Unbounded, Bound::Excluded);
                let set = self.records.get(&(business.clone(), *generation));
                let rows =
                    set.into_iter().flat_map(|set| set.range((from.clone(), Bound::Unbounded)));
                Rows::Versions(rows.take(*limit).map(|(_, record)| version_of(record)).collect())
            }
        }
    }

    /// Performs [`Effect::Commit`](crate::Effect::Commit).
    ///
    /// # Errors
    /// [`StorageFault::Stale`] if an expectation does not hold; nothing is written then.
    pub fn commit(&mut self, transaction: Transaction) -> Result<Committed, StorageFault> {
        if !transaction.expectations.iter().all(|expectation| self.holds(expectation)) {
            return Err(StorageFault::Stale);
        }
        let mut committed = Committed::default();
        for write in transaction.writes {
            self.write(write, &mut committed);
        }
        Ok(committed)
    }

    /// Every operation, of all accounts, in the order of their ids.
    pub fn operations(&self) -> impl Iterator<Item = OperationRecord> {
        self.operations.values().cloned()
    }

    /// One operation, of whichever account.
    pub fn operation(&self, id: &OperationId) -> Option<&OperationRecord> {
        self.operations.get(id)
    }

    /// A set of records, in the order of their keys.
    pub fn records(
        &self,
        business: &BusinessId,
        generation: Generation,
    ) -> impl Iterator<Item = &SyncedRecord> {
        self.records.get(&(business.clone(), generation)).into_iter().flat_map(BTreeMap::values)
    }

    /// One record of a set.
    pub fn record(
        &self,
        business: &BusinessId,
        generation: Generation,
        key: &RecordKey,
    ) -> Option<&SyncedRecord> {
        self.records.get(&(business.clone(), generation))?.get(&SyncedKey::from(key.clone()))
    }

    /// Where a business stands.
    pub fn sync_state(&self, business: &BusinessId) -> Option<&SyncState> {
        self.sync.get(business)
    }

    /// Spoils what is kept, as a fault would: for tests of healing.
    pub fn tamper(&mut self, spoil: impl Fn(&mut SyncedRecord), key: &RecordKey) {
        let key = SyncedKey::from(key.clone());
        for set in self.records.values_mut() {
            if let Some(record) = set.get_mut(&key) {
                spoil(record);
            }
        }
    }

    fn queue<'a>(&self, account: &Account, ids: impl Iterator<Item = &'a OperationId>) -> Rows {
        let sync = self.sync.get(&account.business).cloned().map(Box::new);
        let found = ids.filter_map(|id| self.operations.get(id));
        let ours = found.filter(|one| one.account == *account);
        Rows::Queue { sync, operations: ours.cloned().collect() }
    }

    fn holds(&self, expectation: &Expectation) -> bool {
        match expectation {
            Expectation::Operation { id, updated_at } => {
                self.operations.get(id).map(|operation| operation.updated_at) == *updated_at
            }
            Expectation::Sync { business, revision } => {
                self.sync.get(business).map_or(0, |state| state.revision) == *revision
            }
        }
    }

    fn write(&mut self, write: RowWrite, committed: &mut Committed) {
        match write {
            RowWrite::Enqueue(operation) => {
                self.counter += 1;
                let sequence = Sequence(self.counter);
                committed.sequences.push(sequence);
                self.put(OperationRecord { sequence, ..operation });
            }
            RowWrite::PutOperation(operation) => self.put(operation),
            RowWrite::RemoveOperation(id) => self.remove(&id),
            RowWrite::ForgetProcessed { business, before } => {
                let old: Vec<_> = self
                    .operations
                    .values()
                    .filter(|one| one.account.business == business && one.updated_at < before)
                    .filter(|one| one.status == QueueStatus::Processed)
                    .map(|one| one.id.clone())
                    .collect();
                for id in &old {
                    self.remove(id);
                }
            }
            RowWrite::PutSync { business, state } => {
                self.sync.insert(business, *state);
            }
            RowWrite::PutRecord { business, generation, record } => {
                let set = self.records.entry((business, generation)).or_default();
                set.insert(record.key.clone(), record);
            }
            RowWrite::KeepGenerations { business, generations } => {
                self.records
                    .retain(|(of, within), _| *of != business || generations.contains(within));
            }
        }
    }

    fn put(&mut self, operation: OperationRecord) {
        self.remove(&operation.id);
        if operation.status != QueueStatus::Processed || operation.result_version.is_some() {
            let shown = self.shown.entry(operation.account.clone()).or_default();
            shown.insert(operation.id.clone());
        }
        self.operations.insert(operation.id.clone(), operation);
    }

    fn remove(&mut self, id: &OperationId) {
        let Some(operation) = self.operations.remove(id) else { return };
        if let Some(shown) = self.shown.get_mut(&operation.account) {
            shown.remove(id);
        }
    }
}

fn version_of(record: &SyncedRecord) -> RecordVersion {
    let live = record.record.is_some();
    RecordVersion { key: record.key.clone(), version: record.version, live }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{Step, cases, comparable};

    #[test]
    fn the_store_in_memory_conforms() {
        for case in cases() {
            let mut store = MemoryStore::default();
            for (place, step) in case.steps.into_iter().enumerate() {
                let at = format!("{}, step {place}", case.name);
                match step {
                    Step::Commit(transaction, expected) => {
                        assert_eq!(store.commit(transaction), expected, "{at}");
                    }
                    Step::Read(query, expected) => {
                        let found = comparable(store.read(&query));
                        assert_eq!(found, comparable(expected), "{at}");
                    }
                }
            }
        }
    }
}
