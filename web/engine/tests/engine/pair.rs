//! Phones and a server, and the hand that moves time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use engine::memory::MemoryStore;
use engine::{
    Account, Answer, Command, CommandRefused, Effect, Elapsed, Engine, Event, Generation, Moment,
    NewOperation, OperationRecord, RecordKey, RefreshFault, RowWrite, Saved, SignedIn, StatusWord,
    StorageFault, SyncState, SyncedRecord, Ticket, TransportFault, View,
};
use protocol::{Action, Entity, Instant, JsonObject, OperationId, Role};
use serde_json::{Value, json};

use crate::server::Server;

/// What a browser profile has: shared by its tabs.
pub(crate) type Profile = Rc<RefCell<MemoryStore>>;

/// One tab of one phone, on a network of its own.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the test's own")]
pub(crate) struct Phone {
    pub(crate) engine: Engine,
    pub(crate) profile: Profile,
    pub(crate) server: Rc<RefCell<Server>>,
    pub(crate) network: Network,
    pub(crate) elapsed: Elapsed,
    pub(crate) wall: Instant,
    pub(crate) account: Account,
    pub(crate) refresh: Result<Role, RefreshFault>,
    /// What the next commits come back with instead.
    pub(crate) commit_faults: VecDeque<StorageFault>,
    /// The next commit is written, and its acknowledgement never comes: only a fault does.
    pub(crate) loses_next_acknowledgement: bool,
    /// The lock is with another tab.
    pub(crate) locked_out: bool,
    /// Effects of kinds that are not answered, and everything else for a look.
    pub(crate) log: Vec<Effect>,
    pub(crate) answers: Vec<(Ticket, Result<Saved, CommandRefused>)>,
    pub(crate) view: Option<View>,
    /// Events wait here while the test holds them back.
    pub(crate) held: Vec<Event>,
    pub(crate) holds_commits: bool,
    pub(crate) holds_answers: bool,
    pub(crate) holds_reads: bool,
    timer: Option<Elapsed>,
    tickets: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Up,
    Down,
    /// Requests vanish.
    Hangs,
    /// The server is reached, its reply is lost.
    LosesReplies,
}

pub(crate) const START: &str = "2026-11-22T13:05:00.000Z";

impl Phone {
    /// Signed in, synchronised once.
    pub(crate) fn new(server: &Rc<RefCell<Server>>) -> Self {
        let mut phone = Self::tab(server, &Profile::default());
        phone.sign_in();
        phone
    }

    /// A fresh tab of a profile, not signed in.
    pub(crate) fn tab(server: &Rc<RefCell<Server>>, profile: &Profile) -> Self {
        Self {
            engine: Engine::default(),
            profile: Rc::clone(profile),
            server: Rc::clone(server),
            network: Network::Up,
            elapsed: Elapsed(1_000),
            wall: server.borrow().now,
            account: account("b-1", "user-2"),
            refresh: Ok(Role::Vendedor),
            commit_faults: VecDeque::new(),
            loses_next_acknowledgement: false,
            locked_out: false,
            log: Vec::new(),
            answers: Vec::new(),
            view: None,
            held: Vec::new(),
            holds_commits: false,
            holds_answers: false,
            holds_reads: false,
            timer: None,
            tickets: 0,
        }
    }

    pub(crate) fn sign_in(&mut self) {
        self.sign_in_as(Role::Vendedor);
    }

    pub(crate) fn sign_in_as(&mut self, role: Role) {
        let device = "cart-a".parse().unwrap();
        let signed_in = SignedIn { account: self.account.clone(), role, device };
        self.tell(Event::SignedIn(signed_in));
    }

    /// The same profile in a new process.
    pub(crate) fn restarted(self) -> Self {
        let mut phone = Self::tab(&self.server, &self.profile);
        phone.account = self.account;
        (phone.wall, phone.elapsed) = (self.wall, self.elapsed.plus(60_000));
        phone
    }

    pub(crate) fn tell(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        let mut steps = 0;
        while let Some(event) = events.pop_front() {
            steps += 1;
            assert!(steps < 5_000, "the engine never comes to rest: {event:?}");
            for effect in self.engine.handle(event, self.moment()) {
                if let Some(reply) = self.perform(effect) {
                    let holds = match reply {
                        Event::Committed { .. } => self.holds_commits,
                        Event::Answered { .. } | Event::LoginAnswered { .. } => self.holds_answers,
                        Event::Read { .. } => self.holds_reads,
                        _ => false,
                    };
                    if holds { self.held.push(reply) } else { events.push_back(reply) }
                }
            }
        }
    }

    pub(crate) fn release(&mut self) {
        (self.holds_commits, self.holds_answers, self.holds_reads) = (false, false, false);
        for event in std::mem::take(&mut self.held) {
            self.tell(event);
        }
    }

    /// Lets time pass, firing timers as they come due.
    pub(crate) fn wait(&mut self, milliseconds: u64) {
        let end = self.elapsed.plus(milliseconds);
        while let Some(timer) = self.timer.filter(|timer| *timer <= end) {
            self.jump(timer.since(self.elapsed));
            self.timer = None;
            self.tell(Event::TimerFired);
        }
        self.jump(end.since(self.elapsed));
    }

    /// Time passes while the phone sleeps.
    pub(crate) fn jump(&mut self, milliseconds: u64) {
        self.elapsed = self.elapsed.plus(milliseconds);
        let milliseconds = i64::try_from(milliseconds).unwrap();
        self.wall = self.wall.plus_millis(milliseconds);
        let mut server = self.server.borrow_mut();
        server.now = server.now.plus_millis(milliseconds);
    }

    fn moment(&self) -> Moment {
        let random = self.elapsed.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Moment { wall: self.wall, elapsed: self.elapsed, random }
    }

    fn perform(&mut self, effect: Effect) -> Option<Event> {
        self.log.push(effect.clone());
        match effect {
            Effect::Read { effect, query } => {
                Some(Event::Read { effect, result: Ok(self.profile.borrow().read(&query)) })
            }
            Effect::Commit { effect, transaction } => {
                every_row_survives_its_storing(&transaction);
                let result = match self.commit_faults.pop_front() {
                    Some(fault) => Err(fault),
                    None => self.profile.borrow_mut().commit(transaction),
                };
                let lost = std::mem::take(&mut self.loses_next_acknowledgement);
                let result = if lost { Err(StorageFault::Aborted) } else { result };
                Some(Event::Committed { effect, result })
            }
            Effect::Send { effect, request, .. } => {
                let result = self.exchange(&request)?;
                Some(Event::Answered { effect, result })
            }
            Effect::AcquireLock { effect } => {
                Some(Event::LockAnswered { effect, granted: !self.locked_out })
            }
            Effect::RefreshLogin { effect, .. } => {
                Some(Event::LoginAnswered { effect, result: self.refresh })
            }
            Effect::SetTimer(at) => {
                self.timer = Some(at);
                None
            }
            Effect::Answer { ticket, result } => {
                self.answers.push((ticket, result));
                None
            }
            Effect::Notify(view) => {
                self.view = Some(*view);
                None
            }
            _ => None,
        }
    }

    fn exchange(&mut self, request: &engine::Request) -> Option<Result<Answer, TransportFault>> {
        match self.network {
            Network::Up => Some(self.server.borrow_mut().receive(request)),
            Network::Down => Some(Err(TransportFault::Network)),
            Network::Hangs => None,
            Network::LosesReplies => {
                let _lost = self.server.borrow_mut().receive(request);
                Some(Err(TransportFault::Network))
            }
        }
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<Saved, CommandRefused> {
        self.ask(command);
        let (_, result) = self.answers.last().expect("an answer");
        result.clone()
    }

    /// A command whose answer may be long in coming.
    pub(crate) fn ask(&mut self, command: Command) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.tell(Event::Commanded { ticket, command });
        ticket
    }

    pub(crate) fn insert(&mut self, id: &str, entity: Entity, record: &str, data: Value) {
        self.command(enqueue(id, Action::Insert, entity, record, data)).expect("saved");
    }

    pub(crate) fn update(&mut self, id: &str, entity: Entity, record: &str, data: Value) {
        self.command(enqueue(id, Action::Update, entity, record, data)).expect("saved");
    }

    pub(crate) fn sync(&mut self) {
        self.tell(Event::SyncAsked);
    }

    pub(crate) fn word(&self) -> StatusWord {
        self.view.as_ref().expect("a view").word
    }

    pub(crate) fn go(&mut self, network: Network) {
        let online = network != Network::Down;
        self.network = network;
        self.tell(Event::NetworkChanged { online });
    }

    /// The row as the database holds it.
    pub(crate) fn stored(&self, id: &str) -> Option<OperationRecord> {
        self.profile.borrow().operations().find(|operation| operation.id.as_str() == id)
    }

    /// The synced records of the set in use.
    pub(crate) fn records(&self) -> Vec<SyncedRecord> {
        let store = self.profile.borrow();
        let business = &self.account.business;
        let generation = store.sync_state(business).map_or(Generation(0), |sync| sync.generation);
        store.records(business, generation).cloned().collect()
    }

    pub(crate) fn record(&self, entity: Entity, id: &str) -> Option<SyncedRecord> {
        let key = RecordKey::new(entity, id.parse().unwrap());
        self.records().into_iter().find(|record| record.key.known().as_ref() == Some(&key))
    }
}

pub(crate) fn server() -> Rc<RefCell<Server>> {
    Rc::new(RefCell::new(Server::new(START.parse().unwrap())))
}

pub(crate) fn account(business: &str, user: &str) -> Account {
    Account { business: business.parse().unwrap(), user: user.parse().unwrap() }
}

pub(crate) fn id(text: &str) -> OperationId {
    text.parse().unwrap()
}

pub(crate) fn object(value: Value) -> JsonObject {
    let Value::Object(fields) = value else { panic!("the cases use objects") };
    fields
}

pub(crate) fn enqueue(
    operation: &str,
    action: Action,
    entity: Entity,
    record: &str,
    data: Value,
) -> Command {
    Command::Enqueue(NewOperation {
        id: id(operation),
        entity,
        action,
        entity_id: record.parse().unwrap(),
        data: object(data),
        base_version: None,
    })
}

/// A cash sale of one chicken; of a customer if one is named.
pub(crate) fn sale(customer: Option<&str>) -> Value {
    let mut sale = json!({"saleType": "contado", "sellerId": "user-2", "items": [item()]});
    if let Some(customer) = customer {
        sale["clientId"] = customer.into();
    }
    sale
}

/// A line of a sale.
pub(crate) fn item() -> Value {
    json!({"id": "i-1", "productId": "p", "variantId": "v", "productName": "Pollo",
           "variantName": "Entero", "quantity": "2.000", "unitPrice": "10.00", "subtotal": "20.00"})
}

/// A customer whom the phone sees nothing wrong with and the server refuses.
pub(crate) fn poison() -> Value {
    json!({"name": "Veneno"})
}

/// A phone's database keeps operations and sync states as JSON: nothing of a row may be lost in it.
fn every_row_survives_its_storing(transaction: &engine::Transaction) {
    for write in &transaction.writes {
        match write {
            RowWrite::Enqueue(row) | RowWrite::PutOperation(row) => {
                let stored = serde_json::to_string(row).unwrap();
                assert_eq!(protocol::json::from_str::<OperationRecord>(&stored).unwrap(), *row);
            }
            RowWrite::PutSync { state, .. } => {
                let stored = serde_json::to_string(state).unwrap();
                assert_eq!(&protocol::json::from_str::<Box<SyncState>>(&stored).unwrap(), state);
            }
            _ => {}
        }
    }
}
