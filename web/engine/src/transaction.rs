//! What the engine asks of the phone's database: atomic commits and a few kinds of read.

use protocol::{BusinessId, Instant, OperationId};

use crate::{
    Account, Generation, OperationRecord, RecordVersion, Sequence, SyncState, SyncedKey,
    SyncedRecord,
};

/// Row writes that happen together or not at all.
///
/// The shell opens one read-write transaction, checks every expectation in it, writes in order, and
/// answers once the database says that it is complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// If one does not hold, nothing is written and the answer is [`StorageFault::Stale`].
    pub expectations: Vec<Expectation>,
    /// In order.
    pub writes: Vec<RowWrite>,
}

/// What must still be so, because the writes were derived from it. Other tabs write too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// The operation's `updatedAt`; `None` if there must be no such operation.
    Operation {
        /// Which.
        id: OperationId,
        /// As it was read.
        updated_at: Option<Instant>,
    },
    /// The revision of a business's sync state; zero if there must be none.
    Sync {
        /// Whose.
        business: BusinessId,
        /// As it was read.
        revision: u64,
    },
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowWrite {
    /// Stores an operation under the next value of the queue's counter, taken in this transaction.
    Enqueue(OperationRecord),
    /// Stores an operation that has its place.
    PutOperation(OperationRecord),
    /// Removes an operation.
    RemoveOperation(OperationId),
    /// Removes the processed operations of a business that were last changed before an instant.
    ForgetProcessed {
        /// Whose.
        business: BusinessId,
        /// Older ones go.
        before: Instant,
    },
    /// Stores a business's sync state.
    PutSync {
        /// Whose.
        business: BusinessId,
        /// The whole row.
        state: Box<SyncState>,
    },
    /// Stores a record in one of a business's sets.
    PutRecord {
        /// Whose.
        business: BusinessId,
        /// Into which set.
        generation: Generation,
        /// The whole row.
        record: SyncedRecord,
    },
    /// Removes all sets of a business but these.
    KeepGenerations {
        /// Whose.
        business: BusinessId,
        /// Those in use.
        generations: Vec<Generation>,
    },
}

/// A read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// The sync state of the account's business, and its queue: every operation of the account that
    /// is pending or failed, or has a `resultVersion`. Answered with [`Rows::Queue`].
    Queue(Account),
    /// The sync state, and of the account those operations that still exist, whatever their status.
    /// Answered with [`Rows::Queue`].
    Operations {
        /// Whose.
        account: Account,
        /// At most as many as another tab wrote at once.
        ids: Vec<OperationId>,
    },
    /// Every operation of the business, of all its users. Answered with [`Rows::Operations`].
    BusinessOperations(BusinessId),
    /// Records by key; absent ones are left out. Answered with [`Rows::Records`].
    Records {
        /// Whose.
        business: BusinessId,
        /// In which set.
        generation: Generation,
        /// At most a page or part.
        keys: Vec<SyncedKey>,
    },
    /// A set's versions in order of their keys. Answered with [`Rows::Versions`].
    Versions {
        /// Whose.
        business: BusinessId,
        /// Which set.
        generation: Generation,
        /// From the first key above this one.
        after: Option<SyncedKey>,
        /// At most so many; fewer mean that the end was reached.
        limit: usize,
    },
}

/// What a query found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// To [`Query::Queue`] and [`Query::Operations`], both read in one transaction.
    Queue {
        /// Where the business stands; `None` if nothing was ever stored.
        sync: Option<Box<SyncState>>,
        /// In any order.
        operations: Vec<OperationRecord>,
    },
    /// To [`Query::BusinessOperations`].
    Operations(Vec<OperationRecord>),
    /// To [`Query::Records`].
    Records(Vec<SyncedRecord>),
    /// To [`Query::Versions`].
    Versions(Vec<RecordVersion>),
}

/// The answer to a commit that is complete: the sequences of its [`RowWrite::Enqueue`]s in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// One for each.
    pub sequences: Vec<Sequence>,
}

/// Why the database did not do what was asked. Nothing of a transaction was written, or nothing is
/// known of it: the engine reads again before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum StorageFault {
    /// An expectation did not hold: another tab was first.
    #[error("Otra pestaña guardó al mismo tiempo: vuelve a intentar.")]
    Stale,
    /// The disk or the site's share of it is full.
    #[error("No queda espacio en el teléfono: libera espacio y vuelve a intentar.")]
    QuotaExceeded,
    /// The browser gave the transaction up.
    #[error("El teléfono no pudo guardar: vuelve a intentar.")]
    Aborted,
    /// The browser has removed the database.
    #[error("El navegador borró los datos guardados de la aplicación: vuelve a intentar.")]
    Evicted,
    /// Another tab keeps the database at another version of its schema.
    #[error("Cierra las otras pestañas de la aplicación y vuelve a intentar.")]
    Blocked,
}

impl Transaction {
    /// Expects the operation as it was read.
    pub(crate) fn expect_operation(&mut self, as_read: &OperationRecord) {
        self.expectations.push(Expectation::Operation {
            id: as_read.id.clone(),
            updated_at: Some(as_read.updated_at),
        });
    }

    /// Expects that there is no such operation.
    pub(crate) fn expect_absent(&mut self, id: &OperationId) {
        self.expectations.push(Expectation::Operation { id: id.clone(), updated_at: None });
    }

    /// Expects the business's sync state as it was read.
    pub(crate) fn expect_sync(&mut self, business: &BusinessId, revision: u64) {
        let business = business.clone();
        self.expectations.push(Expectation::Sync { business, revision });
    }

    /// Replaces an operation as it was read.
    pub(crate) fn replace(&mut self, as_read: &OperationRecord, next: OperationRecord) {
        self.expect_operation(as_read);
        self.writes.push(RowWrite::PutOperation(next));
    }

    /// Expects the sync state as it was read and stores its successor.
    pub(crate) fn put_sync(&mut self, business: &BusinessId, next: SyncState) {
        let revision = next.revision.saturating_sub(1);
        self.expect_sync(business, revision);
        let (business, state) = (business.clone(), Box::new(next));
        self.writes.push(RowWrite::PutSync { business, state });
    }

    /// The ids of operations that it changes.
    pub(crate) fn operations(&self) -> Vec<OperationId> {
        self.writes
            .iter()
            .filter_map(|write| match write {
                RowWrite::Enqueue(operation) | RowWrite::PutOperation(operation) => {
                    Some(operation.id.clone())
                }
                RowWrite::RemoveOperation(id) => Some(id.clone()),
                _ => None,
            })
            .collect()
    }

    /// The records that it changes.
    pub(crate) fn records(&self) -> Vec<SyncedKey> {
        self.writes
            .iter()
            .filter_map(|write| match write {
                RowWrite::PutRecord { record, .. } => Some(record.key.clone()),
                RowWrite::Enqueue(operation) | RowWrite::PutOperation(operation) => {
                    Some(operation.target().into())
                }
                _ => None,
            })
            .collect()
    }
}
