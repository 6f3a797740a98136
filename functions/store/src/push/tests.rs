//! Push against what a store and other writers may do to it.
#![expect(clippy::needless_pass_by_value, reason = "builders of JSON read better by value")]

mod sender;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::Channel;
use protocol::{ErrorCode, Instant, Operation, OperationResult, OperationStatus, Role};
use serde_json::{Value, json};

use super::{PushError, Sender, push};
use crate::memory::{Call, Fault, Faults, MemoryTables, Script, VirtualSurroundings};
use crate::tables::{Condition, Item, Table, Tables, Write};

use OperationStatus::{Applied, Blocked, Duplicate, Rejected, Retry};

struct World {
    tables: MemoryTables,
    surroundings: VirtualSurroundings,
    sender: Sender,
}

impl World {
    async fn new() -> Self {
        let tables = MemoryTables::new();
        let now = "2026-11-22T13:00:00.000Z".parse().unwrap();
        let sender = Sender {
            business: "b1".parse().unwrap(),
            user: "u1".parse().unwrap(),
            role: Role::AdminNegocio,
            session: Some("s1".into()),
        };
        let world = Self { tables, surroundings: VirtualSurroundings::new(now, 7), sender };
        world.user(json!({"active": true, "role": "ADMIN_NEGOCIO"})).await;
        world.session("2026-12-22T13:00:00.000Z").await;
        world
    }

    /// The sender's session, which lives until `expires_at`.
    async fn session(&self, expires_at: &str) {
        let mut item = self.sender.session_key().unwrap().to_item();
        let expires_at: Instant = expires_at.parse().unwrap();
        item.insert("expiresAt".into(), (expires_at.as_millis() / 1000).into());
        let put = Write::Put { table: Table::Accounts, item, condition: Condition::None };
        self.tables.write(&put).await.unwrap();
    }

    async fn user(&self, fields: Value) {
        let mut item = self.sender.key().to_item();
        item.extend(fields.as_object().unwrap().clone());
        let put = Write::Put { table: Table::Accounts, item, condition: Condition::None };
        self.tables.write(&put).await.unwrap();
    }

    /// The same world through a store that suffers `faults`.
    fn suffering(&self, faults: impl Faults + 'static) -> Self {
        Self {
            tables: self.tables.with_faults(faults),
            surroundings: self.surroundings.clone(),
            sender: self.sender.clone(),
        }
    }

    async fn try_push(&self, operations: &[Value]) -> Result<Vec<OperationResult>, PushError> {
        let operations: Vec<_> = operations.iter().map(Operation::from_json).collect();
        push(&self.tables, &self.surroundings, &self.sender, Channel::Batch, &operations).await
    }

    async fn push(&self, operations: &[Value]) -> Vec<OperationResult> {
        self.try_push(operations).await.unwrap()
    }

    async fn statuses(&self, operations: &[Value]) -> Vec<OperationStatus> {
        self.push(operations).await.iter().map(|result| result.status).collect()
    }

    fn record(&self, key: &str) -> Option<Arc<Item>> {
        let rows = self.tables.scan(Table::Records);
        rows.into_iter().find(|row| row["record"] == key)
    }

    fn version(&self, key: &str) -> u64 {
        self.record(key).map_or(0, |row| row["version"].as_u64().unwrap())
    }
}

fn op(id: &str, entity: &str, action: &str, entity_id: &str, payload: Value) -> Value {
    json!({"operationId": id, "entity": entity, "action": action, "entityId": entity_id,
        "payload": payload, "clientTimestamp": "2026-11-22T12:00:00.000Z", "deviceId": "d1"})
}

fn customer(n: usize) -> Value {
    let payload = json!({"name": format!("Cliente {n}")});
    op(&format!("insert-{n}"), "customers", "insert", &format!("c{n}"), payload)
}

fn rename(n: usize, round: usize) -> Value {
    let payload = json!({"name": format!("Cliente {n} bis {round}")});
    op(&format!("rename-{n}-{round}"), "customers", "update", &format!("c{n}"), payload)
}

fn sale(n: usize, client: &str) -> Value {
    let item = json!({"id": "i", "productId": "p", "variantId": "v", "productName": "Pollo",
        "variantName": "Entero", "quantity": "1", "unitPrice": "10"});
    let payload = json!({"clientId": client, "saleType": "credito", "amountPaid": "0",
        "items": [item]});
    op(&format!("sale-{n}"), "sales", "insert", &format!("s{n}"), payload)
}

/// Counts calls by kind; strikes none.
#[derive(Clone, Default)]
struct Counting(Arc<Mutex<Vec<String>>>);

impl Faults for Counting {
    fn strike(&self, call: Call<'_>) -> Fault {
        let name = match call {
            Call::BatchGet(keys) => format!("get {}", keys.len()),
            Call::Query(_) => "query".into(),
            Call::Transact(writes) => format!("transact {}", writes.len()),
            Call::Write(_) => "write".into(),
        };
        self.0.lock().unwrap().push(name);
        Fault::None
    }
}

#[tokio::test]
async fn forty_updates_on_forty_records_are_exactly_two_calls() {
    let world = World::new().await;
    world.push(&(0..40).map(customer).collect::<Vec<_>>()).await;
    let calls = Counting::default();
    let counted = world.suffering(calls.clone());
    let updates: Vec<Value> = (0..40).map(|n| rename(n, 1)).collect();
    assert_eq!(counted.statuses(&updates).await, [Applied; 40]);
    assert_eq!(*calls.0.lock().unwrap(), ["get 82", "transact 80"]);
}

#[tokio::test]
async fn fifty_sales_of_one_day_share_its_guard_and_no_more() {
    let world = World::new().await;
    let calls = Counting::default();
    let counted = world.suffering(calls.clone());
    let item = json!({"id": "i", "productId": "p", "quantity": "1", "unitPrice": "10"});
    let sales: Vec<Value> = (0..50)
        .map(|n| {
            let payload = json!({"saleType": "contado", "sellerId": "u1", "items": [item]});
            op(&format!("sale-{n}"), "sales", "insert", &format!("s{n}"), payload)
        })
        .collect();
    assert_eq!(counted.statuses(&sales).await, [Applied; 50]);
    // 50 records, 50 receipts, one guard that each transaction checks; the user is read with them.
    assert_eq!(*calls.0.lock().unwrap(), ["get 100", "get 3", "transact 99", "transact 3"]);
}

#[tokio::test]
async fn fifty_operations_on_one_record_are_applied_in_order() {
    let world = World::new().await;
    let mut operations = vec![customer(0)];
    operations.extend((1..50).map(|round| rename(0, round)));
    assert_eq!(world.statuses(&operations).await, [Applied; 50]);
    let record = world.record("customers#c0").unwrap();
    assert_eq!(record["version"], 50);
    assert_eq!(record["value"]["name"], "Cliente 0 bis 49");
    assert_eq!(world.statuses(&operations).await, [Duplicate; 50]);
    assert_eq!(world.version("customers#c0"), 50);
}

#[tokio::test]
async fn what_needs_several_transactions_never_tears_one_records_operations() {
    let world = World::new().await;
    let with_dni = |mut operation: Value, dni: usize| {
        operation["payload"]["dni"] = format!("{:08}", 10_000_000 + dni).into();
        operation
    };
    let customers: Vec<Value> = (0..25).map(|n| with_dni(customer(n), n)).collect();
    world.push(&customers).await;
    // Two operations on each: a record, two receipts, a guard taken and one given back; 125 items.
    let operations: Vec<Value> = (25..75).map(|n| with_dni(rename(n % 25, n), n)).collect();
    let seen: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let counted = world.suffering(move |call: Call<'_>| {
        if let Call::Transact(writes) = call {
            let keys = writes.iter().filter_map(|write| match write {
                Write::Put { item, .. } => item.get("operation").or(item.get("record")),
                _ => None,
            });
            let keys = keys.filter_map(Value::as_str).map(str::to_owned).collect();
            noted.lock().unwrap().push(keys);
        }
        Fault::None
    });
    let statuses = counted.statuses(&operations).await;
    assert!(statuses.iter().all(|status| status.is_success()), "{statuses:?}");
    let transactions = seen.lock().unwrap().clone();
    assert!(transactions.len() > 1, "one transaction holds at most 100 items");
    for n in 0..25 {
        let with = |key: String| transactions.iter().position(|keys| keys.contains(&key)).unwrap();
        let at = with(format!("customers#c{n}"));
        assert_eq!(with(format!("rename-{n}-{}", n + 25)), at);
        assert_eq!(with(format!("rename-{n}-{}", n + 50)), at);
    }
}

#[tokio::test]
async fn one_bad_operation_is_rejected_its_followers_blocked_the_rest_applied() {
    let world = World::new().await;
    let bad = op("bad", "customers", "insert", "c1", json!({"name": "x", "dni": "12"}));
    let operations = [customer(0), bad, rename(1, 1), sale(1, "c1"), sale(2, "c0"), customer(2)];
    let results = world.push(&operations).await;
    let statuses: Vec<_> = results.iter().map(|result| result.status).collect();
    assert_eq!(statuses, [Applied, Rejected, Blocked, Blocked, Applied, Applied]);
    assert_eq!(results[2].code, Some(ErrorCode::EarlierFailed));
    // Blocked answers leave nothing behind: the same operations can still succeed.
    let receipts = world.tables.scan(Table::Operations).len();
    assert_eq!(receipts, 4);
    let mended = op("good", "customers", "insert", "c1", json!({"name": "Rosa"}));
    assert_eq!(
        world.statuses(&[mended, rename(1, 1), sale(1, "c1")]).await,
        [Applied, Applied, Applied]
    );
}

#[tokio::test]
async fn a_malformed_element_fails_alone_and_is_found_by_its_index() {
    let world = World::new().await;
    let results =
        world.push(&[customer(0), json!("x"), json!({"operationId": "z"}), customer(1)]).await;
    let statuses: Vec<_> = results.iter().map(|result| result.status).collect();
    assert_eq!(statuses, [Applied, Rejected, Rejected, Applied]);
    assert_eq!((results[1].index, results[2].index), (Some(1), None));
    assert_eq!(results[2].operation_id.as_deref(), Some("z"));
}

#[tokio::test]
async fn the_same_id_twice_in_one_batch_takes_effect_once() {
    let world = World::new().await;
    let renamed = rename(0, 1);
    let results = world.statuses(&[customer(0), renamed.clone(), renamed]).await;
    assert_eq!(results, [Applied, Applied, Duplicate]);
    assert_eq!(world.version("customers#c0"), 2);
}

#[tokio::test]
async fn no_fault_of_the_store_loses_or_doubles_an_operation() {
    let faults = [
        Fault::Throttle,
        Fault::LoseRequest,
        Fault::LoseReply,
        Fault::Partial(1),
        Fault::Conflict(3),
        Fault::ThrottleWrite(0),
    ];
    let operations: Vec<Value> =
        (0..20).map(customer).chain((0..20).map(|n| sale(n, &format!("c{n}")))).collect();
    for fault in faults {
        for at in 0..4 {
            let world = World::new().await;
            let script = std::iter::repeat_n(Fault::None, at).chain([fault, fault]);
            let shaky = world.suffering(Script::new(script));
            let statuses = shaky.statuses(&operations).await;
            assert!(
                statuses.iter().all(|status| status.is_success()),
                "{fault:?} at call {at}: {statuses:?}"
            );
            assert_eq!(world.statuses(&operations).await, [Duplicate; 40]);
            for n in 0..20 {
                assert_eq!(world.version(&format!("customers#c{n}")), 1);
                assert_eq!(world.version(&format!("sales#s{n}")), 1);
            }
        }
    }
}

#[tokio::test]
async fn a_store_that_stays_busy_is_answered_retry_and_nothing_is_stored() {
    let world = World::new().await;
    let busy = world.suffering(|call: Call<'_>| match call {
        Call::Transact(_) => Fault::Throttle,
        _ => Fault::None,
    });
    let results = busy.push(&[customer(0), sale(0, "c0")]).await;
    for result in &results {
        assert_eq!((result.status, result.retryable), (Retry, Some(true)));
        assert_eq!(result.code, Some(ErrorCode::Unavailable));
    }
    assert!(world.record("customers#c0").is_none());
    assert!(world.tables.scan(Table::Operations).is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_never_taken_for_absent() {
    let world = World::new().await;
    world.push(&[customer(0)]).await;
    let blind = world.suffering(|call: Call<'_>| match call {
        Call::BatchGet(_) => Fault::Partial(0),
        _ => Fault::None,
    });
    let refused = blind.try_push(&[rename(0, 1)]).await;
    assert!(matches!(refused, Err(PushError::Store(_))), "{refused:?}");
    assert_eq!(world.version("customers#c0"), 1);
}

#[tokio::test]
async fn a_lost_race_decides_again_on_what_the_other_wrote() {
    let world = World::new().await;
    world.push(&[customer(0)]).await;
    let rival = World {
        tables: world.tables.clone(),
        surroundings: world.surroundings.clone(),
        sender: world.sender.clone(),
    };
    let rounds = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rounds);
    // Before our transaction arrives, somebody else's does, three times.
    let raced = world.suffering(move |call: Call<'_>| {
        let Call::Transact(_) = call else { return Fault::None };
        let round = counted.fetch_add(1, Ordering::Relaxed);
        if round < 3 {
            let theirs = [rename(0, 100 + round)];
            at_once(rival.push(&theirs));
        }
        Fault::None
    });
    assert_eq!(raced.statuses(&[rename(0, 1)]).await, [Applied]);
    assert_eq!(rounds.load(Ordering::Relaxed), 4);
    assert_eq!(world.version("customers#c0"), 5);
}

#[tokio::test]
async fn one_item_that_the_store_refuses_for_good_spares_its_neighbours() {
    let world = World::new().await;
    // A store that will never take this one record, for a reason of its own.
    let choosy = world.suffering(|call: Call<'_>| {
        let Call::Transact(writes) = call else { return Fault::None };
        let is_refused = writes.iter().any(|write| {
            matches!(write, Write::Put { item, .. } if item.get("record") == Some(&json!("customers#c7")))
        });
        if is_refused { Fault::Refuse } else { Fault::None }
    });
    let mut operations: Vec<Value> = (0..20).map(customer).collect();
    operations.push(sale(1, "c7"));
    operations.push(sale(2, "c8"));
    let statuses = choosy.statuses(&operations).await;
    for (n, status) in statuses.iter().enumerate() {
        let expected = match n {
            7 => Retry,
            20 => Blocked,
            _ => Applied,
        };
        assert_eq!(*status, expected, "operation {n}");
    }
}

#[tokio::test]
async fn a_rejection_stays_until_the_seller_asks_again_and_its_cause_is_gone() {
    let world = World::new().await;
    world.push(&[customer(0)]).await;
    let delete = op("delete", "customers", "delete", "c0", json!({}));
    let variant = op("late", "customers", "insert", "c0", json!({"name": "Otra"}));
    world.push(&[delete]).await;
    assert_eq!(world.push(std::slice::from_ref(&variant)).await[0].status, Rejected);
    assert_eq!(world.push(std::slice::from_ref(&variant)).await[0].status, Rejected);
    let mut again = variant.clone();
    again["payload"]["name"] = "Otra más".into();
    let reused = &world.push(&[again]).await[0];
    assert_eq!(reused.code, Some(ErrorCode::OperationIdReused));
}

/// Runs a future that never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("memory never waits"),
    }
}
