//! The shell that every tab would have in a browser: performs the engine's effects, or dies before.

use engine::{Account, Command, Effect, Event, RefreshFault, RowWrite, StorageFault, Ticket};

use crate::network::Exchange;
use crate::phone::{Asked, Login};
use crate::world::{Happening, World};

impl World {
    /// Opens a tab for whoever is at work on its phone.
    pub(crate) fn open(&mut self, tab: usize) {
        let now = self.now;
        self.tabs[tab].start(now);
        self.trace.note(now, &format!("open {tab}"));
        let online = self.profiles[self.tabs[tab].profile].offline_until <= now;
        if !online {
            self.tell(tab, Event::NetworkChanged { online });
        }
        self.sign_in(tab);
    }

    /// Tells a tab who is at work.
    pub(crate) fn sign_in(&mut self, tab: usize) {
        let profile = &self.profiles[self.tabs[tab].profile];
        let role = profile.logins.get(&profile.at_work).and_then(|login| login.role);
        let signed_in = self.users[profile.at_work].signed_in(&profile.device, role);
        self.tabs[tab].fresh_at = self.now;
        self.tell(tab, Event::SignedIn(signed_in));
    }

    /// The tab is closed, its battery is dead, or the browser killed it.
    pub(crate) fn kill(&mut self, tab: usize) {
        self.trace.note(self.now, &format!("kill {tab}"));
        self.tabs[tab].kill();
        let profile = self.tabs[tab].profile;
        if self.profiles[profile].lock.is_some_and(|(holder, _)| holder == tab) {
            self.profiles[profile].lock = None;
        }
    }

    pub(crate) fn deliver(&mut self, tab: usize, life: u64, event: Event) {
        if self.tabs[tab].life != life {
            return;
        }
        if self.tabs[tab].frozen {
            self.tabs[tab].held.push(event);
        } else {
            self.tell(tab, event);
        }
    }

    pub(crate) fn timer(&mut self, tab: usize, life: u64, at: engine::Elapsed) {
        let ours = &mut self.tabs[tab];
        if ours.life != life || ours.timer != Some(at) {
            return;
        }
        ours.timer = None;
        if ours.frozen {
            ours.missed_timer = true;
        } else {
            self.tell(tab, Event::TimerFired);
        }
    }

    /// Hands an event to the engine and performs what it asks, unless the tab dies on the way.
    pub(crate) fn tell(&mut self, tab: usize, event: Event) {
        let random = self.dice.roll();
        let (now, profile) = (self.now, self.tabs[tab].profile);
        let skew_ms = self.profiles[profile].skew_ms;
        let moment = self.tabs[tab].moment(now, skew_ms, random);
        let Some(engine) = &mut self.tabs[tab].engine else { return };
        self.trace.tell(now, || format!("tab {tab} hears {}", brief(&event)));
        let is_durable = matches!(event, Event::Committed { .. });
        let effects = engine.handle(event, moment);
        self.trace.count(now, tab, effects.len());
        let life = self.tabs[tab].life;
        self.checkers.bounded.note_event(tab, effects.len(), now);
        let dies_at = if self.ill(3_000) { self.dice.place(effects.len() + 1) } else { usize::MAX };
        for (place, effect) in effects.into_iter().enumerate() {
            if place == dies_at {
                self.kill(tab);
                let delay_ms = self.dice.between(100, 60_000);
                let life = self.tabs[tab].life;
                self.agenda.put(now + delay_ms, Happening::Act { tab, life });
                return;
            }
            self.perform(tab, effect);
            if self.tabs[tab].life != life {
                return;
            }
        }
        self.check_word(tab);
        if is_durable {
            self.check_screen(tab);
        }
    }

    fn perform(&mut self, tab: usize, effect: Effect) {
        let (now, life, profile) = (self.now, self.tabs[tab].life, self.tabs[tab].profile);
        match effect {
            Effect::Read { .. } | Effect::Commit { .. } => {
                let slow = if self.ill(20) { 2_000 } else { 4 };
                let at = now + self.dice.between(1, slow);
                self.agenda.put(at, Happening::Store { tab, life, effect });
            }
            Effect::Send { effect, account, request } => {
                if let (Some(body), Some(engine)) = (&request.body, &self.tabs[tab].engine)
                    && let Err(what) = crate::checkers::order::batch(engine, body)
                {
                    self.checkers.accuse("order", format!("tab {tab}: {what}"));
                }
                let user = self.person(&account);
                self.send(Exchange { tab, life, effect, request, user });
            }
            Effect::AcquireLock { effect } => {
                let free = self.profiles[profile].lock.is_none();
                // A lock may be lost, or stolen: correctness must not depend on it.
                let granted = free || self.ill(4);
                if granted {
                    self.profiles[profile].lock = Some((tab, life));
                }
                self.tell_later(tab, 1, Event::LockAnswered { effect, granted });
            }
            Effect::ReleaseLock => {
                if self.profiles[profile].lock == Some((tab, life)) {
                    self.profiles[profile].lock = None;
                }
            }
            Effect::RefreshLogin { effect, account } => {
                let user = self.person(&account);
                let result = self.refresh(profile, user);
                let delay_ms = self.dice.between(20, 400);
                self.tell_later(tab, delay_ms, Event::LoginAnswered { effect, result });
            }
            Effect::SetTimer(at) => {
                self.tabs[tab].timer = Some(at);
                let due = (self.tabs[tab].born_at + at.0).saturating_sub(1).max(now + 1);
                self.agenda.put(due, Happening::Timer { tab, life, at });
            }
            Effect::Answer { ticket: Ticket(ticket), result } => {
                self.command_answered(tab, ticket, result);
            }
            Effect::Notify(view) => self.tabs[tab].view = Some(*view),
            Effect::Announce { operations, .. } => {
                for other in 0..self.tabs.len() {
                    if other != tab && self.tabs[other].profile == profile {
                        let delay_ms = self.dice.between(1, 30);
                        let operations = operations.clone();
                        self.tell_later(other, delay_ms, Event::OtherTabWrote { operations });
                    }
                }
            }
            Effect::UpdateApp => {
                // The person consents in a while, and the tab starts anew.
                self.tabs[tab].app = self.app_min;
                self.kill(tab);
                let life = self.tabs[tab].life;
                let at = now + self.dice.between(1_000, 20_000);
                self.agenda.put(at, Happening::Act { tab, life });
            }
            Effect::Abort(_) | Effect::PublishCursor { .. } => {}
        }
    }

    /// A token belongs to an account: a tab that slept while another signed somebody else in must
    /// not use his.
    fn person(&self, account: &Account) -> usize {
        let found = self.users.iter().position(|user| user.account == *account);
        found.expect("only people of this world sign in")
    }

    fn refresh(&mut self, profile: usize, user: usize) -> Result<protocol::Role, RefreshFault> {
        let now = self.now;
        if self.profiles[profile].offline_until > now || self.ill(10) {
            return Err(RefreshFault::Unreachable);
        }
        // A dismissed seller's login lives as long as his queue may need it.
        let dismissed = self.dismissed.contains_key(&self.users[user].account);
        let revoked = self.ill(20) && !dismissed;
        let login = self.profiles[profile].logins.entry(user).or_default();
        login.revoked |= revoked;
        if login.revoked {
            return Err(RefreshFault::Refused);
        }
        login.good_until = now + TOKEN_MS;
        login.role = dismissed.then_some(protocol::Role::Saliente);
        Ok(login.role.unwrap_or(self.users[user].role))
    }

    /// The password was given.
    pub(crate) fn log_in(&mut self, profile: usize, user: usize) {
        let good_until = self.now + TOKEN_MS;
        let dismissed = self.dismissed.contains_key(&self.users[user].account);
        let role = dismissed.then_some(protocol::Role::Saliente);
        let phone = &mut self.profiles[profile];
        phone.logins.insert(user, Login { good_until, revoked: false, role });
        let is_another = std::mem::replace(&mut phone.at_work, user) != user;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].profile != profile {
                continue;
            }
            if is_another {
                self.tabs[tab].form = None;
            }
            if self.tabs[tab].is_awake() {
                self.sign_in(tab);
            }
        }
    }

    /// The database does its work, at a moment of its own.
    pub(crate) fn store(&mut self, tab: usize, life: u64, effect: Effect) {
        if self.tabs[tab].life != life {
            return;
        }
        let (now, profile) = (self.now, self.tabs[tab].profile);
        let event = match effect {
            Effect::Read { effect, query } => {
                let fault = self.ill(400).then_some(StorageFault::Aborted);
                let rows = self.profiles[profile].store.read(&query);
                Event::Read { effect, result: fault.map_or(Ok(rows), Err) }
            }
            Effect::Commit { effect, transaction } => {
                let phone = &self.profiles[profile];
                let full = (phone.full_from..phone.full_until).contains(&now);
                let result = match if full {
                    0
                } else if self.ill(150) {
                    1 + self.dice.below(3)
                } else {
                    9
                } {
                    0 => Err(StorageFault::QuotaExceeded),
                    1 => Err(StorageFault::Aborted),
                    // It was written, and nobody knows.
                    2 => self.commit(tab, &transaction).and(Err(StorageFault::Aborted)),
                    _ => self.commit(tab, &transaction),
                };
                if matches!(result, Err(StorageFault::QuotaExceeded | StorageFault::Aborted)) {
                    self.checkers.bounded.note_failed_commit(tab, now);
                }
                Event::Committed { effect, result }
            }
            _ => return,
        };
        let delay_ms = self.dice.between(1, 3);
        self.tell_later(tab, delay_ms, event);
    }

    fn commit(
        &mut self,
        tab: usize,
        transaction: &engine::Transaction,
    ) -> Result<engine::Committed, StorageFault> {
        let (now, place) = (self.now, self.tabs[tab].profile);
        let phone = &mut self.profiles[place];
        let committed = phone.store.commit(transaction.clone())?;
        self.trace
            .tell(now, || format!("tab {tab} stores {}", cut(format!("{:?}", transaction.writes))));
        let mut asked = self.tabs[tab].asked.values();
        let takes_back = asked.any(|asked| matches!(asked, Asked::TakeBack(_)));
        for write in &transaction.writes {
            match write {
                RowWrite::Enqueue(operation) | RowWrite::PutOperation(operation) => {
                    phone.note_open(operation, now);
                    self.checkers.typed.note_row(operation);
                    self.checkers.overlay.note(tab, self.tabs[tab].life, operation);
                }
                RowWrite::RemoveOperation(id) if takes_back => {
                    phone.open.remove(id);
                    self.checkers.saved.take_back(place, id);
                }
                RowWrite::RemoveOperation(id) => {
                    let what = format!("tab {tab} removed {id} although nobody asked for it");
                    self.checkers.accuse("saved", what);
                }
                // Restored tables know less than phones and edge until their feed begins anew.
                RowWrite::PutSync { .. } if self.maintenance => {}
                RowWrite::PutSync { business, state } => {
                    let what = (business, &**state);
                    if let Err(what) = crate::checkers::digest::check(&self.tables, what) {
                        self.checkers.accuse("digest", format!("tab {tab}: {what}"));
                    }
                }
                RowWrite::PutRecord { business, record, .. } => {
                    if let Err(what) = crate::checkers::isolation::record(business, record) {
                        self.checkers.accuse("isolation", format!("tab {tab}: {what}"));
                    }
                }
                RowWrite::ForgetProcessed { .. } | RowWrite::KeepGenerations { .. } => {}
            }
        }
        Ok(committed)
    }

    /// Gives a command.
    pub(crate) fn command(&mut self, tab: usize, command: Command) {
        let asked = match &command {
            Command::Enqueue(new) => Asked::Save(new.id.clone()),
            Command::Cancel { operation, .. }
            | Command::Discard { operation }
            | Command::Correct { operation, .. } => Asked::TakeBack(operation.clone()),
            Command::Edit { .. } | Command::Retry { .. } | Command::PutBack { .. } => Asked::Change,
        };
        self.checkers.typed.note(&command);
        self.ids_made += 1;
        let ticket = self.ids_made;
        self.trace.tell(self.now, || format!("tab {tab} asks {ticket}: {command:?}"));
        self.tabs[tab].asked.insert(ticket, asked);
        self.tell(tab, Event::Commanded { ticket: Ticket(ticket), command });
    }

    fn command_answered(
        &mut self,
        tab: usize,
        ticket: u64,
        result: Result<engine::Saved, engine::CommandRefused>,
    ) {
        let asked = self.tabs[tab].asked.remove(&ticket);
        match result {
            Ok(saved) => {
                self.figures.saved += 1;
                let place = self.tabs[tab].profile;
                if let (Some(Asked::Save(asked)), Some(id)) = (&asked, &saved.0)
                    && asked != id
                {
                    self.figures.joined += 1;
                    let stored = self.profiles[place].store.operation(id);
                    if stored.is_some_and(|one| !one.joined.contains(asked)) {
                        let what = format!("{asked} was said to be part of {id}, and is not");
                        self.checkers.accuse("saved", what);
                    }
                }
                self.trace.note(self.now, "saved");
                if let Some(id) = saved.0
                    && let Err(what) =
                        self.checkers.saved.promise(place, &id, &self.profiles[place])
                {
                    self.checkers.accuse("saved", what);
                }
            }
            Err(why) => {
                self.figures.refused += 1;
                self.trace.note(self.now, &format!("refused {why}"));
            }
        }
    }
}

fn brief(event: &Event) -> String {
    cut(format!("{event:?}"))
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(400) {
        text.truncate(end);
    }
    text
}

/// An access token's life.
const TOKEN_MS: u64 = 3_600_000;
