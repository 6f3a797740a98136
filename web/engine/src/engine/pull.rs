//! The second half of a cycle: the feed, or a snapshot where there is no way into the feed.
//!
//! | stage | next | when |
//! |---|---|---|
//! | `Entering` | – | the role may not read |
//! | `Entering` | `BeginningSnapshot` | nothing was ever loaded |
//! | `Entering` | `AskingPart` | a snapshot is under way |
//! | `Entering` | `Asking` | otherwise |
//! | `Asking` | `Waiting` | sent |
//! | `Waiting` | `Reading` | a page that is whole |
//! | `Waiting` | `BeginningSnapshot` | 410 |
//! | `Waiting`, `WaitingPart` | refreshing | 401 |
//! | `Waiting`, `WaitingPart` | – | no answer, or one that is not believed; 426 |
//! | `Reading` | `Applying` | the records that it names are read |
//! | `Reading` | `Comparing` | it is stale |
//! | `Applying` | `Asking` | durable, and there is more |
//! | `Applying` | `Comparing` | durable, and there is no more |
//! | `Comparing` | – | digests agree, or cannot be compared; no recount is due |
//! | `Comparing` | `Recounting` | they differ, or a day has passed |
//! | `Recounting` | `Counted` | all rows are counted |
//! | `Recounting` | – | rows have changed meanwhile |
//! | `Counted` | – | durable, and right |
//! | `Counted` | `BeginningSnapshot` | durable, and the rows differ from the server's |
//! | `BeginningSnapshot` | `AskingPart` | durable |
//! | `AskingPart` | `WaitingPart` | sent |
//! | `AskingPart` | `ReadingQueues`, `Swapping` | all parts are in; with, without a new epoch |
//! | `WaitingPart` | `ReadingPart` | a part of this snapshot |
//! | `WaitingPart` | `BeginningSnapshot` | 410 |
//! | `WaitingPart`, `ReadingPart`, `AddingPart` | `AskingPart` | another tab has gone on with the snapshot, or begun anew |
//! | `ReadingPart` | `AddingPart` | the rows that are there already are read |
//! | `AddingPart` | `AskingPart` | durable |
//! | `ReadingQueues` | `Swapping` | all operations of the business are read |
//! | `Swapping` | `Asking` | durable |

use std::collections::BTreeMap;

use protocol::Digest;
use protocol::planted::Bug;

use crate::http::{NoAnswer, Verdict};
use crate::pull::{Page, Range, apply};
use crate::queue::pending_again;
use crate::recount::{self, Recount};
use crate::{
    Moment, OperationRecord, Query, RecordKey, RowWrite, Rows, SnapshotProgress, SyncState,
    SyncedRecord, Transaction, snapshot,
};

use super::Engine;
use super::cycle::{Sent, Stage};
use super::errand::Owner;
use super::first_load::Part;

/// Where a pull is.
#[derive(Debug)]
pub(super) enum Pull {
    Entering,
    Asking(Range),
    Waiting(Sent<Range>),
    Reading(Page),
    Applying(Page, Vec<SyncedRecord>),
    Comparing(Option<Digest>),
    Recounting(Recount),
    Counted(Recount, Digest),
    BeginningSnapshot { healing: bool },
    AskingPart,
    WaitingPart(Sent<SnapshotProgress>),
    ReadingPart(Part),
    AddingPart(Part, Vec<SyncedRecord>),
    ReadingQueues,
    Swapping(Vec<OperationRecord>),
}

impl Engine {
    /// One step of the pull that needs no answer; nothing is out at the database.
    pub(super) fn step_pull(&mut self, pull: Pull, now: Moment) -> bool {
        match pull {
            Pull::Entering => self.enter_pull(now),
            Pull::Asking(range) => {
                let sent = self.send(range.request(), range, now);
                self.set_pull(Pull::Waiting(sent));
            }
            Pull::AskingPart => self.ask_part(now),
            Pull::Reading(page) => self.read_page(page),
            Pull::Applying(page, present) => self.apply_page(page, &present, now),
            Pull::Comparing(expected) => self.compare(expected, now),
            Pull::Recounting(recount) => self.recount(recount, now),
            Pull::Counted(recount, counted) => self.settle_recount(recount, counted, now),
            Pull::BeginningSnapshot { healing } => self.begin_snapshot(healing, now),
            Pull::ReadingPart(part) => self.read_part(part, now),
            Pull::AddingPart(part, present) => self.add_part(part, &present),
            Pull::ReadingQueues => self.read_queues(),
            Pull::Swapping(restored) => self.swap(restored, now),
            Pull::Waiting(_) | Pull::WaitingPart(_) => {
                self.set_pull(pull);
                return false;
            }
        }
        true
    }

    fn enter_pull(&mut self, now: Moment) {
        let may_read = self.signed_in.as_ref().is_some_and(crate::SignedIn::may_read);
        match (may_read, &self.sync.snapshot, self.sync.cursor) {
            (false, ..) => {
                self.note_nothing_to_ask();
                self.end_cycle(now);
            }
            (_, Some(_), _) => self.set_pull(Pull::AskingPart),
            (_, None, None) => self.set_pull(Pull::BeginningSnapshot { healing: false }),
            (_, None, Some(cursor)) => {
                self.set_pull(Pull::Asking(Range::first(cursor, self.sync.head)));
            }
        }
    }

    pub(super) fn page_answered(
        &mut self,
        range: Range,
        verdict: Verdict,
        answered_at: Option<protocol::Instant>,
        now: Moment,
    ) {
        match verdict {
            Verdict::Data(data) => match Page::read(range, &data, answered_at) {
                Ok(page) => {
                    self.note_data();
                    self.set_pull(Pull::Reading(page));
                }
                Err(fault) => self.pull_unanswered(&NoAnswer::because(&fault.to_string()), now),
            },
            Verdict::Gone => self.snapshot_needed(now),
            other => self.read_refused(other, Pull::Asking(range), now),
        }
    }

    /// What a page and a part have in common where they are not data.
    pub(super) fn read_refused(&mut self, verdict: Verdict, again: Pull, now: Moment) {
        match verdict {
            Verdict::Unauthorised => self.refresh_login(Stage::Pulling(again), now),
            Verdict::ClientTooOld => self.client_too_old(now),
            Verdict::Nothing(no_answer) => self.pull_unanswered(&no_answer, now),
            Verdict::Refused { message, .. } => {
                self.pull_unanswered(&NoAnswer::because(&message), now);
            }
            Verdict::Data(_) | Verdict::Gone => {
                self.pull_unanswered(&NoAnswer::unexpected(), now);
            }
        }
    }

    pub(super) fn pull_unanswered(&mut self, no_answer: &NoAnswer, now: Moment) {
        self.note_no_answer(no_answer, now);
        self.end_cycle(now);
    }

    /// There is no way on in the feed: once in a cycle a snapshot is begun.
    pub(super) fn snapshot_needed(&mut self, now: Moment) {
        self.contact.note_success();
        if self.may_begin_snapshot() {
            self.set_pull(Pull::BeginningSnapshot { healing: false });
        } else {
            self.pull_unanswered(&NoAnswer::unexpected(), now);
        }
    }

    fn read_page(&mut self, page: Page) {
        if page.is_stale(&self.sync) && !Bug::StaleTail.is_planted() {
            return self.set_pull(Pull::Comparing(None));
        }
        let keys = page.keys(self.sync.cursor);
        if keys.is_empty() {
            return self.set_pull(Pull::Applying(page, Vec::new()));
        }
        let Some(business) = self.business() else { return };
        let generation = self.sync.generation;
        self.set_pull(Pull::Reading(page));
        self.read(Owner::Cycle, Query::Records { business, generation, keys });
    }

    fn apply_page(&mut self, page: Page, present: &[SyncedRecord], now: Moment) {
        let Some(business) = self.business() else { return };
        let came = page.news(self.sync.cursor).map(SyncedRecord::came);
        let applied = apply(present, came, self.sync.digest);
        let mut transaction = Transaction::default();
        transaction.put_sync(&business, self.state_after(&page, applied.digest, now));
        self.catch_up(applied.rows.values(), &mut transaction, now);
        let generation = self.sync.generation;
        if Bug::CursorBeforeRows.is_planted() && applied.rows.len() > 3 {
            self.set_pull(Pull::Applying(page, Vec::new()));
            return self.commit(Owner::Cycle, transaction);
        }
        transaction.writes.extend(applied.rows.into_values().map(|record| RowWrite::PutRecord {
            business: business.clone(),
            generation,
            record,
        }));
        self.set_pull(Pull::Applying(page, Vec::new()));
        self.commit(Owner::Cycle, transaction);
    }

    fn state_after(&self, page: &Page, digest: Digest, now: Moment) -> SyncState {
        let mut next = self.sync.successor();
        next.cursor = Some(page.next_since);
        next.digest = digest;
        next.last_tail_at = page.tail_at.max(next.last_tail_at);
        next.head = page.head.max(next.head).max(Some(page.next_since.number));
        if digest == page.digest && snapshot::may_heal(&next, now.wall) {
            (next.heal_count, next.heal_after) = (0, None);
        }
        next
    }

    /// What rows change in the queue, in their transaction: operations that they have caught up with
    /// come off the top of them, and those that were set aside for want of them are sent again. Such
    /// a one may have taken effect meanwhile, by a copy of its request that came late.
    pub(super) fn catch_up<'a>(
        &self,
        rows: impl Iterator<Item = &'a SyncedRecord>,
        transaction: &mut Transaction,
        now: Moment,
    ) {
        let mut came = BTreeMap::new();
        for row in rows {
            // No operation is about a record of an unknown kind.
            let Some(key) = row.key.known() else { continue };
            for operation in self.queue.on(&key).filter(|one| one.awaits_feed()) {
                if !operation.shows_on(Some(row.version)) {
                    transaction.replace(operation, operation.retired());
                }
            }
            came.insert(key, row.record.is_some());
        }
        for operation in self.queue.iter() {
            // A deleted record is no reference, but whoever changes it is told so.
            let target = operation.target();
            let has_come =
                |key: &RecordKey| came.get(key).is_some_and(|lives| *lives || *key == target);
            if operation.lacks().iter().any(has_come) {
                transaction.replace(operation, pending_again(operation, now.wall));
            }
        }
    }

    /// A page is durable: on, or to the end.
    pub(super) fn page_applied(&mut self, page: &Page, now: Moment) {
        let Some(cycle) = &mut self.cycle else { return };
        cycle.pages += 1;
        if page.has_more && cycle.pages >= PAGES_MAX {
            self.contact.written = true;
            self.end_cycle(now);
        } else if page.has_more {
            self.set_pull(Pull::Asking(Range::following(page.next_since)));
        } else {
            let comparable = page.next_since.number >= self.sync.compare_from;
            self.set_pull(Pull::Comparing(comparable.then_some(page.digest)));
        }
    }

    fn compare(&mut self, expected: Option<Digest>, now: Moment) {
        if let Some(expected) = expected {
            self.diverged = expected != self.sync.digest;
        }
        // Once it is known to be the rows, only another snapshot helps, and that has its time.
        let differs = self.diverged && expected.is_some();
        let worth_it = differs && snapshot::may_heal(&self.sync, now.wall);
        if worth_it || recount::is_due(&self.sync, now.wall) {
            self.set_pull(Pull::Recounting(Recount::new(&self.sync, expected)));
        } else {
            self.end_cycle(now);
        }
    }

    fn recount(&mut self, recount: Recount, now: Moment) {
        let Some(business) = self.business() else { return };
        if recount.revision != self.sync.revision {
            return self.end_cycle(now);
        }
        let query = recount.query(&business, &self.sync);
        self.set_pull(Pull::Recounting(recount));
        self.read(Owner::Cycle, query);
    }

    fn settle_recount(&mut self, recount: Recount, counted: Digest, now: Moment) {
        let Some(business) = self.business() else { return };
        if recount.revision != self.sync.revision {
            return self.end_cycle(now);
        }
        let transaction = recount::settle(&business, &self.sync, counted, now.wall);
        self.set_pull(Pull::Counted(recount, counted));
        self.commit(Owner::Cycle, transaction);
    }

    pub(super) fn recount_settled(&mut self, recount: &Recount, counted: Digest, now: Moment) {
        self.tidied = false;
        self.diverged = recount.expected.is_some_and(|expected| expected != counted);
        let heals = self.diverged && snapshot::may_heal(&self.sync, now.wall);
        if heals && self.may_begin_snapshot() {
            self.set_pull(Pull::BeginningSnapshot { healing: true });
        } else {
            self.end_cycle(now);
        }
    }

    /// What the pull had read has come.
    pub(super) fn pull_read(&mut self, pull: Pull, rows: Rows, now: Moment) {
        let next = match (pull, rows) {
            (Pull::Reading(page), Rows::Records(rows)) => Pull::Applying(page, rows),
            (Pull::ReadingPart(part), Rows::Records(rows)) => Pull::AddingPart(part, rows),
            (Pull::ReadingQueues, Rows::Operations(rows)) => Pull::Swapping(rows),
            (Pull::Recounting(mut recount), Rows::Versions(rows)) => match recount.count(rows) {
                Some(counted) => Pull::Counted(recount, counted),
                None => Pull::Recounting(recount),
            },
            _ => return self.end_cycle(now),
        };
        self.set_pull(next);
    }

    /// Another tab was first: what was derived from rows that were read is read again.
    pub(super) fn pull_again(pull: Pull) -> Pull {
        match pull {
            Pull::Applying(page, _) => Pull::Reading(page),
            Pull::AddingPart(part, _) => Pull::ReadingPart(part),
            Pull::Swapping(_) | Pull::BeginningSnapshot { .. } => Pull::Entering,
            other => other,
        }
    }

    pub(super) fn set_pull(&mut self, pull: Pull) {
        self.set_stage(Stage::Pulling(pull));
    }

    pub(super) fn business(&self) -> Option<protocol::BusinessId> {
        self.signed_in.as_ref().map(|signed_in| signed_in.account.business.clone())
    }
}

/// A phone that is further behind goes on in the next cycle, which begins at once.
const PAGES_MAX: u32 = 200;
