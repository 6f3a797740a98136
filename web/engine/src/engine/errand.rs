//! Errands to the database: one at a time, and the state follows only what came back.

use protocol::planted::Bug;

use crate::preview::{check, joins};
use crate::push;
use crate::queue::{Plan, plan};
use crate::snapshot;
use crate::{
    Account, CommandRefused, Committed, Effect, EffectId, Generation, Moment, OperationRecord,
    Query, QueueStatus, RowWrite, Rows, Saved, Sequence, StorageFault, SyncState, Ticket,
    Transaction,
};

use super::{Commanded, Engine, Reload, Seen};

/// What the database was asked.
#[derive(Debug)]
pub(super) struct Errand {
    effect: EffectId,
    owner: Owner,
    /// The account at work when it was asked: another one's state does not follow it.
    account: Account,
    transaction: Transaction,
}

/// For whom.
#[derive(Debug)]
pub(super) enum Owner {
    /// Reading the state; of everything, or of some operations.
    Reload { everything: bool, ids: Vec<protocol::OperationId> },
    /// A person waits for it.
    Command { commanded: Commanded, saved: Saved },
    /// A person waits for a command that is judged by the record that it is about.
    Judging(Commanded),
    /// The cycle waits for it.
    Cycle,
    /// Putting back what the database has lost.
    Rescue,
    /// Housekeeping.
    Tidy,
    /// Nobody waits for it any more.
    Nobody,
}

impl Engine {
    /// Asks for the state; false while the database was found unwell a moment ago.
    pub(super) fn start_reload(&mut self, now: Moment) -> bool {
        let Some(account) = self.account() else { return false };
        if now.elapsed < self.reload_after {
            return false;
        }
        let (owner, query) = match std::mem::take(&mut self.reload) {
            Reload::Operations(ids) if self.loaded => {
                let ids: Vec<_> = ids.into_iter().collect();
                let owner = Owner::Reload { everything: false, ids: ids.clone() };
                (owner, Query::Operations { account, ids })
            }
            _ => (Owner::Reload { everything: true, ids: Vec::new() }, Query::Queue(account)),
        };
        self.read(owner, query);
        true
    }

    /// Judges a command by the domain, derives what it does, and commits it.
    pub(super) fn start_command(&mut self, commanded: Commanded, now: Moment) {
        let Some(signed_in) = &self.signed_in else {
            return self.refuse(commanded.ticket, CommandRefused::NotSignedIn);
        };
        let mut plan = match plan(&self.queue, &commanded.command, signed_in, now.wall) {
            Err(why) => return self.refuse(commanded.ticket, why),
            Ok(plan) => plan,
        };
        // A feed that another tab follows without a pause must not keep a person waiting.
        let sync = Some(&self.sync).filter(|_| commanded.stale < BASE_STALE_MAX);
        snapshot::bind_bases(&mut plan.transaction, &signed_in.account.business, sync);
        if plan.transaction.writes.is_empty() {
            return self.saved(commanded.ticket, plan.saved);
        }
        if let Some(fault) = commanded.fault {
            return self.refuse(commanded.ticket, fault.into());
        }
        if let Some(written) = &plan.written {
            let target = written.target();
            let synced = match &commanded.seen {
                Seen::Record(row) => Some(row),
                Seen::Nothing => None,
                Seen::NotYet => {
                    let (business, generation) =
                        (signed_in.account.business.clone(), self.sync.generation);
                    let query = Query::Records { business, generation, keys: vec![target.into()] };
                    return self.read(Owner::Judging(commanded), query);
                }
            };
            let before = self.queue.on(&target).filter(|earlier| {
                written.sequence == Sequence::default() || earlier.sequence < written.sequence
            });
            if let Err(refusal) = check(synced, before, written, signed_in) {
                return self.refuse(commanded.ticket, CommandRefused::Invalid(refusal));
            }
            let on_it: Vec<_> = self.queue.on(&target).collect();
            if let Some(joining) =
                plan.joining.take_if(|one| joins(synced, &on_it, written, one, signed_in))
            {
                plan = Plan::joined(joining);
                snapshot::bind_bases(&mut plan.transaction, &signed_in.account.business, sync);
            }
        }
        self.commit(Owner::Command { commanded, saved: plan.saved }, plan.transaction);
    }

    pub(super) fn read(&mut self, owner: Owner, query: Query) {
        let Some(effect) = self.set_out(owner, Transaction::default()) else { return };
        self.effects.push(Effect::Read { effect, query });
    }

    pub(super) fn commit(&mut self, owner: Owner, transaction: Transaction) {
        if let (Owner::Command { commanded, saved }, true) = (&owner, Bug::SavedEarly.is_planted())
        {
            self.saved(commanded.ticket, saved.clone());
        }
        let Some(effect) = self.set_out(owner, transaction.clone()) else { return };
        self.effects.push(Effect::Commit { effect, transaction });
    }

    pub(super) fn read_done(
        &mut self,
        effect: EffectId,
        result: Result<Rows, StorageFault>,
        now: Moment,
    ) {
        let Some(errand) = self.come_back(effect) else { return };
        let at_work = self.account() == Some(errand.account);
        match (errand.owner, result) {
            (Owner::Judging(commanded), Ok(Rows::Records(rows))) if at_work => {
                let seen = rows.into_iter().next().map_or(Seen::Nothing, Seen::Record);
                self.start_command(Commanded { seen, ..commanded }, now);
            }
            (Owner::Judging(commanded), result) => {
                self.refuse(commanded.ticket, refused_unread(&result));
                if let Err(fault) = result {
                    self.reload_failed(fault, now);
                }
            }
            (_, Err(fault)) => self.reload_failed(fault, now),
            (Owner::Reload { everything, ids }, Ok(rows)) if at_work => {
                self.take_in(everything, &ids, rows, now);
            }
            (Owner::Cycle, Ok(rows)) if at_work => self.cycle_read(rows, now),
            (Owner::Tidy, Ok(rows)) if at_work => self.tidy_read(rows, now),
            _ => {}
        }
    }

    pub(super) fn commit_done(
        &mut self,
        effect: EffectId,
        result: Result<Committed, StorageFault>,
        now: Moment,
    ) {
        let Some(errand) = self.come_back(effect) else { return };
        let at_work = self.account() == Some(errand.account);
        match result {
            Ok(committed) => {
                self.storage_fault = None;
                if at_work && self.is_another_database(&committed) {
                    self.read_anew(&errand.transaction);
                } else if at_work {
                    self.follow(errand.transaction, &committed, now);
                }
                match errand.owner {
                    Owner::Command { commanded, saved } => {
                        self.saved(commanded.ticket, saved);
                        self.contact.written = true;
                        // Who presses Reintentar waits for no pause after a failure.
                        if matches!(commanded.command, crate::Command::Retry { .. }) {
                            self.contact.wanted = true;
                        }
                    }
                    Owner::Cycle if at_work => self.cycle_committed(now),
                    _ => {}
                }
            }
            Err(fault) => self.commit_failed(errand.owner, fault, at_work, now),
        }
    }

    fn commit_failed(&mut self, owner: Owner, fault: StorageFault, at_work: bool, now: Moment) {
        if fault != StorageFault::Stale {
            self.storage_fault = Some(fault);
        }
        if at_work {
            self.reload = Reload::Everything;
        }
        match owner {
            Owner::Command { commanded, .. } if !at_work => {
                self.refuse(commanded.ticket, fault.into());
            }
            Owner::Command { mut commanded, .. } => {
                commanded.stale += 1;
                commanded.seen = Seen::NotYet;
                let gives_up = fault != StorageFault::Stale || commanded.stale >= STALE_MAX;
                commanded.fault = gives_up.then_some(fault);
                self.commands.push_front(commanded);
            }
            Owner::Cycle if at_work => self.cycle_commit_failed(fault, now),
            Owner::Rescue => self.reload_failed(fault, now),
            _ => {}
        }
    }

    /// The state cannot be read. Whoever waits is told; it is tried again in a while.
    fn reload_failed(&mut self, fault: StorageFault, now: Moment) {
        self.storage_fault = Some(fault);
        self.reload_after = now.elapsed.plus(RELOAD_AFTER_MS);
        self.reload = Reload::Everything;
        self.abandon_cycle();
        for commanded in std::mem::take(&mut self.commands) {
            self.refuse(commanded.ticket, fault.into());
        }
    }

    fn take_in(
        &mut self,
        everything: bool,
        ids: &[protocol::OperationId],
        rows: Rows,
        now: Moment,
    ) {
        let Rows::Queue { sync, operations } = rows else {
            return self.reload_failed(StorageFault::Aborted, now);
        };
        if everything && self.rescue(sync.as_deref(), &operations) {
            return;
        }
        let pending_before = self.queue.count(QueueStatus::Pending);
        let mut before = None;
        if everything {
            let queue = std::mem::take(&mut self.queue);
            before = Some((queue, self.sync.generation)).filter(|_| self.loaded);
        } else {
            // Another tab has stored something since, and this one reads it: the phone stores.
            self.storage_fault = None;
        }
        for id in ids {
            self.queue.remove(id);
        }
        let account = self.account();
        for operation in operations {
            if Some(&operation.account) == account.as_ref() {
                self.queue.put(operation);
            }
        }
        if self.queue.count(QueueStatus::Pending) != pending_before {
            self.contact.moved = now.elapsed;
        }
        let sync = sync.map(|state| *state).unwrap_or_default();
        if sync.revision != self.sync.revision && !Bug::RowsOfAnotherRevision.is_planted() {
            self.forget_rows_read();
        }
        self.take_sync(sync, now);
        self.loaded = true;
        if let Some((queue, generation)) = before {
            self.announce_what_differs(&queue, generation);
        }
        // What another tab wrote is sent by whichever tab gets the lock.
        let due = push::choose(&self.queue, |_| true, 1, push::Due::At(now.wall));
        self.contact.written |= !due.is_empty();
    }

    /// A commit of whose fate nothing was known may have been done: neither this tab's screens nor
    /// the other tabs have heard of it.
    fn announce_what_differs(&mut self, before: &crate::Queue, generation: Generation) {
        let gone_or_changed = before.iter().filter(|one| {
            self.queue.get(&one.id).is_none_or(|now| now.updated_at != one.updated_at)
        });
        let new = self.queue.iter().filter(|one| before.get(&one.id).is_none());
        let differing: Vec<_> =
            gone_or_changed.chain(new).map(|one| (one.id.clone(), one.target().into())).collect();
        let everything = generation != self.sync.generation;
        if everything || !differing.is_empty() {
            let (operations, records) = differing.into_iter().unzip();
            self.effects.push(Effect::Announce { operations, records, everything });
        }
    }

    fn follow(&mut self, mut transaction: Transaction, committed: &Committed, now: Moment) {
        let was_empty = self.queue.count(QueueStatus::Pending) == 0;
        let (operations, mut records) = (transaction.operations(), transaction.records());
        // A removed row names its operation only; the record under it looks different all the same.
        let removed = transaction.writes.iter().filter_map(|write| match write {
            RowWrite::RemoveOperation(id) => self.queue.get(id).map(OperationRecord::target),
            _ => None,
        });
        records.extend(removed.map(Into::into));
        let everything_before = self.sync.generation;
        for write in &mut transaction.writes {
            if let RowWrite::PutSync { state, .. } = write {
                self.take_sync(std::mem::take(&mut **state), now);
            }
        }
        if let Some(account) = self.account() {
            self.queue.follow(transaction, &committed.sequences, &account);
        }
        if was_empty {
            self.contact.moved = now.elapsed;
        }
        let everything = everything_before != self.sync.generation;
        self.effects.push(Effect::Announce { operations, records, everything });
    }

    /// The state of the business as stored now, by this tab or another.
    fn take_sync(&mut self, next: SyncState, now: Moment) {
        if next.last_tail_at > self.sync.last_tail_at {
            self.contact.note_tail(now);
        }
        if let Some(cursor) = next.cursor
            && (self.sync.cursor, self.sync.last_tail_at) != (next.cursor, next.last_tail_at)
        {
            self.effects.push(Effect::PublishCursor { cursor, last_tail_at: next.last_tail_at });
        }
        // Whether these rows are the server's is for the next tail to say: another tab may have
        // mended what this one found wrong.
        if (next.generation, next.digest) != (self.sync.generation, self.sync.digest) {
            self.diverged = false;
        }
        self.sync = next;
    }

    fn saved(&mut self, ticket: Ticket, saved: Saved) {
        self.effects.push(Effect::Answer { ticket, result: Ok(saved) });
    }

    fn set_out(&mut self, owner: Owner, transaction: Transaction) -> Option<EffectId> {
        let account = self.account()?;
        let effect = self.next_effect();
        self.errand = Some(Errand { effect, owner, account, transaction });
        Some(effect)
    }

    fn come_back(&mut self, effect: EffectId) -> Option<Errand> {
        self.errand.take_if(|errand| errand.effect == effect)
    }

    pub(super) fn account(&self) -> Option<Account> {
        self.signed_in.as_ref().map(|signed_in| signed_in.account.clone())
    }

    /// The cycle that waited for it is over; what comes back is still followed.
    pub(super) fn disown_errand(&mut self) {
        if let Some(errand) = &mut self.errand
            && matches!(errand.owner, Owner::Cycle)
        {
            errand.owner = Owner::Nobody;
        }
    }
}

fn refused_unread(result: &Result<Rows, StorageFault>) -> CommandRefused {
    match result {
        Err(fault) => (*fault).into(),
        // Somebody else is at work by now.
        Ok(_) => CommandRefused::NotSignedIn,
    }
}

/// So often a command is derived anew because another tab was first.
const STALE_MAX: u32 = 8;

/// After so many of them it goes without its base: times alone decide then.
const BASE_STALE_MAX: u32 = 4;

/// After a fault of the database it is asked again after so long.
const RELOAD_AFTER_MS: u64 = 2_000;
