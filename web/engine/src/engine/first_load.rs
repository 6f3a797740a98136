//! The snapshot's part of a pull: begin, part by part, swap.

use crate::http::{NoAnswer, Verdict};
use crate::{Moment, OperationRecord, Query, SnapshotProgress, SyncedRecord, snapshot};

use super::Engine;
use super::errand::Owner;
use super::pull::Pull;

/// A part of a snapshot.
#[derive(Debug)]
pub(super) struct Part {
    /// How far the snapshot was when it was asked for.
    asked: SnapshotProgress,
    page: snapshot::WirePart,
}

impl Engine {
    pub(super) fn begin_snapshot(&mut self, healing: bool, now: Moment) {
        let Some(business) = self.business() else { return };
        let transaction = snapshot::begin(&business, &self.sync, healing, now.wall);
        self.set_pull(Pull::BeginningSnapshot { healing });
        self.commit(Owner::Cycle, transaction);
    }

    /// At most so many are begun in a cycle; a server that keeps saying 410 is left in peace.
    pub(super) fn may_begin_snapshot(&mut self) -> bool {
        let Some(cycle) = &mut self.cycle else { return false };
        cycle.snapshots += 1;
        cycle.snapshots <= SNAPSHOTS_MAX
    }

    pub(super) fn ask_part(&mut self, now: Moment) {
        let Some(progress) = &self.sync.snapshot else {
            return self.set_pull(Pull::Entering);
        };
        if progress.is_whole() {
            let next = if snapshot::changes_epoch(&self.sync) {
                Pull::ReadingQueues
            } else {
                Pull::Swapping(Vec::new())
            };
            return self.set_pull(next);
        }
        let (request, asked) = (progress.request(), progress.clone());
        let sent = self.send(request, asked, now);
        self.set_pull(Pull::WaitingPart(sent));
    }

    pub(super) fn part_answered(&mut self, asked: SnapshotProgress, verdict: Verdict, now: Moment) {
        match verdict {
            Verdict::Data(_) | Verdict::Gone if !self.is_at(&asked) => {
                self.note_data();
                self.set_pull(Pull::AskingPart);
            }
            Verdict::Data(data) => {
                if let Some(page) = snapshot::read_part(&self.sync, &data) {
                    self.note_data();
                    self.set_pull(Pull::ReadingPart(Part { asked, page }));
                } else {
                    self.pull_unanswered(&NoAnswer::unexpected(), now);
                }
            }
            Verdict::Gone => self.snapshot_needed(now),
            other => self.read_refused(other, Pull::AskingPart, now),
        }
    }

    /// Whether a part that was asked for then is the one that is missing now: without the lock
    /// another tab may have taken it meanwhile, or begun anew.
    fn is_at(&self, asked: &SnapshotProgress) -> bool {
        self.sync.snapshot.as_ref() == Some(asked)
    }

    pub(super) fn read_part(&mut self, part: Part, now: Moment) {
        let Some(business) = self.business() else { return self.end_cycle(now) };
        if !self.is_at(&part.asked) {
            return self.set_pull(Pull::AskingPart);
        }
        let (generation, keys) = (part.asked.generation, snapshot::keys(&part.page));
        if keys.is_empty() {
            return self.set_pull(Pull::AddingPart(part, Vec::new()));
        }
        self.set_pull(Pull::ReadingPart(part));
        self.read(Owner::Cycle, Query::Records { business, generation, keys });
    }

    pub(super) fn add_part(&mut self, part: Part, present: &[SyncedRecord]) {
        let Some(business) = self.business() else { return };
        if !self.is_at(&part.asked) {
            return self.set_pull(Pull::AskingPart);
        }
        let transaction =
            snapshot::add_part(&business, &self.sync, &part.asked, &part.page, present);
        self.set_pull(Pull::AddingPart(part, Vec::new()));
        self.commit(Owner::Cycle, transaction);
    }

    pub(super) fn read_queues(&mut self) {
        let Some(business) = self.business() else { return };
        self.set_pull(Pull::ReadingQueues);
        self.read(Owner::Cycle, Query::BusinessOperations(business));
    }

    pub(super) fn swap(&mut self, restored: Vec<OperationRecord>, now: Moment) {
        let Some(business) = self.business() else { return };
        match snapshot::swap(&business, &self.sync, &restored, now.wall) {
            Some(transaction) => {
                self.set_pull(Pull::Swapping(restored));
                self.commit(Owner::Cycle, transaction);
            }
            None => self.end_cycle(now),
        }
    }
}

const SNAPSHOTS_MAX: u32 = 2;
