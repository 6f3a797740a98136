//! The functions' side of the world: invocations that go on step by step and may die between any
//! two, the stream and its consumers, repair, rebuild and restore.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use protocol::BusinessId;
use store::feed::Head;
use store::record_changes::{Report, Scope};
use store::tables::Table;

use crate::agenda::Millis;
use crate::cloud::{CloudSurroundings, CloudTables};
use crate::functions::{self, Done, Invocation, OriginAnswer};
use crate::network::Exchange;
use crate::phone::{EPOCH_MS, wall};
use crate::world::{Happening, World};

/// Names an invocation.
pub(crate) type TaskId = u64;

/// An invocation under way.
pub(crate) struct Task {
    began: Millis,
    future: Invocation,
    alarm: Arc<AtomicI64>,
    then: Then,
}

/// What an invocation is for.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// A phone waits.
    Answer(Exchange),
    /// So many entries of a shard's head.
    Consume { shard: usize, count: usize },
    /// The same entries once more, at the same time: nobody listens.
    Ghost,
    /// A repair.
    Repair { every: bool },
    /// A rebuild.
    Rebuild(BusinessId),
    /// Somebody wrote online; nobody of ours waits.
    Online,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("then", &self.then).finish_non_exhaustive()
    }
}

impl World {
    /// What an invocation is lent.
    pub(crate) fn invocation(&mut self) -> (CloudTables, CloudSurroundings, Arc<AtomicI64>) {
        let alarm = Arc::new(AtomicI64::new(0));
        let tables = self.tables.with_seed(self.dice.roll());
        let tables = CloudTables::new(&tables, &self.weather);
        let surroundings = CloudSurroundings::new(&self.clock, self.dice.roll(), &alarm);
        (tables, surroundings, alarm)
    }

    pub(crate) fn spawn(&mut self, future: Invocation, alarm: Arc<AtomicI64>, then: Then) {
        self.tasks_made += 1;
        let id = self.tasks_made;
        self.tasks.insert(id, Task { began: self.now, future, alarm, then });
        let at = self.now + self.dice.between(1, 10);
        self.agenda.put(at, Happening::Poll(id));
    }

    pub(crate) fn poll(&mut self, id: TaskId) {
        let Some(mut task) = self.tasks.remove(&id) else { return };
        if self.ill(300) {
            self.trace.note(self.now, "an invocation dies");
            return self.died(task.then);
        }
        let mut context = Context::from_waker(Waker::noop());
        let polled = task.future.as_mut().poll(&mut context);
        self.pump(task.began);
        match polled {
            Poll::Ready(done) => self.done(task.then, done),
            Poll::Pending => {
                let soon = self.now + self.dice.between(1, 6);
                let alarm = task.alarm.swap(0, Relaxed) - EPOCH_MS;
                let at = soon.max(Millis::try_from(alarm).unwrap_or_default());
                self.tasks.insert(id, task);
                self.agenda.put(at, Happening::Poll(id));
            }
        }
    }

    fn done(&mut self, then: Then, done: Done) {
        match (then, done) {
            (Then::Answer(exchange), Done::Answered(answer)) => {
                self.origin_answered(exchange, answer);
            }
            (Then::Consume { shard, count }, Done::Consumed(report)) => {
                self.consumed(shard, count, &report);
            }
            (Then::Repair { every }, Done::Mended(false)) => {
                self.agenda.put(self.now + 30_000, Happening::Repair { every });
            }
            (Then::Rebuild(business), Done::Mended(whole)) => {
                self.note_new_epochs();
                if !whole {
                    self.agenda.put(self.now + 2_000, Happening::Rebuild(business));
                }
            }
            _ => {}
        }
    }

    fn died(&mut self, then: Then) {
        match then {
            Then::Answer(exchange) => {
                let body = r#"{"message":"Internal Server Error"}"#.to_owned();
                let answer = OriginAnswer { status: 500, body, retry_after: None, kind: None };
                self.origin_answered(exchange, answer);
            }
            Then::Consume { shard, count } => {
                let shard_now = self.stream.shard(shard);
                shard_now.busy = false;
                if shard_now.fail(count) {
                    self.agenda.put(self.now + 5_000, Happening::Repair { every: true });
                }
                self.agenda.put(self.now + 500, Happening::Consume(shard));
            }
            Then::Repair { every } => {
                self.agenda.put(self.now + 30_000, Happening::Repair { every });
            }
            Then::Rebuild(business) => {
                self.note_new_epochs();
                self.agenda.put(self.now + 2_000, Happening::Rebuild(business));
            }
            Then::Ghost | Then::Online => {}
        }
    }

    /// Takes what was written out of the table's stream.
    pub(crate) fn pump(&mut self, began: Millis) {
        if self.tables.stream_end() == self.stream.read_until {
            return;
        }
        let began = wall(began, 0);
        for entry in self.tables.stream(self.stream.read_until) {
            if let Err(what) = self.checkers.once.note_write(&entry) {
                self.checkers.accuse("once", what);
            }
            if let Err(what) = crate::checkers::money::record(&entry) {
                self.checkers.accuse("money", what);
            }
            if let Err(what) = crate::checkers::closings::as_signed(&entry) {
                self.checkers.accuse("closings", what);
            }
            if let Err(what) = crate::checkers::departed::write(&self.dismissed, &entry, began) {
                self.checkers.accuse("departed", what);
            }
            if let Err(what) = self.checkers.typed.check(&entry) {
                self.checkers.accuse("money", what);
            }
            let shard = self.stream.add(entry);
            let late = if self.ill(12) { 40_000 } else { 250 };
            let at = self.now + self.dice.between(20, late);
            self.agenda.put(at, Happening::Consume(shard));
        }
        self.tables.trim_stream(self.stream.read_until);
    }

    pub(crate) fn consume(&mut self, shard: usize) {
        let limit = if self.ill(5) { self.dice.place(4) + 1 } else { 100 };
        let ours = self.stream.shard(shard);
        if ours.busy || ours.waiting.is_empty() {
            return;
        }
        let records = ours.batch(limit);
        ours.busy = true;
        let count = records.len();
        if self.ill(15) {
            let (tables, surroundings, alarm) = self.invocation();
            let again = functions::consume(tables, surroundings, records.clone());
            self.spawn(again, alarm, Then::Ghost);
        }
        let (tables, surroundings, alarm) = self.invocation();
        let future = functions::consume(tables, surroundings, records);
        self.spawn(future, alarm, Then::Consume { shard, count });
    }

    fn consumed(&mut self, shard: usize, count: usize, report: &Report) {
        let lowest = report.failed.iter().min_by_key(|one| one.parse::<u64>().unwrap_or_default());
        let ours = self.stream.shard(shard);
        ours.busy = false;
        ours.confirm(count, lowest.map(String::as_str));
        let given_up = ours.give_up();
        let more = !ours.waiting.is_empty();
        if given_up || !report.marked.is_empty() {
            self.agenda.put(self.now + 5_000, Happening::Repair { every: true });
        }
        // A batch that was whole may have been delivered, and is delivered again.
        if more {
            self.agenda.put(self.now + 200, Happening::Consume(shard));
        }
    }

    pub(crate) fn repair(&mut self, every: bool) {
        if self.maintenance {
            return self.agenda.put(self.now + 10_000, Happening::Repair { every });
        }
        let scope = if every { Scope::Every } else { Scope::Marked };
        let (tables, surroundings, alarm) = self.invocation();
        let future = functions::mend(tables, surroundings, scope);
        self.spawn(future, alarm, Then::Repair { every });
    }

    pub(crate) fn rebuild(&mut self, business: &BusinessId) {
        let (tables, surroundings, alarm) = self.invocation();
        let future = functions::begin_anew(tables, surroundings, business.clone());
        self.spawn(future, alarm, Then::Rebuild(business.clone()));
    }

    /// A backup takes the receipts first: what a record says that it has taken in is never missing
    /// from it, though its receipt may be.
    pub(crate) fn begin_backup(&mut self) {
        self.receipts = Some(self.tables.snapshot());
        let at = self.now + self.dice.between(1, 9_000);
        self.agenda.put(at, Happening::BackUp);
    }

    pub(crate) fn finish_backup(&mut self) {
        if let Some(receipts) = self.receipts.take() {
            let tables = self.tables.snapshot().with(Table::Operations, &receipts);
            self.backup = Some((self.now, tables));
        }
    }

    /// The tables go back to an earlier instant, of which backups are kept. Whatever was under way was
    /// in another table. Nobody restores twice in the time that one restore takes.
    pub(crate) fn restore(&mut self) {
        let is_soon = self.restored_at.is_some_and(|at| self.now < at + RESTORE_MS);
        let kept = self.backup.as_ref().filter(|(made, _)| self.now <= made + BACKUP_KEPT_MS);
        let Some((_, backup)) = kept.filter(|_| !is_soon).cloned() else { return };
        self.restored_at = Some(self.now);
        self.trace.note(self.now, "restore");
        self.figures.restores += 1;
        self.tasks.clear();
        self.agenda.drop_those(|happening| {
            matches!(happening, Happening::Poll(_) | Happening::Consume(_) | Happening::Arrive(_))
        });
        self.flights.clear();
        self.receipts = None;
        self.stream.clear();
        let before = self.epochs();
        self.tables.restore(&backup);
        self.checkers.once.restore(&self.tables);
        self.checkers.unknown.restore();
        self.epochs_before = before;
        self.maintenance = true;
        for business in self.businesses.clone() {
            self.rebuild(&business);
        }
    }

    /// Traffic is let in again once every head stands in its new epoch.
    fn note_new_epochs(&mut self) {
        let all_new = self.epochs().iter().zip(&self.epochs_before).all(|(new, old)| new > old);
        if all_new {
            self.maintenance = false;
        }
    }

    fn epochs(&self) -> Vec<u64> {
        let heads = self.businesses.iter().map(|business| self.head(business));
        heads.map(|head| head.map_or(0, |head| head.epoch.0)).collect()
    }

    /// The head of a feed as it is stored.
    pub(crate) fn head(&self, business: &BusinessId) -> Option<Head> {
        Head::from_item(self.tables.peek(&Head::key(business))?).ok()
    }
}

/// From one restore to the next, at the least. A rebuild's mark of that long ago is not resumed, and
/// no two functions' clocks are as far apart.
const RESTORE_MS: Millis = 20 * 60 * 1_000;

/// The tables' point-in-time recovery reaches back 35 days.
const BACKUP_KEPT_MS: Millis = 35 * 86_400_000;
