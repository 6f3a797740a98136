//! The order of a day, all of it by seed: shifts of work with everything going wrong, nights
//! between them, and at last quiet, in which all must come right.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use engine::memory::MemoryStore;
use engine::{Account, Event};
use protocol::{BusinessId, Epoch, Role};
use serde_json::json;
use store::feed::new_feed;
use store::memory::MemoryTables;
use store::tables::{Condition, Table, Tables, Write};

use crate::agenda::Agenda;
use crate::checkers::Checkers;
use crate::cloud::Weather;
use crate::dice::Dice;
use crate::edge::Edge;
use crate::pace::Pace;
use crate::phone::{EPOCH_MS, Login, Profile, Tab, User};
use crate::stream::Stream;
use crate::trace::Trace;
use crate::world::{Figures, Happening, Outcome, World};

/// Lives through the schedule of `seed`; with `told`, keeps the story.
pub fn run(seed: u64, told: bool) -> Outcome {
    let mut world = World::new(seed, told);
    world.open_shop();
    let shifts = world.dice.between(1, world.pace.shifts_max);
    for shift in 0..shifts {
        world.shift(shift);
        if shift + 1 < shifts && world.checkers.violation().is_none() {
            world.night();
        }
    }
    world.quiet();
    world.last_check();
    world.outcome()
}

impl World {
    fn new(seed: u64, told: bool) -> Self {
        let mut dice = Dice::new(seed);
        let pace = Pace::of(&mut dice);
        let shards = dice.place(3) + 1;
        Self {
            now: 0,
            weather: Weather::new(dice.roll()),
            agenda: Agenda::default(),
            trace: if told { Trace::told() } else { Trace::default() },
            checkers: Checkers::default(),
            figures: Figures::default(),
            stormy: true,
            users: Vec::new(),
            profiles: Vec::new(),
            tabs: Vec::new(),
            businesses: Vec::new(),
            known: BTreeMap::new(),
            ids_made: 0,
            shift_ends_at: 0,
            pace,
            pace_ms: 20_000,
            edge: Edge::default(),
            flights: BTreeMap::new(),
            app_min: 1,
            origin_down_until: 0,
            tables: MemoryTables::new(),
            clock: Arc::new(AtomicI64::new(EPOCH_MS)),
            tasks: BTreeMap::new(),
            tasks_made: 0,
            stream: Stream::new(shards),
            backup: None,
            restored_at: None,
            receipts: None,
            maintenance: false,
            dismissed: BTreeMap::new(),
            epochs_before: Vec::new(),
            dice,
        }
    }

    /// Businesses, people, phones, tabs.
    fn open_shop(&mut self) {
        let businesses = if self.dice.one_in(4) { 2 } else { 1 };
        for number in 1..=businesses {
            let business: BusinessId = format!("b-{number}").parse().expect("an id");
            self.businesses.push(business.clone());
            let epoch = Epoch(u64::try_from(EPOCH_MS / 1000).expect("after 1970"));
            for write in new_feed(&business, epoch) {
                self.put(&write);
            }
            let sellers = self.dice.between(1, 3);
            for person in 0..=sellers {
                let role = if person == 0 { Role::AdminNegocio } else { Role::Vendedor };
                let user = format!("u-{number}-{person}").parse().expect("an id");
                let account = Account { business: business.clone(), user };
                self.hire(User { account, role });
            }
        }
        let phones =
            if self.dice.one_in(10) { self.dice.between(4, 6) } else { self.dice.between(1, 3) };
        for number in 0..phones {
            if self.tabs.len() < TABS_MAX {
                self.buy_phone(number);
            }
        }
        self.figures.tabs = self.tabs.len() as u64;
    }

    fn hire(&mut self, user: User) {
        let sender = user.sender(user.role);
        let mut item = sender.key().to_item();
        item.insert("active".to_owned(), json!(true));
        item.insert("role".to_owned(), json!(user.role));
        self.put(&Write::Put { table: Table::Accounts, item, condition: Condition::None });
        if let Some(key) = sender.session_key() {
            let mut item = key.to_item();
            item.insert("expiresAt".to_owned(), json!(i64::MAX));
            self.put(&Write::Put { table: Table::Accounts, item, condition: Condition::None });
        }
        self.users.push(user);
    }

    pub(crate) fn put(&self, write: &Write) {
        let mut writing = std::pin::pin!(self.tables.write(write));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let polled = writing.as_mut().poll(&mut context);
        assert!(matches!(polled, std::task::Poll::Ready(Ok(()))), "memory never waits");
    }

    fn buy_phone(&mut self, number: u64) {
        let first = self.dice.place(self.users.len());
        let mut users = vec![first];
        if self.dice.one_in(3) {
            let second = self.dice.place(self.users.len());
            users.extend(Some(second).filter(|second| *second != first));
        }
        let skew_ms = match self.dice.below(6) {
            0 => 3_600_000,
            1 => -3_600_000 * 30,
            _ => 0,
        };
        let profile = self.profiles.len();
        let login = Login { good_until: 3_600_000, revoked: false, role: None };
        self.profiles.push(Profile {
            store: MemoryStore::default(),
            device: format!("cart-{number}").parse().expect("an id"),
            logins: users.iter().map(|user| (*user, login)).collect(),
            at_work: first,
            users,
            lock: None,
            skew_ms,
            full_from: 0,
            full_until: 0,
            offline_until: 0,
            open: BTreeMap::new(),
        });
        let tabs = if self.dice.one_in(3) { 2 } else { 1 };
        for _ in 0..tabs {
            if self.tabs.len() < TABS_MAX {
                self.tabs.push(Tab::closed(profile));
            }
        }
    }

    /// Some minutes of work.
    fn shift(&mut self, number: u64) {
        if self.checkers.violation().is_some() {
            return;
        }
        self.weather.set([0, 60, 25, 12][self.dice.place(4)]);
        self.pace_ms = self.pace.act_ms_max[self.dice.place(3)];
        let length_ms = self.dice.between(self.pace.shift_ms.0, self.pace.shift_ms.1);
        self.shift_ends_at = self.now + length_ms;
        self.import_customers();
        for tab in 0..self.tabs.len() {
            if number > 0 && self.dice.one_in(5) {
                continue; // He is late, or ill.
            }
            self.wake(tab);
            let life = self.tabs[tab].life;
            let at = self.now + self.dice.between(10, 5_000);
            self.agenda.put(at, Happening::Act { tab, life });
        }
        let (soonest, latest) = self.pace.misfortune_ms;
        let at = self.now + self.dice.between(soonest, latest);
        self.agenda.put(at, Happening::Befall);
        self.run_until(self.shift_ends_at);
    }

    pub(crate) fn wake(&mut self, tab: usize) {
        self.tabs[tab].frozen = false;
        if self.tabs[tab].engine.is_none() {
            return self.open(tab);
        }
        self.tabs[tab].awake_since = self.now;
        self.sign_in(tab);
        for event in std::mem::take(&mut self.tabs[tab].held) {
            let delay_ms = self.dice.between(1, 50);
            self.tell_later(tab, delay_ms, event);
        }
        if std::mem::take(&mut self.tabs[tab].missed_timer) {
            self.tell_later(tab, 1, Event::TimerFired);
        }
    }

    /// Phones sleep or are closed; hours or days go by.
    fn night(&mut self) {
        for tab in 0..self.tabs.len() {
            if self.dice.one_in(2) {
                self.kill(tab);
            } else {
                self.tabs[tab].frozen = true;
            }
        }
        let room = self.profiles.len() < PHONES_MAX && self.tabs.len() < TABS_MAX;
        if room && self.dismissed.is_empty() && self.dice.one_in(6) {
            self.clone_phone();
        }
        let is_month = self.pace.month_one_in.is_some_and(|count| self.dice.one_in(count));
        let hours = if is_month {
            self.dice.between(24 * 31, 24 * 40)
        } else if self.dice.one_in(4) {
            self.dice.between(24, 24 * 6)
        } else {
            self.dice.between(1, 12)
        };
        self.run_until(self.now + hours * 3_600_000);
        if is_month {
            // The nightly repair raises the floor past what is thirty days old.
            self.agenda.put(self.now + 1, Happening::Repair { every: true });
        }
        for profile in &mut self.profiles {
            if self.dice.one_in(8) {
                let jump_ms = i64::try_from(self.dice.below(6 * 86_400_000)).expect("days");
                profile.skew_ms += jump_ms - 3 * 86_400_000;
            }
        }
    }

    /// A new phone is set up from another's backup: the same database, the same device, another
    /// life from then on.
    fn clone_phone(&mut self) {
        let place = self.dice.place(self.profiles.len());
        self.trace.note(self.now, &format!("phone {place} is cloned"));
        let copy = Profile { lock: None, ..self.profiles[place].clone() };
        self.checkers.once.clone_phone(place, self.profiles.len());
        self.profiles.push(copy);
        self.tabs.push(Tab::closed(self.profiles.len() - 1));
    }

    /// A misfortune, and when the next one comes.
    pub(crate) fn befall(&mut self) {
        if !self.stormy || self.now > self.shift_ends_at {
            return;
        }
        let (soonest, latest) = self.pace.misfortune_ms;
        let at = self.now + self.dice.between(soonest, latest);
        self.agenda.put(at, Happening::Befall);
        let profile = self.dice.place(self.profiles.len());
        let tab = self.dice.place(self.tabs.len());
        let lasts_ms = self.dice.between(self.pace.lasts_ms.0, self.pace.lasts_ms.1);
        let until = self.now + lasts_ms;
        match self.dice.below(16) {
            0..3 => self.lose_network(profile, until),
            3 => self.fill_disk(profile, until),
            4 => self.kill_and_reopen(tab),
            5 => self.origin_down_until = until,
            6 => {
                let login = self.profiles[profile].at_work;
                self.profiles[profile].logins.entry(login).or_default().good_until = self.now;
            }
            7 => {
                let jump_ms = i64::try_from(self.dice.below(6 * 86_400_000)).expect("days");
                self.profiles[profile].skew_ms += jump_ms - 3 * 86_400_000;
            }
            8 => self.app_min += u32::from(self.dice.one_in(3)),
            9 | 13 | 14 => self.begin_backup(),
            10 if !self.maintenance && self.dismissed.is_empty() => self.restore(),
            11 => self.agenda.put(until, Happening::Repair { every: self.dice.one_in(2) }),
            12 => {
                self.tabs[tab].frozen = self.tabs[tab].engine.is_some();
                let life = self.tabs[tab].life;
                self.agenda.put(until, Happening::Wake { tab, life });
            }
            15 if self.dice.one_in(2) => self.dismiss(),
            _ => {}
        }
    }

    /// The disk is full for a while; sometimes when the network comes back, with a queue that waits.
    fn fill_disk(&mut self, profile: usize, until: u64) {
        self.profiles[profile].full_from = 0;
        if self.dice.one_in(2) {
            self.lose_network(profile, until);
            self.profiles[profile].full_from = until.saturating_sub(500);
        }
        self.profiles[profile].full_until = until + 20_000;
    }

    pub(crate) fn wake_again(&mut self, tab: usize, life: u64) {
        if self.tabs[tab].life == life && self.tabs[tab].frozen && self.now <= self.shift_ends_at {
            self.wake(tab);
            self.agenda.put(self.now + 100, Happening::Act { tab, life });
        }
    }

    fn kill_and_reopen(&mut self, tab: usize) {
        self.kill(tab);
        let life = self.tabs[tab].life;
        let at = self.now + self.dice.between(500, 90_000);
        self.agenda.put(at, Happening::Act { tab, life });
    }

    fn lose_network(&mut self, profile: usize, until: u64) {
        self.profiles[profile].offline_until = until;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].profile == profile {
                // The browser does not always notice.
                if self.dice.one_in(2) {
                    self.tell_later(tab, 10, Event::NetworkChanged { online: false });
                }
                let delay_ms = until - self.now + 10;
                self.tell_later(tab, delay_ms, Event::NetworkChanged { online: true });
            }
        }
    }

    fn outcome(mut self) -> Outcome {
        self.figures.changes =
            self.businesses.iter().filter_map(|one| self.head(one)).map(|head| head.number.0).sum();
        self.figures.minutes = self.now / 60_000;
        Outcome {
            trace: self.trace.hash(),
            lines: self.trace.lines().to_vec(),
            violation: self.checkers.take_violation(),
            figures: self.figures,
        }
    }
}

const TABS_MAX: usize = 8;
const PHONES_MAX: usize = 8;
