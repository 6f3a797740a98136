//! The queue of the account at work, as last acknowledged by the database.
//!
//! It holds what is pending, what has failed, and what has taken effect but is not yet in the
//! synced records. It only changes by what the database has acknowledged.

mod command;
mod dependency;
mod join;

use std::collections::{BTreeMap, BTreeSet};

use domain::RecordKey;
use protocol::{Instant, OperationId};

use crate::{Account, OperationRecord, QueueStatus, RowWrite, Sequence, Transaction};

pub(crate) use command::{Plan, lost_its_reference, pending_again, plan};
pub(crate) use dependency::backs_off;
pub use dependency::{Waiting, WaitingWhy};
pub(crate) use join::Joining;

/// Operations of one account in their order.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    by_sequence: BTreeMap<Sequence, OperationRecord>,
    sequences: BTreeMap<OperationId, Sequence>,
    targets: BTreeMap<RecordKey, BTreeSet<Sequence>>,
}

impl Queue {
    /// In order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &OperationRecord> {
        self.by_sequence.values()
    }

    /// One of them.
    pub fn get(&self, id: &OperationId) -> Option<&OperationRecord> {
        self.by_sequence.get(self.sequences.get(id)?)
    }

    /// Those on one record, in order.
    pub fn on(&self, target: &RecordKey) -> impl DoubleEndedIterator<Item = &OperationRecord> {
        let sequences = self.targets.get(target).into_iter().flatten();
        sequences.filter_map(|sequence| self.by_sequence.get(sequence))
    }

    /// The records that they are on.
    pub fn targets(&self) -> impl Iterator<Item = &RecordKey> {
        self.targets.keys()
    }

    /// How many are in this state.
    pub fn count(&self, status: QueueStatus) -> usize {
        self.iter().filter(|operation| operation.status == status).count()
    }

    /// What has not taken effect, in order, each with what keeps it from being sent now, other than
    /// its turn. One pass over the queue.
    pub fn open(&self, now: Instant) -> Vec<(&OperationRecord, Option<Waiting>)> {
        let mut open = Vec::new();
        dependency::for_each_waiting(self.iter(), now, |one, waiting| open.push((one, waiting)));
        open
    }

    /// What keeps one operation from being sent now, other than its turn. One pass over those before
    /// it: for all of them use [`open`](Self::open).
    pub fn waiting(&self, operation: &OperationRecord, now: Instant) -> Option<Waiting> {
        let before = self.iter().take_while(|other| other.sequence < operation.sequence);
        let mut found = None;
        let with_it = before.chain([operation]);
        dependency::for_each_waiting(with_it, now, |_, waiting| found = waiting);
        found
    }

    /// Something earlier in the queue must take effect before `operation` can.
    pub(crate) fn needs_another(&self, operation: &OperationRecord) -> bool {
        dependency::needs_another(self, operation)
    }

    /// Those that cannot take effect without the record that `insert` would have made.
    pub fn dependents_of(&self, insert: &OperationRecord) -> Vec<&OperationRecord> {
        dependency::dependents_of(self, insert)
    }

    /// Takes in a row as the database holds it.
    pub(crate) fn put(&mut self, operation: OperationRecord) {
        self.remove(&operation.id);
        if let Some(displaced) = self.by_sequence.get(&operation.sequence) {
            // It was corrected elsewhere: its place is taken.
            let displaced = displaced.id.clone();
            self.remove(&displaced);
        }
        if operation.status == QueueStatus::Processed && !operation.awaits_feed() {
            return;
        }
        self.sequences.insert(operation.id.clone(), operation.sequence);
        self.targets.entry(operation.target()).or_default().insert(operation.sequence);
        self.by_sequence.insert(operation.sequence, operation);
    }

    /// Forgets a row that the database no longer holds.
    pub(crate) fn remove(&mut self, id: &OperationId) {
        let Some(sequence) = self.sequences.remove(id) else { return };
        let Some(operation) = self.by_sequence.remove(&sequence) else { return };
        let target = operation.target();
        if let Some(others) = self.targets.get_mut(&target) {
            others.remove(&sequence);
            if others.is_empty() {
                self.targets.remove(&target);
            }
        }
    }

    /// Follows a transaction that was acknowledged, as far as it is about this account.
    pub(crate) fn follow(
        &mut self,
        transaction: Transaction,
        sequences: &[Sequence],
        account: &Account,
    ) {
        let mut sequences = sequences.iter();
        for write in transaction.writes {
            match write {
                RowWrite::Enqueue(operation) => {
                    let taken = sequences.next().copied().unwrap_or(operation.sequence);
                    self.put(OperationRecord { sequence: taken, ..operation });
                }
                RowWrite::PutOperation(operation) if operation.account == *account => {
                    self.put(operation);
                }
                RowWrite::RemoveOperation(id) => self.remove(&id),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
