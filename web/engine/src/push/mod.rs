//! The way up: which operations go next, what is sent of them, what is made of the answer.

mod answer;
mod settle;

use std::collections::BTreeMap;

use domain::RecordKey;
use protocol::planted::Bug;
use protocol::{BATCH_OPERATIONS_MAX, BatchRequest, Instant, OperationId, arrange};

use crate::http::{Method, Request};
use crate::queue::backs_off;
use crate::{OperationRecord, Queue, QueueStatus, Transaction};

pub(crate) use answer::{Outcome, doubted, outcomes};
pub(crate) use settle::settle;

/// Which operations' own waits are over.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due {
    /// Those whose next attempt has come by this wall clock.
    At(Instant),
    /// All: a person asked, or the network came back.
    All,
}

impl Due {
    fn includes(self, operation: &OperationRecord) -> bool {
        match self {
            Self::At(now) => backs_off(operation, now).is_none(),
            Self::All => true,
        }
    }
}

/// The next batch: in order, what is due, `may` go and waits for nothing but what goes before it in
/// this very batch.
pub(crate) fn choose(
    queue: &Queue,
    may: impl Fn(&OperationId) -> bool,
    limit: usize,
    due: Due,
) -> Vec<OperationId> {
    // Records that an unfinished operation holds; true where it is the one that makes the record.
    let mut held: BTreeMap<RecordKey, bool> = BTreeMap::new();
    let mut batch = Vec::new();
    let mut waiting: Vec<_> =
        queue.iter().filter(|one| one.status != QueueStatus::Processed).collect();
    if Bug::QueueByClock.is_planted() {
        arrange(&mut waiting, |one, other| one.timestamp.cmp(&other.timestamp));
    }
    for operation in waiting {
        let target = operation.target();
        let goes = batch.len() < limit.min(BATCH_OPERATIONS_MAX)
            && operation.status == QueueStatus::Pending
            && may(&operation.id)
            && due.includes(operation)
            && !held.contains_key(&target)
            && (Bug::DependentsEarly.is_planted()
                || !operation.references().iter().any(|key| held.get(key) == Some(&true)));
        if goes {
            batch.push(operation.id.clone());
        } else {
            *held.entry(target).or_default() |= operation.makes_target();
        }
        if batch.len() == limit.min(BATCH_OPERATIONS_MAX) {
            break;
        }
    }
    batch
}

/// Stores `sentAt` of those in the batch that were never sent; nothing is sent before that is
/// durable. An empty transaction if there is nothing to store.
pub(crate) fn mark_sent(queue: &Queue, batch: &[OperationId], now: Instant) -> Transaction {
    let mut transaction = Transaction::default();
    for operation in batch.iter().filter_map(|id| queue.get(id)).filter(|one| one.is_unsent()) {
        let mut next = OperationRecord { sent_at: Some(now), ..operation.clone() };
        next.touch(now);
        transaction.replace(operation, next);
    }
    transaction
}

/// `POST /sync/batch` with the operations as they are stored.
pub(crate) fn request(queue: &Queue, batch: &[OperationId]) -> Request {
    let operations = batch
        .iter()
        .filter_map(|id| queue.get(id))
        .map(|operation| serde_json::to_value(operation.to_wire()))
        .collect::<Result<_, _>>()
        .expect("an operation is JSON: its keys are text");
    let body = serde_json::to_string(&BatchRequest { operations })
        .expect("a batch is JSON: its keys are text");
    let path = "/sync/batch".to_owned();
    Request { method: Method::Post, path, body: Some(body), deadline_ms: PUSH_DEADLINE_MS }
}

/// A batch of fifty over a bad link takes its time; its answer is worth waiting for.
const PUSH_DEADLINE_MS: u64 = 30_000;
