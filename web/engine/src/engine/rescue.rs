//! The browser has removed the database under the running app: what waits here is put back.
//!
//! A business's sync state is written before anything else of it and never removed, so one that was
//! read and is there no more tells it, whoever met the empty database first. The operations that
//! somebody was told are saved are then only in memory: they are stored again, in their order, and
//! nothing else is shown before they are. Records come back by a first load.

use crate::{Committed, Effect, OperationRecord, QueueStatus, RowWrite, SyncState, Transaction};

use super::errand::Owner;
use super::{Engine, Reload};

impl Engine {
    /// Stores again what the database has lost; false where it has lost nothing.
    pub(super) fn rescue(
        &mut self,
        sync: Option<&SyncState>,
        operations: &[OperationRecord],
    ) -> bool {
        if !self.loaded || sync.is_some() || self.sync.revision == 0 {
            return false;
        }
        let is_there = |lost: &OperationRecord| operations.iter().any(|one| one.id == lost.id);
        let waiting = self.queue.iter().filter(|one| one.status != QueueStatus::Processed);
        let lost: Vec<_> = waiting.filter(|one| !is_there(one)).cloned().collect();
        if lost.is_empty() {
            return false;
        }
        let mut transaction = Transaction::default();
        for operation in lost {
            transaction.expect_absent(&operation.id);
            transaction.writes.push(RowWrite::Enqueue(operation));
        }
        self.commit(Owner::Rescue, transaction);
        true
    }

    /// Whether the queue's counter has begun again: then the database is another one than that
    /// which the queue was read from.
    pub(super) fn is_another_database(&self, committed: &Committed) -> bool {
        let last = self.queue.iter().next_back().map(|last| last.sequence);
        committed.sequences.iter().any(|taken| last.is_some_and(|last| *taken <= last))
    }

    /// Everything is read anew, in the places that it has now; the records are gone.
    pub(super) fn read_anew(&mut self, transaction: &Transaction) {
        let (operations, records) = (transaction.operations(), transaction.records());
        self.effects.push(Effect::Announce { operations, records, everything: true });
        self.reload = Reload::Everything;
    }
}
