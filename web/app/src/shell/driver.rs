//! The engine's surroundings: one queue of events, one place where effects are performed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use engine::{
    Account, Command, CommandRefused, EffectId, Elapsed, Engine, Event, RecordKey, Saved, SignedIn,
    Ticket, View,
};
use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use indexeddb::Database;
use litemap::LiteMap;
use protocol::Gather;
use web_sys::AbortController;

use super::browser::moment;
use super::lock::Lock;
use super::{News, Tabs, Watched, is_online, listen};
use crate::session::Tokens;

/// Hears what screens must read anew.
pub(crate) trait Listener {
    /// Somebody is at work from now on, or nobody: another's records are shown no more.
    fn at_work(&self, account: Option<&Account>);
    /// The account's queue has been read: its records can be laid under it.
    fn queue_loaded(&self, account: &Account);
    /// Records look different, or all of them do.
    fn changed(&self, records: BTreeSet<RecordKey>, everything: bool);
}

/// Drives one engine. Clones share it.
#[derive(Clone)]
pub struct Driver(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub(super) engine: RefCell<Engine>,
    events: RefCell<VecDeque<Event>>,
    handling: Cell<bool>,
    pub(super) database: Database,
    pub(super) tokens: Rc<Tokens>,
    pub(super) tabs: Tabs,
    pub(super) listener: RefCell<Option<Rc<dyn Listener>>>,
    pub(super) view: Rc<Watched<Option<View>>>,
    pub(super) queue_changes: Rc<Watched<u64>>,
    tickets: Cell<u64>,
    pub(super) answers: RefCell<LiteMap<Ticket, oneshot::Sender<Result<Saved, CommandRefused>>>>,
    pub(super) requests: RefCell<LiteMap<EffectId, Option<AbortController>>>,
    pub(super) timer: RefCell<Option<Timeout>>,
    pub(super) lock: RefCell<Option<Lock>>,
    /// Since when another tab has the lock, and how far everything was then.
    pub(super) refused: Cell<Option<(Elapsed, (u64, usize))>>,
    /// Reads of the queue under way: once they are in, what other tabs wrote can be shown.
    pub(super) reloads: RefCell<Vec<EffectId>>,
    /// What other tabs wrote since, and whether it is everything.
    pub(super) foreign: RefCell<(BTreeSet<RecordKey>, bool)>,
}

impl Driver {
    pub(crate) fn new(database: Database, tokens: Rc<Tokens>, tabs: Tabs) -> Self {
        Self(Rc::new(Inner {
            engine: RefCell::default(),
            events: RefCell::default(),
            handling: Cell::new(false),
            database,
            tokens,
            tabs,
            listener: RefCell::default(),
            view: Rc::new(Watched::new(None)),
            queue_changes: Rc::new(Watched::new(0)),
            tickets: Cell::new(0),
            answers: RefCell::default(),
            requests: RefCell::default(),
            timer: RefCell::default(),
            lock: RefCell::default(),
            refused: Cell::new(None),
            reloads: RefCell::default(),
            foreign: RefCell::default(),
        }))
    }

    /// Begins to hear the browser and the other tabs.
    pub(crate) fn start(&self, listener: Rc<dyn Listener>) {
        self.0.listener.replace(Some(listener));
        let Some(window) = web_sys::window() else { return };
        for name in ["online", "offline"] {
            let driver = self.clone();
            listen(&window, name, move || {
                driver.dispatch(Event::NetworkChanged { online: is_online() });
            });
        }
        self.dispatch(Event::NetworkChanged { online: is_online() });
        self.watch_foreground(&window);
        let driver = self.clone();
        self.0.tabs.listen(move |news| driver.heard(news));
        self.watch_for_silent_tabs();
    }

    /// A page that was hidden or frozen has missed events: each return to it asks the server. (A
    /// page out of the back-forward cache says `pageshow`, a frozen one `resume`.)
    fn watch_foreground(&self, window: &web_sys::Window) {
        let returned = |target: &web_sys::EventTarget, name| {
            let driver = self.clone();
            listen(target, name, move || {
                let document = web_sys::window().and_then(|window| window.document());
                if document.is_some_and(|document| !document.hidden()) {
                    driver.dispatch(Event::Foregrounded { online: is_online() });
                }
            });
        };
        for name in ["pageshow", "focus"] {
            returned(window, name);
        }
        if let Some(document) = window.document() {
            for name in ["visibilitychange", "resume"] {
                returned(&document, name);
            }
        }
    }

    /// Tells the engine what happened, and performs what it asks for.
    pub fn dispatch(&self, event: Event) {
        let inner = &self.0;
        inner.events.borrow_mut().push_back(event);
        if inner.handling.replace(true) {
            return;
        }
        loop {
            let next = inner.events.borrow_mut().pop_front();
            let Some(event) = next else { break };
            let read = match &event {
                Event::Read { effect, .. } => Some(*effect),
                _ => None,
            };
            let effects = inner.engine.borrow_mut().handle(event, moment());
            for effect in effects {
                self.perform(effect);
            }
            if let Some(effect) = read {
                self.read_done(effect);
            }
        }
        inner.handling.set(false);
    }

    /// Asks the engine for something on a person's behalf; answered once it is durable.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn command(&self, command: Command) -> Result<Saved, CommandRefused> {
        let ticket = Ticket(self.0.tickets.get());
        self.0.tickets.set(ticket.0 + 1);
        let (sender, receiver) = oneshot::channel();
        self.0.answers.borrow_mut().insert(ticket, sender);
        self.dispatch(Event::Commanded { ticket, command });
        receiver.await.unwrap_or(Err(CommandRefused::NotSignedIn))
    }

    /// Looks into the engine. It must not be asked to dispatch meanwhile.
    pub fn with_engine<T>(&self, look: impl FnOnce(&Engine) -> T) -> T {
        look(&self.0.engine.borrow())
    }

    /// What the engine shows; `None` until its first word.
    pub fn view(&self) -> Rc<Watched<Option<View>>> {
        Rc::clone(&self.0.view)
    }

    /// Rises with each change of the queue.
    pub fn queue_changes(&self) -> Rc<Watched<u64>> {
        Rc::clone(&self.0.queue_changes)
    }

    pub(crate) fn sign_in(&self, signed_in: SignedIn) {
        let listener = self.0.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.at_work(Some(&signed_in.account));
        }
        self.dispatch(Event::SignedIn(signed_in));
    }

    pub(crate) fn sign_out(&self) {
        let listener = self.0.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.at_work(None);
        }
        // Where nobody was, a cursor is that of a database which the browser has removed.
        if self.with_engine(|engine| engine.signed_in().is_some()) {
            super::cursor::clear();
        }
        self.dispatch(Event::SignedOut);
    }

    /// The queue was read: what other tabs had written is now on top of the records.
    fn read_done(&self, effect: EffectId) {
        let is_reload = self.0.reloads.borrow().contains(&effect);
        if !is_reload {
            return;
        }
        self.0.reloads.borrow_mut().retain(|reload| *reload != effect);
        self.queue_changed();
        let account = self.with_engine(|engine| engine.signed_in().map(|who| who.account.clone()));
        let listener = self.0.listener.borrow().clone();
        if let (Some(account), Some(listener)) = (account, listener) {
            listener.queue_loaded(&account);
            let (records, everything) = self.0.foreign.take();
            if everything || !records.is_empty() {
                listener.changed(records, everything);
            }
        }
    }

    pub(super) fn queue_changed(&self) {
        self.0.queue_changes.set(self.0.queue_changes.get() + 1);
    }

    fn heard(&self, news: News) {
        let News::Wrote { business, operations, records, everything } = news else { return };
        let ours = self.with_engine(|engine| {
            engine.signed_in().is_some_and(|who| who.account.business == business)
        });
        if !ours {
            return;
        }
        let keys = records.iter().filter_map(|text| text.parse().ok());
        self.foreign_wrote(keys.gather(), everything);
        self.dispatch(Event::OtherTabWrote { operations });
    }

    pub(super) fn foreign_wrote(&self, records: BTreeSet<RecordKey>, everything: bool) {
        let mut foreign = self.0.foreign.borrow_mut();
        foreign.0.extend(records);
        foreign.1 |= everything;
    }
}

impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
