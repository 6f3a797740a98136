//! The engine: one state, one entrance.
//!
//! Two things go on at most: one errand at the database (a read or a commit), and one cycle with
//! the server. Whatever is derived from the state is derived while no errand is out, so it is
//! derived from what the database holds; other tabs are met by the expectations of each commit.

mod contact;
mod cycle;
mod errand;
mod first_load;
mod network;
mod pull;
mod rescue;
mod show;
mod tidy;

use std::collections::{BTreeSet, VecDeque};

use protocol::planted::Bug;
use protocol::{Gather, OperationId, Role};

use crate::login::Login;
use crate::{
    Command, CommandRefused, Effect, EffectId, Elapsed, Event, Moment, Queue, RecordKey,
    RefreshFault, Shown, SignedIn, StorageFault, SyncState, SyncedRecord, Ticket, View, preview,
};
use contact::Contact;
use cycle::Cycle;
use errand::Errand;

/// The sync engine of one tab.
///
/// Feed it every [`Event`] with the [`Moment`] of its happening and perform the [`Effect`]s that it
/// returns, in order. It does nothing by itself.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; none excludes another"
)]
#[derive(Debug, Default)]
pub struct Engine {
    signed_in: Option<SignedIn>,
    login: Login,
    too_old: bool,
    /// The account's queue and its business's state, as last read or acknowledged.
    queue: Queue,
    sync: SyncState,
    /// What must be read before anything is derived; [`Reload::Nothing`] once all is in.
    reload: Reload,
    loaded: bool,
    errand: Option<Errand>,
    storage_fault: Option<StorageFault>,
    /// After a read that failed the database is not asked again before.
    reload_after: Elapsed,
    commands: VecDeque<Commanded>,
    contact: Contact,
    cycle: Option<Cycle>,
    /// How many operations a batch may have; smaller after a server failed over one.
    batch_limit: BatchLimit,
    last_error: Option<String>,
    /// What the synced records have caught up with was looked for since they were loaded.
    tidied: bool,
    /// The digest differs from the server's at the same cursor.
    diverged: bool,
    effects: Vec<Effect>,
    effects_made: u64,
    shown: Option<View>,
    timer: Option<Elapsed>,
}

/// What must be read from the database.
#[derive(Debug, Default, PartialEq, Eq)]
enum Reload {
    #[default]
    Nothing,
    /// These operations and the sync state: another tab has written them.
    Operations(BTreeSet<OperationId>),
    /// The whole queue and the sync state.
    Everything,
}

/// A command that waits for its turn, or for the state to be read anew after a commit failed.
#[derive(Debug)]
struct Commanded {
    ticket: Ticket,
    command: Command,
    stale: u32,
    fault: Option<StorageFault>,
    /// The synced record that it is about.
    seen: Seen,
}

/// Whether a record was read, and what was found.
#[derive(Debug, Default)]
enum Seen {
    #[default]
    NotYet,
    Nothing,
    Record(SyncedRecord),
}

#[derive(Debug)]
struct BatchLimit(usize);

impl Engine {
    /// Takes in what happened and says what to do about it.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        match event {
            Event::SignedIn(signed_in) => self.sign_in(signed_in, now),
            Event::SignedOut => self.put_down(),
            Event::Commanded { ticket, command } => self.command(ticket, command),
            Event::SyncAsked => self.contact.ask(),
            Event::NetworkChanged { online } => self.contact.network_changed(online, now),
            Event::Foregrounded { online } => self.contact.foregrounded(online, now),
            Event::OtherTabWrote { operations } => self.other_tab_wrote(operations),
            Event::TimerFired => self.timer = None,
            Event::Read { effect, result } => self.read_done(effect, result, now),
            Event::Committed { effect, result } => self.commit_done(effect, result, now),
            Event::Answered { effect, result } => self.answered(effect, &result, now),
            Event::LockAnswered { effect, granted } => self.lock_answered(effect, granted, now),
            Event::LoginAnswered { effect, result } => self.login_answered(effect, result, now),
        }
        self.give_up_late_requests(now);
        while self.step(now) {}
        self.show(now);
        std::mem::take(&mut self.effects)
    }

    /// The queue of the account at work.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Where the business of the account at work stands; its set of records is
    /// [`SyncState::generation`].
    pub fn sync_state(&self) -> &SyncState {
        &self.sync
    }

    /// Whether the queue of the account at work is read: until then nothing of it is on a screen.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// A record as a screen shows it, over the synced one as it was read.
    pub fn show_record(&self, key: &RecordKey, synced: Option<&SyncedRecord>) -> Option<Shown> {
        let signed_in = self.signed_in.as_ref()?;
        Some(preview(key, synced, self.queue.on(key), signed_in))
    }

    /// The records of one kind that look different from the synced ones, or exist only here.
    pub fn records_on_top(&self, entity: protocol::Entity) -> BTreeSet<RecordKey> {
        self.queue.targets().filter(|target| target.entity == entity).cloned().gather()
    }

    /// The account at work.
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.signed_in.as_ref()
    }

    /// One thing that can be done now without waiting; false if there is none.
    fn step(&mut self, now: Moment) -> bool {
        if self.signed_in.is_none() || self.errand.is_some() {
            return false;
        }
        if self.reload != Reload::Nothing {
            return self.start_reload(now);
        }
        if let Some(commanded) = self.commands.pop_front() {
            self.start_command(commanded, now);
            return true;
        }
        if self.cycle.is_some() {
            return self.step_cycle(now);
        }
        self.start_cycle_if_due(now) || self.tidy(now)
    }

    fn sign_in(&mut self, signed_in: SignedIn, now: Moment) {
        let same =
            self.signed_in.as_ref().is_some_and(|at_work| at_work.account == signed_in.account);
        if !same {
            self.put_down();
            self.reload = Reload::Everything;
            self.contact.restart(now);
        } else if self.cycle.as_ref().is_some_and(Cycle::is_refreshing) {
            // What it asked with is outlived: its answer says nothing of the login just given.
            self.abandon_cycle();
        }
        self.signed_in = Some(signed_in);
        self.login = Login::Fresh;
        self.contact.wanted = true;
    }

    /// Forgets everything of the account at work; the database keeps it.
    fn put_down(&mut self) {
        self.abandon_cycle();
        for commanded in std::mem::take(&mut self.commands) {
            self.refuse(commanded.ticket, CommandRefused::NotSignedIn);
        }
        self.signed_in = None;
        self.queue = Queue::default();
        self.sync = SyncState::default();
        self.loaded = false;
        self.tidied = false;
        self.diverged = false;
        self.reload = Reload::Nothing;
        self.last_error = None;
    }

    fn command(&mut self, ticket: Ticket, command: Command) {
        if self.signed_in.is_none() {
            return self.refuse(ticket, CommandRefused::NotSignedIn);
        }
        self.commands.push_back(Commanded {
            ticket,
            command,
            stale: 0,
            fault: None,
            seen: Seen::NotYet,
        });
    }

    fn other_tab_wrote(&mut self, operations: Vec<OperationId>) {
        match &mut self.reload {
            Reload::Everything => {}
            Reload::Operations(ids) => ids.extend(operations),
            Reload::Nothing => self.reload = Reload::Operations(operations.into_iter().gather()),
        }
    }

    fn login_answered(
        &mut self,
        effect: EffectId,
        result: Result<Role, RefreshFault>,
        now: Moment,
    ) {
        let Some(resume) = self.cycle.as_mut().and_then(|cycle| cycle.login_answered(effect))
        else {
            return;
        };
        match (result, &mut self.signed_in) {
            (Ok(role), Some(signed_in)) => {
                signed_in.role = role;
                self.login = Login::Renewed;
                if let Some(cycle) = &mut self.cycle {
                    cycle.stage = resume;
                }
            }
            (Err(RefreshFault::Refused), _) => {
                self.login = Login::PasswordNeeded;
                self.end_cycle(now);
                if Bug::QueueCleared.is_planted() && self.errand.is_none() {
                    let mut transaction = crate::Transaction::default();
                    let ids = self
                        .queue
                        .iter()
                        .map(|one| crate::RowWrite::RemoveOperation(one.id.clone()));
                    transaction.writes.extend(ids);
                    self.commit(errand::Owner::Tidy, transaction);
                }
            }
            _ => {
                self.contact.note_failure(false, None, now);
                self.end_cycle(now);
            }
        }
    }

    fn refuse(&mut self, ticket: Ticket, why: CommandRefused) {
        self.effects.push(Effect::Answer { ticket, result: Err(why) });
    }

    fn next_effect(&mut self) -> EffectId {
        self.effects_made += 1;
        EffectId(self.effects_made)
    }
}

impl BatchLimit {
    fn succeeded(&mut self) {
        self.0 = (self.0 * 2).min(protocol::BATCH_OPERATIONS_MAX);
    }

    fn failed(&mut self, size: usize) {
        self.0 = (size / 2).max(1);
    }
}

impl Default for BatchLimit {
    fn default() -> Self {
        Self(protocol::BATCH_OPERATIONS_MAX)
    }
}
