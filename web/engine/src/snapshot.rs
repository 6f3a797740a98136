//! First load and healing: every record part by part into a set beside the one in use, then one
//! swap.
//!
//! | sync state | next | when |
//! |---|---|---|
//! | no `snapshot` | `snapshot` without `asOf` | nothing was ever loaded; the cursor has expired; digests differ |
//! | `snapshot` without `asOf` | with `asOf` and `nextPart` | the first part is in |
//! | with `nextPart` | with another, or none | a further part is in |
//! | `asOf`, no `nextPart` | no `snapshot`, another set in use, cursor at `asOf` | the swap |
//! | any `snapshot` | `snapshot` without `asOf`, a new set | 410: the epoch or the floor has moved |

use protocol::{BusinessId, Cursor, Instant, PublishedRecord};
use serde::Deserialize;

use crate::http::{Method, Request};
use crate::pull::{apply, key_of};
use crate::{
    Generation, OperationRecord, QueueStatus, RowWrite, SnapshotProgress, SyncState, SyncedKey,
    SyncedRecord, Transaction,
};

/// A [`SnapshotPage`](protocol::SnapshotPage) as a phone reads it: open to the entities of later
/// servers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WirePart {
    records: Vec<PublishedRecord>,
    as_of: Cursor,
    next_part: Option<String>,
}

/// Begins one, whatever was under way.
pub(crate) fn begin(
    business: &BusinessId,
    sync: &SyncState,
    healing: bool,
    now: Instant,
) -> Transaction {
    let mut next = sync.successor();
    let last = sync.snapshot.as_ref().map_or(sync.generation, |progress| progress.generation);
    next.snapshot = Some(SnapshotProgress {
        generation: Generation(last.max(sync.generation).0 + 1),
        as_of: None,
        next_part: None,
        digest: protocol::Digest::EMPTY,
        number_max: protocol::Number(0),
        records: 0,
        healing,
    });
    if healing {
        let wait = (HEAL_MS_MIN << sync.heal_count.min(HEAL_DOUBLINGS_MAX)).min(HEAL_MS_MAX);
        next.heal_after = Some(now.plus_millis(wait));
        next.heal_count = sync.heal_count.saturating_add(1);
    }
    let mut transaction = Transaction::default();
    transaction.put_sync(business, next);
    transaction.writes.push(RowWrite::KeepGenerations {
        business: business.clone(),
        generations: vec![sync.generation],
    });
    transaction
}

/// Another snapshot for the sake of the digest may be taken.
pub(crate) fn may_heal(sync: &SyncState, now: Instant) -> bool {
    // A moment further off than any wait of ours was written under another clock.
    sync.heal_after.is_none_or(|after| after <= now || after > now.plus_millis(HEAL_MS_MAX))
}

impl SnapshotProgress {
    /// All parts are in.
    pub(crate) fn is_whole(&self) -> bool {
        self.as_of.is_some() && self.next_part.is_none()
    }

    pub(crate) fn request(&self) -> Request {
        let query = match (self.as_of, &self.next_part) {
            (Some(as_of), Some(part)) => format!("?asOf={as_of}&part={}", percent_encoded(part)),
            _ => String::new(),
        };
        let path = format!("/sync/snapshot{query}");
        Request { method: Method::Get, path, body: None, deadline_ms: PART_DEADLINE_MS }
    }
}

/// A part that belongs to the snapshot under way; `None` if it does not.
pub(crate) fn read_part(sync: &SyncState, data: &str) -> Option<WirePart> {
    let progress = sync.snapshot.as_ref()?;
    let part: WirePart = protocol::json::from_str(data).ok()?;
    let same = progress.as_of.is_none_or(|as_of| as_of == part.as_of);
    let goes_on = part.next_part.is_none() || part.next_part != progress.next_part;
    // Within an epoch a cursor never goes back.
    let behind =
        sync.cursor.is_some_and(|cursor| cursor.epoch == part.as_of.epoch && part.as_of < cursor);
    (same && goes_on && !behind).then_some(part)
}

pub(crate) fn keys(part: &WirePart) -> Vec<SyncedKey> {
    part.records.iter().map(key_of).collect()
}

/// Puts a part into the set being filled; `progress` is the snapshot of `sync`.
pub(crate) fn add_part(
    business: &BusinessId,
    sync: &SyncState,
    progress: &SnapshotProgress,
    part: &WirePart,
    present: &[SyncedRecord],
) -> Transaction {
    let came = part.records.iter().map(SyncedRecord::came);
    let applied = apply(present, came, progress.digest);
    let mut next = sync.successor();
    next.snapshot = Some(SnapshotProgress {
        as_of: Some(part.as_of),
        next_part: part.next_part.clone(),
        digest: applied.digest,
        number_max: part.records.iter().map(|row| row.number).fold(progress.number_max, Ord::max),
        records: progress.records + part.records.len() as u64,
        ..progress.clone()
    });
    let mut transaction = Transaction::default();
    transaction.put_sync(business, next);
    transaction.writes.extend(applied.rows.into_values().map(|record| RowWrite::PutRecord {
        business: business.clone(),
        generation: progress.generation,
        record,
    }));
    transaction
}

/// The snapshot under way is of another epoch than the set in use: the server was restored. Where
/// there is no set yet nobody knows: what was answered before may be of an earlier epoch.
pub(crate) fn changes_epoch(sync: &SyncState) -> bool {
    let as_of = sync.snapshot.as_ref().and_then(|progress| progress.as_of);
    if protocol::planted::Bug::EpochIgnored.is_planted() {
        return false;
    }
    as_of.is_some_and(|to| sync.cursor.is_none_or(|Cursor { epoch, .. }| epoch != to.epoch))
}

/// What is written with a base holds only in the epoch of that base. It expects the state that it
/// was derived from, so that it comes before the queues are read for a swap, or is derived again
/// after that; while a snapshot of another epoch is under way, or without a state, it goes without.
pub(crate) fn bind_bases(
    transaction: &mut Transaction,
    business: &BusinessId,
    sync: Option<&SyncState>,
) {
    let sync = sync.filter(|sync| !changes_epoch(sync));
    let mut bound = false;
    for write in &mut transaction.writes {
        if let RowWrite::Enqueue(operation) | RowWrite::PutOperation(operation) = write {
            operation.base_version = operation.base_version.filter(|_| sync.is_some());
            bound |= operation.base_version.is_some();
        }
    }
    if let Some(sync) = sync.filter(|_| bound) {
        transaction.expect_sync(business, sync.revision);
    }
}

/// Puts the new set in the place of the old one. `restored` are all operations of the business
/// where the epoch has changed: what the server may have lost is pending once more.
pub(crate) fn swap(
    business: &BusinessId,
    sync: &SyncState,
    restored: &[OperationRecord],
    now: Instant,
) -> Option<Transaction> {
    let progress = sync.snapshot.as_ref().filter(|progress| progress.is_whole())?;
    let mut next = sync.successor();
    next.generation = progress.generation;
    next.cursor = progress.as_of;
    next.digest = progress.digest;
    next.compare_from = progress.number_max;
    next.head = None;
    next.recounted_at = Some(now);
    next.snapshot = None;
    let mut transaction = Transaction::default();
    transaction.put_sync(business, next);
    transaction.writes.push(RowWrite::KeepGenerations {
        business: business.clone(),
        generations: vec![progress.generation],
    });
    for operation in restored {
        let mut again = OperationRecord { base_version: None, ..operation.clone() };
        if again.status == QueueStatus::Processed {
            again.status = QueueStatus::Pending;
            (again.result_version, again.next_retry_at) = (None, None);
            (again.retry_count, again.blocked_count) = (0, 0);
        }
        if again != *operation {
            again.touch(now);
            transaction.replace(operation, again);
        }
    }
    Some(transaction)
}

/// RFC 3986, 2.1: everything but the unreserved characters.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    encoded
}

const PART_DEADLINE_MS: u64 = 30_000;

/// Snapshots for the sake of the digest: at most one an hour at first, then one a day.
const HEAL_MS_MIN: i64 = 60 * 60 * 1_000;
const HEAL_MS_MAX: i64 = 24 * HEAL_MS_MIN;
const HEAL_DOUBLINGS_MAX: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opaque_part_survives_its_way_through_a_query() {
        assert_eq!(percent_encoded("sales#a+b/ñ&~"), "sales%23a%2Bb%2F%C3%B1%26~");
    }
}
