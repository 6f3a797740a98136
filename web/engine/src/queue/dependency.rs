//! Which operation waits for which.
//!
//! An operation needs every earlier unfinished one on the same record (for a sale's item: the
//! sale), and the unfinished insert of each record that it names by `clientId`, `saleId` or
//! `distribucionId`. A failed change of a customer holds up no sale: only what makes the customer
//! does.

use domain::RecordKey;
use protocol::{Instant, OperationId};

use super::Queue;
use crate::http::RETRY_AFTER_MS_MAX;
use crate::{OperationRecord, QueueStatus};

/// What an operation waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The other operation; itself where it only waits for its next attempt.
    pub operation: OperationId,
    /// The record which that one is about.
    pub target: RecordKey,
    /// What is the matter with it.
    pub why: WaitingWhy,
}

/// What is the matter with the operation that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingWhy {
    /// It failed: a person must retry, correct or discard it.
    Failed,
    /// It is tried again at this time.
    BacksOff(Instant),
    /// It was sent and has no final answer yet.
    InFlight,
    /// It waits itself.
    Waits,
}

pub(super) fn waiting(queue: &Queue, operation: &OperationRecord, now: Instant) -> Option<Waiting> {
    let own = backs_off(operation, now).map(|until| Waiting {
        operation: operation.id.clone(),
        target: operation.target(),
        why: WaitingWhy::BacksOff(until),
    });
    let others = needed_by(queue, operation).into_iter().filter_map(|other| {
        let why = match (other.status, backs_off(other, now), other.sent_at) {
            (QueueStatus::Failed, ..) => WaitingWhy::Failed,
            (_, Some(until), _) => WaitingWhy::BacksOff(until),
            // Sent once and answered `blocked`, it is on its way no more.
            _ if waiting(queue, other, now).is_some() => WaitingWhy::Waits,
            (_, None, Some(_)) => WaitingWhy::InFlight,
            _ => return None,
        };
        Some(Waiting { operation: other.id.clone(), target: other.target(), why })
    });
    others.chain(own).next()
}

pub(super) fn needed_by<'a>(
    queue: &'a Queue,
    operation: &OperationRecord,
) -> Vec<&'a OperationRecord> {
    let target = operation.target();
    let references = operation.references();
    queue
        .iter()
        .take_while(|other| other.sequence < operation.sequence)
        .filter(|other| other.status != QueueStatus::Processed)
        .filter(|other| {
            let theirs = other.target();
            theirs == target || (other.makes_target() && references.contains(&theirs))
        })
        .collect()
}

pub(super) fn dependents_of<'a>(
    queue: &'a Queue,
    insert: &OperationRecord,
) -> Vec<&'a OperationRecord> {
    let mut lost = vec![insert.target()];
    let mut dependents = Vec::new();
    for other in queue.iter().filter(|other| other.sequence > insert.sequence) {
        let touches_lost = lost.contains(&other.target())
            || other.references().iter().any(|key| lost.contains(key));
        if other.status != QueueStatus::Processed && touches_lost {
            if other.makes_target() {
                lost.push(other.target());
            }
            dependents.push(other);
        }
    }
    dependents
}

/// Until when it must not be sent. A moment that is further off than any wait we ask for was
/// written under another clock, and counts for nothing.
pub(crate) fn backs_off(operation: &OperationRecord, now: Instant) -> Option<Instant> {
    let longest = i64::try_from(RETRY_AFTER_MS_MAX).unwrap_or(i64::MAX);
    operation.next_retry_at.filter(|until| *until > now && *until <= now.plus_millis(longest))
}
