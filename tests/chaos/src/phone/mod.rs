//! A scripted phone: the real engine in a thread, its database on disk, its requests on the wire.
//!
//! Its clocks are arguments: they run [`SPEED`] times as fast as ours, each phone's calendar clock
//! wrong in its own way, so that a day's cycles and waits pass within a test.

pub(crate) mod http;
mod online;
mod shell;
mod work;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use engine::{
    Account, Command, EffectId, Elapsed, Engine, Event, Moment, QueueStatus, RefreshFault, Saved,
    SignedIn, StatusWord, Ticket, WaitingWhy,
};
use protocol::{BusinessId, DeviceId, Role, Session};

use crate::checks::Worked;
use crate::dice::Dice;
use crate::journal::Disk;
use crate::tally::Tally;

/// What a phone is made of.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) place: usize,
    pub(crate) seed: u64,
    pub(crate) email: String,
    pub(crate) session: Session,
    /// Where the network is.
    pub(crate) url: String,
    pub(crate) folder: PathBuf,
    /// Between two acts, on average.
    pub(crate) pace: Duration,
    pub(crate) tally: Arc<Tally>,
}

/// What the phone is told from outside, and from its own threads.
#[derive(Debug)]
pub(crate) enum Message {
    /// An answer for this life of the phone.
    Told(u64, Event),
    /// The login's answer; the new session is stored before the engine hears of it.
    Refreshed(u64, EffectId, Result<Box<Session>, RefreshFault>),
    /// The password was given; `None` where nobody answered.
    LoggedIn(u64, Option<Box<Session>>),
    /// No more work and no more mishaps from now on.
    Rest,
    /// Answer whether everything that can be sent is sent, and where the phone stands.
    Report(Sender<Standing>),
    /// The end: the database as it is now.
    Finish(Sender<Box<Worked>>),
}

/// Where a phone stands.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) business: BusinessId,
    /// Nothing is on its way, and what waits waits for something that failed.
    pub(crate) settled: bool,
    /// Whether it may still read: a dismissed seller's may not.
    pub(crate) reads: bool,
    /// Its cursor.
    pub(crate) cursor: Option<String>,
    /// What it shows, and what is in its queue.
    pub(crate) says: String,
}

/// A phone at work.
pub(crate) struct Phone {
    setup: Setup,
    account: Account,
    session: Session,
    /// The token was spoilt, as if it had ended.
    spoilt: bool,
    engine: Option<Engine>,
    disk: Disk,
    dice: Dice,
    life: u64,
    outbox: Sender<Message>,
    events: VecDeque<Event>,
    born: Instant,
    skew_ms: i64,
    timer: Option<Elapsed>,
    act_at: Instant,
    full_until: Instant,
    resting: bool,
    asked: Vec<(Ticket, Asked)>,
    made: u64,
    word: Option<StatusWord>,
}

/// A command that was given.
#[derive(Debug, Clone)]
enum Asked {
    Save,
    Other,
}

impl Phone {
    /// Runs one in a thread of its own; where to reach it.
    pub(crate) fn start(setup: Setup) -> Sender<Message> {
        let (outbox, inbox) = channel();
        let ours = outbox.clone();
        let name = format!("phone {}", setup.place);
        std::thread::Builder::new()
            .name(name)
            .spawn(move || Self::new(setup, ours).run(&inbox))
            .expect("a thread");
        outbox
    }

    fn new(setup: Setup, outbox: Sender<Message>) -> Self {
        let mut dice = Dice::new(setup.seed, setup.place as u64);
        let minutes = if dice.one_in(3) { dice.below(3 * 24 * 60) } else { dice.below(3) };
        let minutes = i64::try_from(minutes).unwrap_or(0);
        let session = setup.session.clone();
        let business = session.user.business_id.clone();
        let account = Account { business, user: session.user.id.clone() };
        let now = Instant::now();
        let mut phone = Self {
            disk: Disk::open(&setup.folder.join(format!("phone-{}", setup.place))),
            skew_ms: (if dice.one_in(2) { minutes } else { -minutes }) * 60_000,
            act_at: now + setup.pace,
            account,
            session,
            spoilt: false,
            engine: None,
            dice,
            life: 0,
            outbox,
            events: VecDeque::new(),
            born: now,
            timer: None,
            full_until: now,
            resting: false,
            asked: Vec::new(),
            made: 0,
            word: None,
            setup,
        };
        phone.store_session();
        phone.begin_life();
        phone
    }

    fn run(mut self, inbox: &Receiver<Message>) {
        loop {
            while let Some(event) = self.events.pop_front() {
                self.tell(event);
            }
            match inbox.recv_timeout(self.patience()) {
                Ok(Message::Finish(to)) => {
                    // Whoever asked may have given up.
                    let reads = self.reads();
                    let (business, disk) = (self.account.business, self.disk);
                    to.send(Box::new(Worked { business, disk, reads })).ok();
                    return;
                }
                Ok(message) => self.hear(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let due = self.timer.is_some_and(|at| self.elapsed() >= at);
            if due {
                self.timer = None;
                self.events.push_back(Event::TimerFired);
            }
            if !self.resting && Instant::now() >= self.act_at {
                self.act();
                let pace = u64::try_from(self.setup.pace.as_millis()).unwrap_or(1_000);
                self.act_at = Instant::now() + Duration::from_millis(self.dice.below(2 * pace));
            }
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Told(life, event) if life == self.life => self.events.push_back(event),
            Message::Refreshed(life, effect, result) if life == self.life => {
                let result = match result {
                    Ok(session) => Ok(self.take_session(*session)),
                    Err(fault) => {
                        if fault == RefreshFault::Refused {
                            self.refused();
                        }
                        Err(fault)
                    }
                };
                self.events.push_back(Event::LoginAnswered { effect, result });
            }
            Message::LoggedIn(life, session) if life == self.life => match session {
                Some(session) => {
                    self.take_session(*session);
                    self.events.push_back(Event::SignedIn(self.signed_in()));
                }
                None => self.log_in(),
            },
            Message::Rest => {
                self.resting = true;
                self.events.push_back(Event::NetworkChanged { online: true });
                self.events.push_back(Event::SyncAsked);
            }
            Message::Report(to) => {
                // Whoever asked may have given up.
                to.send(self.standing()).ok();
            }
            _ => {}
        }
    }

    /// A refresh token of ours was refused: nobody has ever used an old one after its successor.
    fn refused(&mut self) {
        let who = &self.setup.email;
        self.setup.tally.found(format!("the login of {who} was lost: its refresh was refused"));
        self.log_in();
    }

    fn log_in(&self) {
        let (url, email) = (self.setup.url.clone(), self.setup.email.clone());
        let (outbox, life) = (self.outbox.clone(), self.life);
        std::thread::spawn(move || {
            let session = http::log_in(&url, &email, PASSWORD).map(Box::new);
            // A phone that has gone does not hear it.
            outbox.send(Message::LoggedIn(life, session)).ok();
        });
    }

    fn take_session(&mut self, session: Session) -> Role {
        self.session = session;
        self.spoilt = false;
        self.store_session();
        self.session.user.role
    }

    fn reads(&self) -> bool {
        self.session.user.role != Role::Saliente
    }

    fn store_session(&self) {
        self.setup.tally.keep_secret(&self.session);
        let path = self.setup.folder.join(format!("session-{}", self.setup.place));
        let new = path.with_extension("new");
        let text = serde_json::to_string(&self.session).expect("a session is JSON");
        std::fs::write(&new, text).expect("the session is stored");
        std::fs::rename(new, path).expect("the session is stored");
    }

    fn signed_in(&self) -> SignedIn {
        let device: DeviceId = format!("device-{}", self.setup.place).parse().expect("an id");
        SignedIn { account: self.account.clone(), role: self.session.user.role, device }
    }

    fn begin_life(&mut self) {
        self.life += 1;
        self.engine = Some(Engine::default());
        self.events = VecDeque::from([Event::SignedIn(self.signed_in())]);
        self.timer = None;
        self.asked.clear();
        self.born = Instant::now();
    }

    /// The phone dies and starts again: what it had in memory is gone.
    fn die(&mut self) {
        self.setup.tally.count("fault phone killed");
        self.disk.reopen();
        let path = self.setup.folder.join(format!("session-{}", self.setup.place));
        let text = std::fs::read_to_string(path).expect("the session was stored");
        self.session = serde_json::from_str(&text).expect("the session was stored");
        self.begin_life();
    }

    fn elapsed(&self) -> Elapsed {
        let passed = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        Elapsed(passed.saturating_mul(SPEED) + 1)
    }

    fn moment(&mut self) -> Moment {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("past 1970");
        let now_ms = i64::try_from(now.as_millis()).expect("in range");
        let wall = protocol::Instant::from_millis(now_ms + self.skew_ms);
        Moment { wall, elapsed: self.elapsed(), random: self.dice.roll() }
    }

    fn patience(&self) -> Duration {
        let timer = self
            .timer
            .map_or(IDLE, |at| Duration::from_millis(at.since(self.elapsed()) / SPEED + 1));
        let act = self.act_at.saturating_duration_since(Instant::now());
        timer.min(if self.resting { IDLE } else { act }).min(IDLE)
    }

    fn command(&mut self, command: Command) {
        self.made += 1;
        let ticket = Ticket(self.made);
        let mut promises = self.setup.tally.promises();
        let asked = match &command {
            Command::Enqueue(_) => Asked::Save,
            Command::Cancel { operation, .. }
            | Command::Discard { operation }
            | Command::Correct { operation, .. } => {
                promises.taken_back.insert(operation.clone());
                Asked::Other
            }
            Command::Edit { .. } | Command::Retry { .. } | Command::PutBack { .. } => Asked::Other,
        };
        drop(promises);
        self.asked.push((ticket, asked));
        self.events.push_back(Event::Commanded { ticket, command });
    }

    fn answered(&mut self, ticket: Ticket, result: Result<Saved, engine::CommandRefused>) {
        let place = self.asked.iter().position(|(asked, _)| *asked == ticket);
        let Some((_, asked)) = place.map(|place| self.asked.swap_remove(place)) else { return };
        match (asked, result) {
            (Asked::Save, Ok(Saved(Some(id)))) => {
                self.setup.tally.count("operations saved");
                self.setup.tally.promises().saved.insert(id, self.setup.place);
            }
            (Asked::Other, Ok(_)) => self.setup.tally.count("queue commands"),
            (_, Err(why)) => {
                let why = format!("{why:?}");
                let kind = why.split(['(', '{', ' ']).next().unwrap_or("?").to_owned();
                self.setup.tally.count(&format!("refused on the phone {kind}"));
            }
            (Asked::Save, Ok(Saved(None))) => {}
        }
    }

    fn standing(&mut self) -> Standing {
        let wall = self.moment().wall;
        let Some(engine) = &self.engine else {
            let business = self.account.business.clone();
            let says = "off".to_owned();
            return Standing { business, settled: false, reads: true, cursor: None, says };
        };
        let queue = engine.queue();
        let (mut waits, mut ahead_ms) = (Vec::new(), 0);
        let open = queue.open(wall).into_iter();
        for (one, waiting) in open.filter(|(one, _)| one.status == QueueStatus::Pending) {
            let why = waiting.as_ref().map(|waiting| waiting.why);
            if !matches!(why, Some(WaitingWhy::Failed | WaitingWhy::Waits)) {
                // Nobody sits through it: the phone's calendar moves on to the end of the wait.
                if let (true, Some(WaitingWhy::BacksOff(until))) = (self.resting, &why) {
                    ahead_ms = ahead_ms.max(until.as_millis() - wall.as_millis() + 1);
                }
                waits.push(format!("{} {:?} {:?}", one.id, waiting, one.last_error));
            }
        }
        let cursor = engine.sync_state().cursor.map(|cursor| cursor.to_string());
        let says = format!("{:?} {:?} {waits:?}", self.word, engine.sync_state().cursor);
        let settled = waits.is_empty() && self.asked.is_empty();
        let business = self.account.business.clone();
        if ahead_ms > 0 {
            self.skew_ms += ahead_ms;
            self.events.push_back(Event::SyncAsked);
        }
        Standing { business, settled, reads: self.reads(), cursor, says }
    }

    /// The id of something new; no other phone or life makes it.
    fn new_id(&mut self, kind: &str) -> String {
        self.made += 1;
        let Self { life, made, setup: Setup { place, seed, .. }, .. } = self;
        format!("{kind}-{seed:x}-{place}-{life}-{made}")
    }
}

/// Everybody's.
pub(crate) const PASSWORD: &str = "clave-MARCA-segura";

/// A phone's clocks run so many times as fast as ours.
const SPEED: u64 = 6;

const IDLE: Duration = Duration::from_millis(500);
