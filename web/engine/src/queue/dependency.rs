//! Which operation waits for which.
//!
//! An operation needs every earlier unfinished one on the same record (for a sale's item: the
//! sale), and the unfinished insert of each record that it names by `clientId`, `saleId` or
//! `distribucionId`. A failed change of a customer holds up no sale: only what makes the customer
//! does.
//!
//! What an operation waits for is the first of these that will not go with it in one batch. Whether
//! an operation goes does not depend on which other one asks, so one pass in order finds all waits:
//! of each record it keeps the first operation that does not go, and the first that makes the record
//! and does not go.
//!
//! | # | operation | state | waits for |
//! |---|---|---|---|
//! | 1 | insert customer rosa | failed | – |
//! | 2 | update customer rosa | pending | 1, `Failed` |
//! | 3 | insert sale s-1 of rosa | pending | 1, `Failed` |
//! | 4 | update sale s-1 | pending | 3, `Waits` |
//! | 5 | insert sale s-2 | pending | – |

use std::collections::{BTreeMap, BTreeSet};

use domain::RecordKey;
use protocol::{Instant, OperationId};

use super::Queue;
use crate::http::RETRY_AFTER_MS_MAX;
use crate::{OperationRecord, QueueStatus, Sequence};

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

/// Tells `each` every operation that has not taken effect, with what it waits for. `operations` come
/// in order, from the first of the queue on.
///
/// Answers how many steps that took: one for each operation, and one for each record that it is on
/// or names.
pub(super) fn for_each_waiting<'a>(
    operations: impl Iterator<Item = &'a OperationRecord>,
    now: Instant,
    mut each: impl FnMut(&'a OperationRecord, Option<Waiting>),
) -> usize {
    let mut holders: BTreeMap<RecordKey, Holders<'a>> = BTreeMap::new();
    let mut steps = 0;
    for operation in operations.filter(|one| one.status != QueueStatus::Processed) {
        let (target, references) = (operation.target(), operation.references());
        steps += 2 + references.len();
        let on_target = holders.get(&target).and_then(|held| held.any);
        let makers = references.iter().filter_map(|key| holders.get(key)?.maker);
        let first = on_target.into_iter().chain(makers).min_by_key(|held| held.operation.sequence);
        let backs_off = backs_off(operation, now).map(WaitingWhy::BacksOff);
        let own = backs_off.map(|why| Holder { operation, why });
        let waiting = first.or(own).map(Holder::waiting);
        let why = match operation.status {
            QueueStatus::Failed => Some(WaitingWhy::Failed),
            _ if backs_off.is_some() => backs_off,
            // Sent once and answered `blocked`, it is in flight no more.
            _ if waiting.is_some() => Some(WaitingWhy::Waits),
            _ => operation.sent_at.map(|_| WaitingWhy::InFlight),
        };
        if let Some(why) = why {
            let holder = Holder { operation, why };
            let held = holders.entry(target).or_default();
            held.any.get_or_insert(holder);
            if operation.makes_target() {
                held.maker.get_or_insert(holder);
            }
        }
        each(operation, waiting);
    }
    steps
}

/// Of one record, the first operations that do not go.
#[derive(Default)]
struct Holders<'a> {
    /// On the record.
    any: Option<Holder<'a>>,
    /// Making the record.
    maker: Option<Holder<'a>>,
}

/// An operation that does not go.
#[derive(Clone, Copy)]
struct Holder<'a> {
    operation: &'a OperationRecord,
    why: WaitingWhy,
}

impl Holder<'_> {
    fn waiting(self) -> Waiting {
        let (operation, target) = (self.operation.id.clone(), self.operation.target());
        Waiting { operation, target, why: self.why }
    }
}

/// Something earlier in the queue must take effect before `operation` can.
pub(super) fn needs_another(queue: &Queue, operation: &OperationRecord) -> bool {
    let is_open = |other: &&OperationRecord| {
        other.status != QueueStatus::Processed && other.sequence < operation.sequence
    };
    queue.on(&operation.target()).any(|other| is_open(&other))
        || operation.references().iter().any(|key| makers_of(queue, key).any(|one| is_open(&one)))
}

/// A record that `operation` names is made by an unfinished operation behind `place`.
pub(super) fn names_what_comes_after(
    queue: &Queue,
    operation: &OperationRecord,
    place: Sequence,
) -> bool {
    operation.references().iter().any(|key| {
        makers_of(queue, key)
            .any(|one| one.status != QueueStatus::Processed && one.sequence > place)
    })
}

fn makers_of<'a>(queue: &'a Queue, key: &RecordKey) -> impl Iterator<Item = &'a OperationRecord> {
    queue.on(key).filter(|other| other.makes_target())
}

pub(super) fn dependents_of<'a>(
    queue: &'a Queue,
    insert: &OperationRecord,
) -> Vec<&'a OperationRecord> {
    let mut lost = BTreeSet::from([insert.target()]);
    let mut dependents = Vec::new();
    for other in queue.iter().filter(|other| other.sequence > insert.sequence) {
        let touches_lost = lost.contains(&other.target())
            || other.references().iter().any(|key| lost.contains(key));
        if other.status != QueueStatus::Processed && touches_lost {
            if other.makes_target() {
                lost.insert(other.target());
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
