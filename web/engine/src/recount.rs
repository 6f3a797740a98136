//! Counting the digest anew from the rows themselves: daily, and once when it differs.
//!
//! | counted | server's at this cursor | then |
//! |---|---|---|
//! | any | not known | the running value becomes the counted one |
//! | equal to the server's | known | the same: the rows were right |
//! | other | known | a snapshot, unless one was taken for this reason a short while ago |

use protocol::{BusinessId, Digest, Instant};

use crate::{Query, RecordVersion, SyncState, SyncedKey, Transaction};

/// A recount under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recount {
    /// Rows have changed since if the state has another one by now.
    pub(crate) revision: u64,
    /// The server's digest at the present cursor.
    pub(crate) expected: Option<Digest>,
    digest: Digest,
    after: Option<SyncedKey>,
}

impl Recount {
    pub(crate) fn new(sync: &SyncState, expected: Option<Digest>) -> Self {
        Self { revision: sync.revision, expected, digest: Digest::EMPTY, after: None }
    }

    pub(crate) fn query(&self, business: &BusinessId, sync: &SyncState) -> Query {
        Query::Versions {
            business: business.clone(),
            generation: sync.generation,
            after: self.after.clone(),
            limit: ROWS_AT_ONCE,
        }
    }

    /// Counts some rows; the digest once all are counted.
    pub(crate) fn count(&mut self, rows: Vec<RecordVersion>) -> Option<Digest> {
        let is_last = rows.len() < ROWS_AT_ONCE;
        for row in rows.iter().filter(|row| row.live) {
            self.digest.toggle(&row.key.entity, &row.key.id, row.version);
        }
        self.after = rows.into_iter().next_back().map(|row| row.key).or(self.after.take());
        is_last.then_some(self.digest)
    }
}

/// Stores what was counted.
pub(crate) fn settle(
    business: &BusinessId,
    sync: &SyncState,
    counted: Digest,
    now: Instant,
) -> Transaction {
    let next = SyncState { digest: counted, recounted_at: Some(now), ..sync.successor() };
    let mut transaction = Transaction::default();
    transaction.put_sync(business, next);
    transaction
}

/// A day has passed since the last, or the clock has gone back.
pub(crate) fn is_due(sync: &SyncState, now: Instant) -> bool {
    sync.recounted_at.is_none_or(|at| at > now || at.plus_millis(DAY_MS) <= now)
}

/// Few enough to keep a phone's screen alive between two reads.
const ROWS_AT_ONCE: usize = 1_000;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
