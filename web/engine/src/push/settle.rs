//! What the outcomes make of the queue, as one transaction.

use protocol::planted::Bug;
use protocol::{Instant, OperationId};

use super::Outcome;
use crate::backoff::retry_delay_ms;
use crate::queue::lost_its_reference;
use crate::{OperationRecord, Queue, QueueStatus, Transaction};

/// What to commit, and whether anything in it moves the queue on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) transaction: Transaction,
    pub(crate) moved: bool,
}

/// Derives the rows. An operation that is no longer pending was settled by another tab, or the
/// account has changed: its outcome is left alone. Yet what took effect has not failed, whatever
/// another tab was told before.
pub(crate) fn settle(
    queue: &Queue,
    outcomes: &[(OperationId, Outcome)],
    now: Instant,
    random: u64,
) -> Settled {
    let mut settled = Settled::default();
    for (id, outcome) in outcomes {
        let tells = |one: &&OperationRecord| match one.status {
            QueueStatus::Pending => true,
            QueueStatus::Failed => matches!(outcome, Outcome::Processed { .. }),
            QueueStatus::Processed => false,
        };
        let Some(operation) = queue.get(id).filter(tells) else { continue };
        let mut next = after(queue, operation, outcome, now, random);
        next.touch(now);
        settled.moved |= next.status != QueueStatus::Pending;
        settled.transaction.replace(operation, next);
    }
    settled
}

fn after(
    queue: &Queue,
    operation: &OperationRecord,
    outcome: &Outcome,
    now: Instant,
    random: u64,
) -> OperationRecord {
    let mut next = operation.clone();
    match outcome {
        Outcome::Processed { version, answered_at } => {
            next.status = QueueStatus::Processed;
            // How long it is kept is counted by the server's clock: this phone's may be days slow.
            next.updated_at = next.updated_at.max(answered_at.unwrap_or(now));
            next.result_version = version.filter(|_| !Bug::OverlayDropped.is_planted());
            (next.code, next.last_error, next.next_retry_at) = (None, None, None);
        }
        Outcome::Failed { code, message } => {
            next.status = QueueStatus::Failed;
            next.next_retry_at = None;
            next.code.clone_from(code);
            next.last_error = Some(message.clone());
        }
        Outcome::Later { code, message } => {
            wait(&mut next, code.as_ref(), message, now, random);
            next.blocked_count = 0;
        }
        Outcome::Unanswered { message } => {
            // Perhaps it is the network: it must not wait long once that is back.
            wait(&mut next, None, message, now, random);
            next.next_retry_at = next.next_retry_at.min(Some(now.plus_millis(UNANSWERED_MS_MAX)));
        }
        Outcome::Blocked { code, message } => {
            wait(&mut next, code.as_ref(), message, now, random);
            // What it waits for is in this queue: patience costs nothing, that one will come.
            let elsewhere = !queue.needs_another(operation);
            next.blocked_count = if elsewhere { operation.blocked_count + 1 } else { 0 };
            if next.blocked_count >= BLOCKED_ANSWERS_MAX {
                return lost_its_reference(&next, now);
            }
        }
    }
    next
}

fn wait(
    next: &mut OperationRecord,
    code: Option<&String>,
    message: &str,
    now: Instant,
    random: u64,
) {
    next.retry_count = next.retry_count.saturating_add(1);
    let delay = i64::try_from(retry_delay_ms(next.retry_count, random)).unwrap_or(i64::MAX);
    next.next_retry_at = Some(now.plus_millis(delay));
    next.code = code.cloned();
    next.last_error = Some(message.to_owned());
}

/// So many `blocked` answers for something that is not in this queue: it will never be there.
const BLOCKED_ANSWERS_MAX: u32 = 10;

/// An operation that got no answer waits at most so long.
const UNANSWERED_MS_MAX: i64 = 60_000;
