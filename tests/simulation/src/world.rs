//! The world: phones, network, edge and cloud on one agenda, moved by one seed.
//!
//! `world.rs` is the loop; `phones.rs` performs the engines' effects, `network.rs` carries
//! requests, `cloud_side.rs` polls the functions and feeds the stream, `workload.rs` is what
//! sellers do, `day.rs` what befalls them and the order of the day.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use engine::{Effect, EffectId, Event};
use protocol::{BusinessId, Entity, RecordId};
use store::memory::{MemoryTables, Snapshot};

use crate::agenda::{Agenda, Millis};
use crate::checkers::{Checkers, Violation};
use crate::cloud::Weather;
use crate::cloud_side::{Task, TaskId};
use crate::dice::Dice;
use crate::edge::Edge;
use crate::network::Exchange;
use crate::pace::Pace;
use crate::phone::{EPOCH_MS, Profile, Tab, User};
use crate::stream::Stream;
use crate::trace::Trace;

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    /// An event reaches a tab's engine.
    Tell { tab: usize, life: u64, event: Event },
    /// The database does what a tab asked of it.
    Store { tab: usize, life: u64, effect: Effect },
    /// A tab's timer.
    Timer { tab: usize, life: u64, at: engine::Elapsed },
    /// A request reaches the edge.
    Arrive(Exchange),
    /// An answer leaves for its phone.
    Reply { exchange: Exchange, result: Result<engine::Answer, engine::TransportFault> },
    /// A function goes on.
    Poll(TaskId),
    /// The stream calls its consumer.
    Consume(usize),
    /// Somebody does something.
    Act { tab: usize, life: u64 },
    /// A tab that the phone had put to sleep goes on.
    Wake { tab: usize, life: u64 },
    /// Something befalls somebody.
    Befall,
    /// A backup that was begun is whole.
    BackUp,
    /// The scheduled repair; of all businesses if the failure queue calls for it.
    Repair { every: bool },
    /// A rebuild is called, again if need be.
    Rebuild(BusinessId),
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// One number for all that happened.
    pub trace: u64,
    /// The story, if it was asked for.
    pub lines: Vec<String>,
    /// What must never be, and was.
    pub violation: Option<Violation>,
    /// How much happened.
    pub figures: Figures,
}

/// How much happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Entries of the agenda.
    pub happenings: u64,
    /// Commands that were saved.
    pub saved: u64,
    /// Updates that became part of an operation that was not sent yet.
    pub joined: u64,
    /// Commands that were refused.
    pub refused: u64,
    /// Requests that reached the edge.
    pub requests: u64,
    /// Changes in the feeds at the end.
    pub changes: u64,
    /// Restores to an earlier instant.
    pub restores: u64,
    /// Answers that a cursor is too old, of a life that is over or below the floor.
    pub expired: u64,
    /// Phones and tabs.
    pub tabs: u64,
    /// Virtual minutes.
    pub minutes: u64,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.happenings += other.happenings;
        self.saved += other.saved;
        self.joined += other.joined;
        self.refused += other.refused;
        self.requests += other.requests;
        self.changes += other.changes;
        self.restores += other.restores;
        self.expired += other.expired;
        self.tabs += other.tabs;
        self.minutes += other.minutes;
    }
}

/// A seller who had to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dismissed {
    /// When, by the server's clock.
    pub(crate) at: protocol::Instant,
}

/// Everything.
pub(crate) struct World {
    pub(crate) now: Millis,
    pub(crate) dice: Dice,
    pub(crate) agenda: Agenda<Happening>,
    pub(crate) trace: Trace,
    pub(crate) checkers: Checkers,
    pub(crate) figures: Figures,
    /// Things go wrong.
    pub(crate) stormy: bool,

    pub(crate) users: Vec<User>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) businesses: Vec<BusinessId>,
    pub(crate) known: BTreeMap<(BusinessId, Entity), Vec<RecordId>>,
    pub(crate) ids_made: u64,
    /// The present shift's end.
    pub(crate) shift_ends_at: Millis,
    /// How long and how dense all is.
    pub(crate) pace: Pace,
    /// The longest time between two doings of one person, in this shift.
    pub(crate) pace_ms: u64,

    pub(crate) edge: Edge,
    /// Who waits, beside the one who asked, for an answer of the origin on a page of the feed.
    pub(crate) flights: BTreeMap<(BusinessId, String), Vec<Exchange>>,
    pub(crate) app_min: u32,
    /// The origin answers nobody.
    pub(crate) origin_down_until: Millis,

    pub(crate) tables: MemoryTables,
    pub(crate) weather: Weather,
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) tasks_made: u64,
    pub(crate) stream: Stream,
    /// When it was made; all tables, and a moment earlier the receipts: they are backed up one by one.
    pub(crate) backup: Option<(Millis, Snapshot)>,
    /// When the tables were last put back.
    pub(crate) restored_at: Option<Millis>,
    /// The receipts of a backup that is being made.
    pub(crate) receipts: Option<Snapshot>,
    /// Restored, and not every head stands in its new epoch yet.
    pub(crate) maintenance: bool,
    /// Sellers who had to go.
    pub(crate) dismissed: BTreeMap<engine::Account, Dismissed>,
    /// The epochs that the rebuilds after a restore must leave behind.
    pub(crate) epochs_before: Vec<u64>,
}

impl World {
    /// Lets everything happen that is due by `until`.
    pub(crate) fn run_until(&mut self, until: Millis) {
        while self.checkers.violation().is_none() {
            let Some((at, happening)) = self.agenda.next(until) else { break };
            self.set_time(at);
            self.figures.happenings += 1;
            self.happen(*happening);
            if let Some(violation) = self.checkers.violation() {
                let what = format!("VIOLATION {violation:?}");
                self.trace.tell(self.now, || what);
            }
            if self.figures.happenings > HAPPENINGS_MAX {
                self.checkers.accuse("bounded", "the world never comes to rest".to_owned());
            }
        }
        self.set_time(until.max(self.now));
    }

    fn set_time(&mut self, now: Millis) {
        self.now = now;
        let millis = i64::try_from(now).expect("years, not ages");
        self.clock.store(EPOCH_MS + millis, Relaxed);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tell { tab, life, event } => self.deliver(tab, life, event),
            Happening::Store { tab, life, effect } => self.store(tab, life, effect),
            Happening::Timer { tab, life, at } => self.timer(tab, life, at),
            Happening::Arrive(exchange) => self.arrive(exchange),
            Happening::Reply { exchange, result } => self.reply(&exchange, result),
            Happening::Poll(task) => self.poll(task),
            Happening::Consume(shard) => self.consume(shard),
            Happening::Act { tab, life } => self.act(tab, life),
            Happening::Wake { tab, life } => self.wake_again(tab, life),
            Happening::Befall => self.befall(),
            Happening::BackUp => self.finish_backup(),
            Happening::Repair { every } => self.repair(every),
            Happening::Rebuild(business) => self.rebuild(&business),
        }
    }

    /// An event for a tab in a while.
    pub(crate) fn tell_later(&mut self, tab: usize, delay_ms: u64, event: Event) {
        let life = self.tabs[tab].life;
        self.agenda.put(self.now + delay_ms, Happening::Tell { tab, life, event });
    }

    /// An answer to an effect of a tab's engine, in a while.
    pub(crate) fn answer_later(
        &mut self,
        exchange: &Exchange,
        delay_ms: u64,
        result: Result<engine::Answer, engine::TransportFault>,
    ) {
        let (tab, life) = (exchange.tab, exchange.life);
        let effect: EffectId = exchange.effect;
        let event = Event::Answered { effect, result };
        self.agenda.put(self.now + delay_ms, Happening::Tell { tab, life, event });
    }

    /// One in `count`, while things go wrong.
    pub(crate) fn ill(&mut self, count: u64) -> bool {
        self.stormy && self.dice.one_in((count / self.pace.illness).max(2))
    }
}

/// More than this in one schedule means that something runs in circles.
const HAPPENINGS_MAX: u64 = 400_000;
