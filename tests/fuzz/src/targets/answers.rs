//! Whatever comes back from the network: the phone's engine takes any answer at any time, keeps its
//! operation until a final answer, and moves its cursor by nothing but a whole page.

use std::collections::VecDeque;

use engine::memory::MemoryStore;
use engine::{
    Account, Answer, Command, Effect, Elapsed, Engine, Event, Moment, NewOperation, QueueStatus,
    SignedIn, Ticket, TransportFault,
};
use protocol::{Action, BusinessId, Entity, Role, json};
use serde_json::Value;

use crate::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let mut answers = answers(bytes);
    let mut engine = Engine::default();
    let mut store = MemoryStore::default();
    let mut events = VecDeque::from([
        Event::SignedIn(signed_in()),
        Event::Commanded { ticket: Ticket(1), command: Command::Enqueue(new_operation()) },
    ]);
    let mut rounds_left = ROUNDS_MAX;
    for now in 0..STEPS_MAX {
        let Some(event) = events.pop_front() else {
            if answers.is_empty() || rounds_left == 0 {
                break;
            }
            rounds_left -= 1;
            events.extend([Event::TimerFired, Event::SyncAsked]);
            continue;
        };
        for effect in engine.handle(event, moment(now * 60_000)) {
            perform(effect, &mut store, &mut events, &mut answers);
        }
    }
    check(&store);
}

fn perform(
    effect: Effect,
    store: &mut MemoryStore,
    events: &mut VecDeque<Event>,
    answers: &mut VecDeque<Answer>,
) {
    match effect {
        Effect::Read { effect, query } => {
            events.push_back(Event::Read { effect, result: Ok(store.read(&query)) });
        }
        Effect::Commit { effect, transaction } => {
            let result = store.commit(transaction);
            events.push_back(Event::Committed { effect, result });
        }
        Effect::AcquireLock { effect } => {
            events.push_back(Event::LockAnswered { effect, granted: true });
        }
        Effect::RefreshLogin { effect, .. } => {
            events.push_back(Event::LoginAnswered { effect, result: Ok(Role::Vendedor) });
        }
        Effect::Send { effect, .. } => {
            let result = answers.pop_front().ok_or(TransportFault::Network);
            events.push_back(Event::Answered { effect, result });
        }
        _ => {}
    }
}

/// The operation is still there, and a cursor was only moved by what some answer said of it.
fn check(store: &MemoryStore) {
    let operations: Vec<_> = store.operations().collect();
    assert!(operations.iter().any(|row| row.id.as_str() == "op-1"), "the operation is lost");
    for row in operations {
        assert!(row.status == QueueStatus::Pending || row.sent_at.is_some(), "{row:?}");
    }
    let business: BusinessId = "b-1".parse().unwrap();
    if let Some(state) = store.sync_state(&business) {
        let text = serde_json::to_string(state).unwrap();
        assert!(json::from_str::<engine::SyncState>(&text).is_ok(), "{text}");
    }
}

/// One a line: `STATUS BODY`, or a body alone with 200.
fn answers(bytes: &[u8]) -> VecDeque<Answer> {
    let text = Bytes::new(bytes).rest();
    let lines = text.lines().take(ANSWERS_MAX);
    lines
        .map(|line| {
            let (status, body) = match line.split_once(' ') {
                Some((status, body)) if status.parse::<u16>().is_ok() => (status, body),
                _ => ("200", line),
            };
            let body_json: Value = json::from_str(body).unwrap_or_default();
            Answer {
                status: status.parse().unwrap_or(200),
                body: body.to_owned(),
                date: body_json["date"].as_str().map(str::to_owned),
                retry_after: body_json["retryAfter"].as_str().map(str::to_owned),
            }
        })
        .collect()
}

fn signed_in() -> SignedIn {
    let account = Account { business: "b-1".parse().unwrap(), user: "user-2".parse().unwrap() };
    SignedIn { account, role: Role::Vendedor, device: "cart-a".parse().unwrap() }
}

fn new_operation() -> NewOperation {
    NewOperation {
        id: "op-1".parse().unwrap(),
        entity: Entity::Customers,
        action: Action::Insert,
        entity_id: "rosa".parse().unwrap(),
        data: json::from_str(r#"{"name":"Rosa Quispe"}"#).unwrap(),
        base_version: None,
    }
}

fn moment(elapsed_ms: u64) -> Moment {
    let opened: protocol::Instant = "2026-11-22T13:05:00.000Z".parse().unwrap();
    let wall = opened.plus_millis(i64::try_from(elapsed_ms).unwrap());
    Moment { wall, elapsed: Elapsed(elapsed_ms), random: 4 }
}

const ANSWERS_MAX: usize = 12;
const ROUNDS_MAX: usize = 12;
const STEPS_MAX: u64 = 2_000;
