//! What the screen is told after each event, and when the engine wants to be woken.

use crate::login::Login;
use crate::status::Facts;
use crate::{Effect, Elapsed, Moment, QueueStatus, Trouble, View};

use super::{Engine, Reload};

impl Engine {
    pub(super) fn show(&mut self, now: Moment) {
        let view = self.view(now);
        if self.shown.as_ref() != Some(&view) {
            self.effects.push(Effect::Notify(Box::new(view.clone())));
            self.shown = Some(view);
        }
        let wake = self.wake_at(now);
        if wake.is_some() && wake != self.timer {
            self.timer = wake;
            self.effects.extend(wake.map(Effect::SetTimer));
        }
    }

    fn view(&self, now: Moment) -> View {
        let pending = self.queue.count(QueueStatus::Pending);
        let failed = self.queue.count(QueueStatus::Failed);
        let offline =
            self.signed_in.as_ref().is_some_and(|one| self.contact.is_offline(one.may_read(), now));
        let troubles = self.troubles(pending, failed, offline, now);
        let facts = Facts {
            troubled: !troubles.is_empty(),
            offline,
            syncing: self.cycle.is_some(),
            settled: self.is_settled(),
            pending,
        };
        View {
            state: facts.state(),
            word: facts.word(),
            pending,
            failed,
            last_tail_at: self.sync.last_tail_at,
            cursor: self.sync.cursor,
            troubles,
            snapshot_records: self.sync.snapshot.as_ref().map(|progress| progress.records),
            last_error: self.last_error.clone(),
        }
    }

    fn troubles(&self, pending: usize, failed: usize, offline: bool, now: Moment) -> Vec<Trouble> {
        let stuck = pending > 0 && !offline && now.elapsed >= self.contact.stuck_at();
        [
            self.storage_fault.map(Trouble::Storage),
            (self.login == Login::PasswordNeeded).then_some(Trouble::PasswordNeeded),
            self.too_old.then_some(Trouble::ClientTooOld),
            (self.differs() && self.sync.heal_count > 0).then_some(Trouble::Diverged),
            (failed > 0).then_some(Trouble::FailedOperations),
            stuck.then_some(Trouble::QueueStuck),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What is shown is all there: the queue is read, a snapshot is whole, digests agree.
    fn is_settled(&self) -> bool {
        let may_read = self.signed_in.as_ref().is_some_and(crate::SignedIn::may_read);
        self.loaded
            && !self.differs()
            && self.commands.is_empty()
            && (!may_read || (self.sync.cursor.is_some() && self.sync.snapshot.is_none()))
    }

    /// What is shown is not what the server has. Who may not read any more could not mend it.
    fn differs(&self) -> bool {
        self.diverged && self.signed_in.as_ref().is_some_and(crate::SignedIn::may_read)
    }

    fn wake_at(&self, now: Moment) -> Option<Elapsed> {
        self.signed_in.as_ref()?;
        let ahead = |moment: Elapsed| Some(moment).filter(|moment| *moment > now.elapsed);
        let cycle = match &self.cycle {
            Some(cycle) => cycle.waits_for().map(|(_, deadline)| deadline),
            None => ahead(self.contact.due_at()).filter(|moment| *moment < Elapsed(u64::MAX)),
        };
        let reload = (self.reload != Reload::Nothing).then(|| ahead(self.reload_after)).flatten();
        let pending = self.queue.count(QueueStatus::Pending) > 0;
        let stuck = if pending { ahead(self.contact.stuck_at()) } else { None };
        [cycle, reload, stuck, ahead(self.contact.stale_at())].into_iter().flatten().min()
    }
}
