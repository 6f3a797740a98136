//! One cycle with the server: push what is due, then always pull.
//!
//! | stage | next | when |
//! |---|---|---|
//! | – | `Locking` | the beat, the network came back, a person asked, something was written |
//! | `Locking` | `Choosing` | the lock is ours |
//! | `Locking` | – | another tab has it |
//! | `Choosing` | `Marking` | something is due |
//! | `Choosing` | `Pulling` | nothing is, three batches of this cycle failed, or it is a probe |
//! | `Marking` | `Sending` | every `sentAt` is durable |
//! | `Sending` | `Recording` | answered |
//! | `Sending` | `Choosing` | refused as a whole by the server (400, 413, 422), or by something on the way: the batch is halved |
//! | `Sending` | `Recording` | refused as a whole by the server, one operation: it fails |
//! | `Sending` | `Refreshing` | the server's 401 |
//! | `Sending` | `Pulling` | no answer |
//! | `Sending` | `Recording` | no answer to one operation alone: it waits, the others go on |
//! | `Sending` | – | the server's 426 |
//! | `Recording` | `Choosing` | durable |
//! | `Refreshing` | `Marking` or `Pulling` | there is a new token |
//! | `Refreshing` | – | there is none; the password was given meanwhile |
//! | `Pulling` | – | see [`Pull`](super::pull) |
//! | any | – | signed out; the database fails |

use std::collections::BTreeSet;

use protocol::planted::Bug;
use protocol::{Epoch, OperationId};

use crate::push::{self, Due, Outcome};
use crate::{Effect, EffectId, Elapsed, Moment, Request, Rows, StorageFault};

use super::Engine;
use super::errand::Owner;
use super::pull::Pull;

/// The cycle under way.
#[derive(Debug)]
pub(super) struct Cycle {
    pub(super) stage: Stage,
    /// Sent in this cycle: each at most once, unless the whole batch was refused and is halved.
    tried: BTreeSet<OperationId>,
    /// Halves of a refused batch.
    halves: Vec<BTreeSet<OperationId>>,
    push_failures: u32,
    /// The epoch of the set in use when the last batch was sent: its answer holds in no other.
    sent_in: Option<Epoch>,
    /// Operations' own waits count for nothing: a person asked, or the network came back.
    eager: bool,
    stale: u32,
    /// Pages applied.
    pub(super) pages: u32,
    /// Snapshots begun.
    pub(super) snapshots: u32,
}

/// Where a cycle is.
#[derive(Debug)]
pub(super) enum Stage {
    Locking(EffectId),
    Choosing,
    Marking(Vec<OperationId>),
    Sending(Sent<Vec<OperationId>>),
    Recording(Vec<(OperationId, Outcome)>),
    Refreshing { effect: EffectId, deadline: Elapsed, resume: Box<Stage> },
    Pulling(Pull),
}

/// A request that is out.
#[derive(Debug)]
pub(super) struct Sent<T> {
    pub(super) effect: EffectId,
    pub(super) deadline: Elapsed,
    pub(super) what: T,
}

impl Cycle {
    /// The stage to go on from, if it was this login that the cycle waited for.
    pub(super) fn login_answered(&mut self, answered: EffectId) -> Option<Stage> {
        match std::mem::replace(&mut self.stage, Stage::Choosing) {
            Stage::Refreshing { effect, resume, .. } if effect == answered => Some(*resume),
            other => {
                self.stage = other;
                None
            }
        }
    }

    /// A new token was asked for.
    pub(super) fn is_refreshing(&self) -> bool {
        matches!(self.stage, Stage::Refreshing { .. })
    }

    /// The request that is out, and until when it is waited for.
    pub(super) fn waits_for(&self) -> Option<(EffectId, Elapsed)> {
        match &self.stage {
            Stage::Sending(sent) => Some((sent.effect, sent.deadline)),
            Stage::Refreshing { effect, deadline, .. } => Some((*effect, *deadline)),
            Stage::Pulling(Pull::Waiting(sent)) => Some((sent.effect, sent.deadline)),
            Stage::Pulling(Pull::WaitingPart(sent)) => Some((sent.effect, sent.deadline)),
            _ => None,
        }
    }
}

impl Engine {
    pub(super) fn start_cycle_if_due(&mut self, now: Moment) -> bool {
        let may = self.loaded && self.login != crate::login::Login::PasswordNeeded;
        if !may || !self.contact.is_due(now) {
            return false;
        }
        let eager = self.contact.wanted;
        self.contact.begin(now);
        let effect = self.next_effect();
        self.cycle = Some(Cycle {
            stage: Stage::Locking(effect),
            tried: BTreeSet::new(),
            halves: Vec::new(),
            push_failures: 0,
            sent_in: None,
            eager,
            stale: 0,
            pages: 0,
            snapshots: 0,
        });
        self.effects.push(Effect::AcquireLock { effect });
        true
    }

    pub(super) fn lock_answered(&mut self, answered: EffectId, granted: bool, now: Moment) {
        match &mut self.cycle {
            Some(cycle) if matches!(cycle.stage, Stage::Locking(effect) if effect == answered) => {
                if granted || Bug::LockIgnored.is_planted() {
                    cycle.stage = Stage::Choosing;
                } else {
                    self.cycle = None;
                    self.note_nothing_to_ask();
                    self.contact.end(now);
                    self.contact.ask_for_the_lock_again(now);
                }
            }
            // The cycle that asked for it is over.
            _ if granted => self.effects.push(Effect::ReleaseLock),
            _ => {}
        }
    }

    /// One step of the cycle that needs no answer; nothing is out at the database.
    pub(super) fn step_cycle(&mut self, now: Moment) -> bool {
        let Some(cycle) = &mut self.cycle else { return false };
        match &mut cycle.stage {
            Stage::Locking(_) | Stage::Sending(_) | Stage::Refreshing { .. } => false,
            Stage::Choosing => self.choose_batch(now),
            Stage::Marking(batch) => {
                let batch = std::mem::take(batch);
                self.mark_batch(batch, now)
            }
            Stage::Recording(outcomes) => {
                let outcomes = std::mem::take(outcomes);
                self.record(outcomes, now)
            }
            Stage::Pulling(pull) => {
                let pull = std::mem::replace(pull, Pull::Entering);
                self.step_pull(pull, now)
            }
        }
    }

    fn choose_batch(&mut self, now: Moment) -> bool {
        let Some(cycle) = &mut self.cycle else { return false };
        self.contact.written = false;
        let limit = self.batch_limit.0;
        let due = if cycle.eager { Due::All } else { Due::At(now.wall) };
        // Writes stay unsent while there seems to be no network, so that edits still join them.
        let reads = self.signed_in.as_ref().is_some_and(crate::SignedIn::may_read);
        let batch = match cycle.halves.pop() {
            None if self.contact.probing && reads => Vec::new(),
            Some(half) => push::choose(&self.queue, |id| half.contains(id), half.len(), Due::All),
            None if cycle.push_failures >= PUSH_FAILURES_MAX => Vec::new(),
            None => push::choose(&self.queue, |id| !cycle.tried.contains(id), limit, due),
        };
        if !batch.is_empty() {
            cycle.tried.extend(batch.iter().cloned());
            cycle.stage = Stage::Marking(batch);
        } else if cycle.halves.is_empty() {
            cycle.stage = Stage::Pulling(Pull::Entering);
        }
        true
    }

    fn mark_batch(&mut self, mut batch: Vec<OperationId>, now: Moment) -> bool {
        let Some(cycle) = &mut self.cycle else { return false };
        // Another tab may have settled or removed some since they were chosen.
        batch = push::choose(&self.queue, |id| batch.contains(id), batch.len(), Due::All);
        if batch.is_empty() {
            cycle.stage = Stage::Choosing;
            return true;
        }
        let transaction = push::mark_sent(&self.queue, &batch, now.wall);
        if transaction.writes.is_empty() {
            cycle.sent_in = self.sync.epoch();
            let request = push::request(&self.queue, &batch);
            let sent = self.send(request, batch, now);
            self.set_stage(Stage::Sending(sent));
        } else {
            cycle.stage = Stage::Marking(batch);
            self.commit(Owner::Cycle, transaction);
        }
        true
    }

    /// An operation is processed only in the epoch in which it was sent: a swap puts what had been
    /// processed until then back into the queue, and must not miss what comes a moment later. Who
    /// may not read waits for no swap: for him what is answered is done.
    fn record(&mut self, outcomes: Vec<(OperationId, Outcome)>, now: Moment) -> bool {
        let reads = self.signed_in.as_ref().is_some_and(crate::SignedIn::may_read);
        let (Some(business), Some(cycle)) = (self.business(), &mut self.cycle) else {
            return false;
        };
        let restored = cycle.sent_in != self.sync.epoch()
            || (reads && crate::snapshot::changes_epoch(&self.sync));
        let believed = if restored { push::doubted(&outcomes) } else { outcomes.clone() };
        let mut settled = push::settle(&self.queue, &believed, now.wall, now.random);
        if settled.transaction.writes.is_empty() {
            cycle.stage = Stage::Choosing;
            return true;
        }
        cycle.stage = Stage::Recording(outcomes);
        if settled.moved {
            self.contact.moved = now.elapsed;
            settled.transaction.expect_sync(&business, self.sync.revision);
        }
        self.commit(Owner::Cycle, settled.transaction);
        true
    }

    /// What the cycle had committed is durable.
    pub(super) fn cycle_committed(&mut self, now: Moment) {
        let Some(cycle) = &mut self.cycle else { return };
        cycle.stale = 0;
        match std::mem::replace(&mut cycle.stage, Stage::Choosing) {
            // It finds every `sentAt` stored, and sends.
            Stage::Marking(batch) => cycle.stage = Stage::Marking(batch),
            Stage::Pulling(pull) => self.pull_committed(pull, now),
            // Recorded: what is next?
            _ => {}
        }
    }

    /// Another tab was first: the stage derives its transaction anew once the state is read.
    pub(super) fn cycle_commit_failed(&mut self, fault: StorageFault, now: Moment) {
        let Some(cycle) = &mut self.cycle else { return };
        cycle.stale += 1;
        if fault != StorageFault::Stale || cycle.stale >= STALE_MAX {
            if !Bug::FullDiskIgnored.is_planted() {
                self.contact.note_storage_failure();
            }
            return self.end_cycle(now);
        }
        if let Stage::Pulling(pull) = &mut cycle.stage {
            *pull = Self::pull_again(std::mem::replace(pull, Pull::Entering));
        }
    }

    /// Another tab has changed the synced records since rows were read for this cycle. What is
    /// derived from those rows would be expected of the new revision, and so be stored: read again.
    pub(super) fn forget_rows_read(&mut self) {
        if let Some(Cycle { stage: Stage::Pulling(pull), .. }) = &mut self.cycle {
            *pull = Self::pull_again(std::mem::replace(pull, Pull::Entering));
        }
    }

    /// What the cycle had read has come.
    pub(super) fn cycle_read(&mut self, rows: Rows, now: Moment) {
        let Some(cycle) = &mut self.cycle else { return };
        if let Stage::Pulling(pull) = &mut cycle.stage {
            let pull = std::mem::replace(pull, Pull::Entering);
            self.pull_read(pull, rows, now);
        }
    }

    fn pull_committed(&mut self, pull: Pull, now: Moment) {
        match pull {
            Pull::Applying(page, _) => self.page_applied(&page, now),
            Pull::Counted(recount, counted) => self.recount_settled(&recount, counted, now),
            Pull::Swapping(restored) => {
                self.tidied = false;
                self.contact.written |= !restored.is_empty();
                self.set_pull(Pull::Entering);
            }
            _ => self.set_pull(Pull::Entering),
        }
    }

    pub(super) fn send<T>(&mut self, request: Request, what: T, now: Moment) -> Sent<T> {
        let effect = self.next_effect();
        let deadline = now.elapsed.plus(request.deadline_ms);
        // No step is taken while nobody is at work.
        if let Some(account) = self.account() {
            self.effects.push(Effect::Send { effect, account, request });
        }
        Sent { effect, deadline, what }
    }

    pub(super) fn set_stage(&mut self, stage: Stage) {
        if let Some(cycle) = &mut self.cycle {
            cycle.stage = stage;
        }
    }

    /// Puts halves of a refused batch back, to be sent in this very cycle.
    pub(super) fn halve(&mut self, batch: &[OperationId]) {
        let Some(cycle) = &mut self.cycle else { return };
        let (first, second) = batch.split_at(batch.len() / 2);
        cycle.halves.push(second.iter().cloned().collect());
        cycle.halves.push(first.iter().cloned().collect());
        cycle.stage = Stage::Choosing;
    }

    /// Counts a batch that got no answer; false once the cycle should send no more.
    pub(super) fn may_push_on(&mut self) -> bool {
        let Some(cycle) = &mut self.cycle else { return false };
        cycle.push_failures += 1;
        cycle.push_failures < PUSH_FAILURES_MAX
    }

    pub(super) fn end_cycle(&mut self, now: Moment) {
        if self.cycle.is_some() {
            self.abandon_cycle();
            self.contact.end(now);
            self.login.rest();
        }
    }

    pub(super) fn abandon_cycle(&mut self) {
        let Some(cycle) = self.cycle.take() else { return };
        if let Some((effect, _)) = cycle.waits_for() {
            self.effects.push(Effect::Abort(effect));
        }
        if !matches!(cycle.stage, Stage::Locking(_)) {
            self.effects.push(Effect::ReleaseLock);
        }
        self.disown_errand();
    }
}

/// After so many batches without an answer a cycle sends no more.
const PUSH_FAILURES_MAX: u32 = 3;

/// So often a commit of a cycle is derived anew because another tab was first.
const STALE_MAX: u32 = 8;
