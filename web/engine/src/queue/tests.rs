//! What waits for what, and what that costs.

use protocol::{Action, Entity};
use serde_json::json;

use super::*;

const NOW: &str = "2026-11-22T13:05:00.000Z";

/// A pending operation that was never sent.
fn operation(sequence: u64, entity: Entity, action: Action, record: &str) -> OperationRecord {
    let text = json!({
        "id": format!("op-{sequence}"), "sequence": sequence, "entity": entity,
        "operation": action, "entityId": record, "data": {}, "timestamp": NOW,
        "status": "pending", "retryCount": 0, "lastError": null, "createdAt": NOW,
        "updatedAt": NOW, "nextRetryAt": null, "sentAt": null, "deviceId": "cart-a",
        "manualRetries": 0, "account": {"business": "b-1", "user": "user-2"},
    });
    protocol::json::from_value(&text).unwrap()
}

fn now() -> Instant {
    NOW.parse().unwrap()
}

/// Any queue of a few records, in any state.
fn any_queue(mut seed: u64) -> Queue {
    let mut below = move |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let mut queue = Queue::default();
    for sequence in 1..=(3 + below(9)) {
        let action = if below(3) == 0 { Action::Insert } else { Action::Update };
        let (customer, sale) = (format!("c-{}", below(2)), format!("s-{}", below(2)));
        let mut one = match below(3) {
            0 => operation(sequence, Entity::Customers, action, &customer),
            1 => operation(sequence, Entity::Sales, action, &sale),
            _ => operation(sequence, Entity::SaleItems, action, "i-1"),
        };
        if one.entity == Entity::SaleItems {
            one.data.insert("saleId".to_owned(), json!(sale));
        } else if one.entity == Entity::Sales && below(2) == 0 {
            one.data.insert("clientId".to_owned(), json!(customer));
        }
        match below(8) {
            0 => one.status = QueueStatus::Failed,
            1 => one.sent_at = Some(now()),
            2 => one.next_retry_at = Some(now().plus_millis(5_000)),
            3 => {
                one.status = QueueStatus::Processed;
                one.result_version = Some(protocol::Version(1));
            }
            _ => {}
        }
        queue.put(one);
    }
    queue
}

/// The definition, word by word: costs twice as much for each operation on a record.
fn by_definition(queue: &Queue, operation: &OperationRecord) -> Option<Waiting> {
    let (target, references) = (operation.target(), operation.references());
    let needed = queue
        .iter()
        .take_while(|other| other.sequence < operation.sequence)
        .filter(|other| other.status != QueueStatus::Processed)
        .filter(|other| {
            let theirs = other.target();
            theirs == target || (other.makes_target() && references.contains(&theirs))
        });
    let others = needed.filter_map(|other| {
        let why = match (other.status, backs_off(other, now()), other.sent_at) {
            (QueueStatus::Failed, ..) => WaitingWhy::Failed,
            (_, Some(until), _) => WaitingWhy::BacksOff(until),
            _ if by_definition(queue, other).is_some() => WaitingWhy::Waits,
            (_, None, Some(_)) => WaitingWhy::InFlight,
            _ => return None,
        };
        Some(Waiting { operation: other.id.clone(), target: other.target(), why })
    });
    let own = backs_off(operation, now()).map(|until| Waiting {
        operation: operation.id.clone(),
        target: operation.target(),
        why: WaitingWhy::BacksOff(until),
    });
    others.chain(own).next()
}

#[test]
fn one_pass_finds_what_the_definition_says() {
    let mut waits = 0;
    for seed in 0..4_000 {
        let queue = any_queue(seed);
        for (one, waiting) in queue.open(now()) {
            assert_eq!(waiting, by_definition(&queue, one), "seed {seed}, {}", one.id);
            assert_eq!(waiting, queue.waiting(one, now()), "seed {seed}, {}", one.id);
            let needs = queue.iter().any(|other| {
                let needed = other.target() == one.target()
                    || other.makes_target() && one.references().contains(&other.target());
                other.status != QueueStatus::Processed && other.sequence < one.sequence && needed
            });
            assert_eq!(queue.needs_another(one), needs, "seed {seed}, {}", one.id);
            waits += usize::from(waiting.is_some());
        }
    }
    assert!(waits > 1_000, "{waits} waits in all: most queues had none");
}

#[test]
fn the_waits_of_a_long_queue_cost_at_most_four_steps_an_operation() {
    let mut queue = Queue::default();
    queue.put(operation(1, Entity::Customers, Action::Insert, "rosa"));
    for sequence in 2..=2_000 {
        queue.put(operation(sequence, Entity::Customers, Action::Update, "rosa"));
    }
    for sequence in 2_001..=5_000 {
        let record = format!("s-{sequence}");
        let mut sale = operation(sequence, Entity::Sales, Action::Insert, &record);
        sale.data.insert("clientId".to_owned(), json!("rosa"));
        sale.data.insert("distribucionId".to_owned(), json!("load-1"));
        queue.put(sale);
    }
    let (mut told, mut waits) = (0, 0);
    let steps = dependency::for_each_waiting(queue.iter(), now(), |_, waiting| {
        told += 1;
        waits += usize::from(waiting.is_some());
    });
    assert_eq!((told, waits), (5_000, 0));
    assert!(steps <= 4 * 5_000, "{steps} steps");

    // All the others wait for the first.
    let first = queue.get(&"op-1".parse().unwrap()).unwrap().clone();
    queue.put(OperationRecord { status: QueueStatus::Failed, ..first });
    let waits = queue.open(now()).iter().filter(|(_, waiting)| waiting.is_some()).count();
    assert_eq!(waits, 4_999);
}
