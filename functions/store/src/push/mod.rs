//! Push: operations from phones and routes become records, in few and whole transactions.
//!
//! Read the rows that the operations name, fold the operations in order through
//! [`domain::decide`], write what came out in transactions that never tear one record's operations
//! apart. A lost race reads and decides again; what cannot be settled is answered `retry`.
//!
//! `mod.rs` is the loop, [`fold`] decides, [`plan`] cuts the transactions, [`answer`] words the
//! results.

pub(crate) mod answer;
mod fold;
mod plan;
mod sender;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{Caller, Channel, RecordKey};
use protocol::{ErrorCode, MalformedOperation, Operation, OperationResult};

use crate::reading::pause;
use crate::rows::ForeignItem;
use crate::tables::{RetryKind, StoreError, Surroundings, Tables};
use fold::{Decided, Folded, LoadError};
use plan::Chunk;

pub use sender::{Sender, SenderRefused};

/// Why a whole push failed; nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The sender may not write.
    #[error(transparent)]
    Sender(#[from] SenderRefused),
    /// The store could not be read.
    #[error("the store could not be read")]
    Store(#[from] StoreError),
    /// A stored item is not of our shape.
    #[error(transparent)]
    Foreign(#[from] ForeignItem),
}

/// Decides and stores `operations`, in order; a result for each.
///
/// # Errors
/// [`PushError`] only if nothing was stored and nothing can be said of any single operation.
pub async fn push<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    sender: &Sender,
    channel: Channel,
    operations: &[Result<Operation, MalformedOperation>],
) -> Result<Vec<OperationResult>, PushError> {
    let now = surroundings.now();
    let mut results = BTreeMap::new();
    let mut parsed = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        match operation {
            Ok(operation) => parsed.push(Indexed { index, operation }),
            Err(malformed) => {
                results.insert(index, answer::malformed(malformed, index, now));
            }
        }
    }
    let mut run = Run {
        tables,
        surroundings,
        sender,
        channel,
        results,
        failures: Vec::new(),
        work: VecDeque::from([Batch { operations: parsed, attempts: 0 }]),
    };
    run.work_off().await?;
    Ok(run.results.into_values().collect())
}

/// An operation and its place in the request.
#[derive(Debug, Clone, Copy)]
struct Indexed<'a> {
    index: usize,
    operation: &'a Operation,
}

/// Operations that are read, decided and written together.
struct Batch<'a> {
    operations: Vec<Indexed<'a>>,
    /// Rounds that were lost to races or a busy store.
    attempts: u32,
}

/// One push under way.
struct Run<'a, T, S> {
    tables: &'a T,
    surroundings: &'a S,
    sender: &'a Sender,
    channel: Channel,
    results: BTreeMap<usize, OperationResult>,
    /// Records of operations that failed for good, by the failing operation's place.
    failures: Vec<(usize, RecordKey)>,
    work: VecDeque<Batch<'a>>,
}

/// What became of one transaction.
enum Committed {
    Done,
    /// Another writer came first, or nobody knows: read again.
    Raced,
    /// The store is too busy.
    Busy,
    /// It will never work as a whole.
    Refused,
}

impl<'a, T: Tables, S: Surroundings> Run<'a, T, S> {
    async fn work_off(&mut self) -> Result<(), PushError> {
        while let Some(batch) = self.work.pop_front() {
            // A push of which nothing could be parsed still reads who sends it.
            if batch.operations.is_empty() && batch.attempts > 0 {
                continue;
            }
            if batch.attempts > 0 {
                pause(self.surroundings, batch.attempts).await;
            }
            match fold::fold(self, &batch.operations).await {
                Ok((caller, folded)) => self.write(&caller, batch, folded).await,
                Err(LoadError::Sender(refused)) => return Err(refused.into()),
                // What was stored before stays answered; the rest is neither absent nor refused.
                Err(_) if !self.results.is_empty() => {
                    self.give_up(&batch.operations, ErrorCode::Unavailable);
                }
                Err(LoadError::Store(error)) => return Err(error.into()),
                Err(LoadError::Foreign(foreign)) => return Err(foreign.into()),
            }
        }
        Ok(())
    }

    /// Writes one round, chunk by chunk, and queues what has to be decided again.
    async fn write(&mut self, caller: &Caller, batch: Batch<'a>, folded: Folded<'a>) {
        let mut operations: Vec<Indexed<'a>> = Vec::new();
        let mut unsettled = BTreeSet::new();
        let mut busy = false;
        for chunk in plan::chunks(&caller.business, folded) {
            let waits = chunk.names_any(&unsettled);
            let committed = if waits { Committed::Raced } else { self.commit(&chunk).await };
            if !matches!(committed, Committed::Done) {
                unsettled.extend(chunk.records().cloned());
            }
            busy |= matches!(committed, Committed::Busy);
            match committed {
                Committed::Done => self.settle(&chunk.decided),
                Committed::Raced | Committed::Busy => operations.extend(chunk.operations()),
                Committed::Refused => self.halve(&chunk),
            }
        }
        operations.sort_by_key(|indexed| indexed.index);
        if batch.attempts + 1 >= ATTEMPTS_MAX {
            let code = if busy { ErrorCode::Unavailable } else { ErrorCode::Contention };
            self.give_up(&operations, code);
        } else {
            self.work.push_back(Batch { operations, attempts: batch.attempts + 1 });
        }
    }

    async fn commit(&self, chunk: &Chunk<'a>) -> Committed {
        if chunk.writes.is_empty() {
            return Committed::Done;
        }
        if chunk.is_oversize() {
            return Committed::Refused;
        }
        match self.tables.transact(&chunk.writes).await {
            Ok(()) => Committed::Done,
            Err(error) => match error.retry_kind() {
                RetryKind::Reread => Committed::Raced,
                RetryKind::Transient => Committed::Busy,
                RetryKind::Permanent => Committed::Refused,
            },
        }
    }

    /// Cuts a chunk that can never be written down to the operation that is to blame.
    fn halve(&mut self, chunk: &Chunk<'a>) {
        let operations: Vec<Indexed<'a>> = chunk.operations().collect();
        if operations.len() <= 1 {
            self.give_up(&operations, ErrorCode::Internal);
            return;
        }
        let (first, second) = operations.split_at(operations.len() / 2);
        self.work.push_front(Batch { operations: second.to_vec(), attempts: 0 });
        self.work.push_front(Batch { operations: first.to_vec(), attempts: 0 });
    }

    /// The decisions are durable: they are the answer.
    fn settle(&mut self, decided: &[Decided<'a>]) {
        let now = self.surroundings.now();
        for decided in decided {
            if !decided.decision.status.is_success() {
                self.failures.push((decided.indexed.index, decided.record.clone()));
            }
            let result = answer::decided(decided.indexed.operation, &decided.decision, now);
            self.results.insert(decided.indexed.index, result);
        }
    }

    fn give_up(&mut self, operations: &[Indexed<'a>], code: ErrorCode) {
        let now = self.surroundings.now();
        for indexed in operations {
            self.failures.push((indexed.index, fold::record_of(indexed.operation)));
            self.results.insert(indexed.index, answer::retry(indexed.operation, code, now));
        }
    }
}

/// Rounds of reading and deciding before an operation is answered `retry`.
const ATTEMPTS_MAX: u32 = 8;
