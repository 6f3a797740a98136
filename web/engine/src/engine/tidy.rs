//! Housekeeping between cycles: what the synced records have caught up with while nobody looked
//! (another user's session, a snapshot), what has been kept long enough, and what an earlier version
//! of the app had set aside although the server had not refused it.

use protocol::{Instant, arrange};

use crate::queue::pending_again;
use crate::{Moment, OperationRecord, Query, QueueStatus, RowWrite, Rows, SyncedKey, Transaction};

use super::Engine;
use super::errand::Owner;

impl Engine {
    /// Once after each load, each snapshot and each daily recount.
    pub(super) fn tidy(&mut self, now: Moment) -> bool {
        let Some(business) = self.business() else { return false };
        if self.tidied || !self.loaded || self.sync.cursor.is_none() {
            return false;
        }
        self.tidied = true;
        let mut keys: Vec<_> = self
            .queue
            .iter()
            .flat_map(|one| if one.awaits_feed() { vec![one.target()] } else { one.lacks() })
            .collect();
        arrange(&mut keys, Ord::cmp);
        keys.dedup();
        keys.truncate(KEYS_MAX);
        let keys: Vec<SyncedKey> = keys.into_iter().map(Into::into).collect();
        if keys.is_empty() {
            self.tidy_read(Rows::Records(Vec::new()), now);
            return true;
        }
        let generation = self.sync.generation;
        self.read(Owner::Tidy, Query::Records { business, generation, keys });
        true
    }

    pub(super) fn tidy_read(&mut self, rows: Rows, now: Moment) {
        let Rows::Records(rows) = rows else { return };
        let Some(business) = self.business() else { return };
        let mut transaction = Transaction::default();
        self.catch_up(rows.iter(), &mut transaction, now);
        self.readmit(&mut transaction, now);
        if let Some(before) = self.forget_before(now) {
            let business = business.clone();
            transaction.writes.push(RowWrite::ForgetProcessed { business, before });
        }
        if transaction.writes.is_empty() {
            return;
        }
        transaction.expect_sync(&business, self.sync.revision);
        self.commit(Owner::Tidy, transaction);
    }

    /// Sends again what was set aside for an answer that was not the server's. Versions up to 0.1.0
    /// took any 400, 413 or 422 for a refusal. They left no code and these words, which are given to
    /// no operation any more, so each comes back once. Its dependents need nothing: they have been
    /// waiting for it.
    fn readmit(&mut self, transaction: &mut Transaction, now: Moment) {
        let set_aside = self.queue.iter().filter(|one| {
            one.status == QueueStatus::Failed
                && one.code.is_none()
                && one.last_error.as_deref() == Some(REFUSED_BY_ANYTHING)
        });
        for operation in set_aside {
            let again = pending_again(operation, now.wall);
            transaction.replace(operation, OperationRecord { last_error: None, ..again });
            self.contact.written = true;
        }
    }

    /// Processed operations go 35 days after their last change, by the slower of two clocks, so
    /// that a wrong one forgets too little rather than too much.
    fn forget_before(&self, now: Moment) -> Option<Instant> {
        let last_tail_at = self.sync.last_tail_at?;
        Some(last_tail_at.min(now.wall).plus_millis(-PROCESSED_KEPT_MS))
    }
}

/// So long the server may be restored to an earlier moment.
const PROCESSED_KEPT_MS: i64 = 35 * 24 * 60 * 60 * 1_000;

/// What earlier versions said of an operation that something on the way had refused.
const REFUSED_BY_ANYTHING: &str = "El servidor no acepta la operación.";

/// At most so many records are looked at.
const KEYS_MAX: usize = 1_000;
