//! Housekeeping between cycles: what the synced records have caught up with while nobody looked
//! (another user's session, a snapshot), and what has been kept long enough.

use protocol::{Instant, arrange};

use crate::{Moment, Query, RowWrite, Rows, SyncedKey, Transaction};

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

    /// Processed operations go 35 days after their last change, by the slower of two clocks, so
    /// that a wrong one forgets too little rather than too much.
    fn forget_before(&self, now: Moment) -> Option<Instant> {
        let last_tail_at = self.sync.last_tail_at?;
        Some(last_tail_at.min(now.wall).plus_millis(-PROCESSED_KEPT_MS))
    }
}

/// So long the server may be restored to an earlier moment.
const PROCESSED_KEPT_MS: i64 = 35 * 24 * 60 * 60 * 1_000;

/// At most so many records are looked at.
const KEYS_MAX: usize = 1_000;
