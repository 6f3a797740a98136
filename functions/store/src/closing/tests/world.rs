//! A business in memory, and two who call its store at once, call by call.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use protocol::{Operation, OperationResult, OperationStatus, Role};
use serde_json::{Value, json};

use crate::closing::*;
use crate::memory::{MemoryTables, VirtualSurroundings};
use crate::push::push;
use crate::tables::{BatchGot, Condition, Item, Query, QueryPage, Table};

use OperationStatus::Applied;

/// A business with Rosa, who sells, and Ana, who runs it; Rosa has sold for 10 today.
pub(super) struct World {
    pub(super) tables: MemoryTables,
    pub(super) surroundings: VirtualSurroundings,
}

pub(super) fn sender(user: &str, role: Role) -> Sender {
    Sender {
        business: "b1".parse().unwrap(),
        user: user.parse().unwrap(),
        role,
        session: Some("s1".into()),
    }
}

pub(super) fn rosa() -> Sender {
    sender("rosa", Role::Vendedor)
}

pub(super) fn ana() -> Sender {
    sender("ana", Role::AdminNegocio)
}

pub(super) fn op(
    id: &str,
    entity: &str,
    action: &str,
    entity_id: &str,
    payload: &Value,
) -> Operation {
    Operation::from_json(&json!({"operationId": id, "entity": entity, "action": action,
        "entityId": entity_id, "payload": payload, "deviceId": "d1",
        "clientTimestamp": "2026-11-22T12:00:00.000Z"}))
    .unwrap()
}

pub(super) fn sale(id: &str) -> Operation {
    let item = json!({"id": "i", "productId": "p", "quantity": "1", "unitPrice": "10"});
    let payload = json!({"saleType": "contado", "sellerId": "rosa", "items": [item]});
    op(&format!("sell-{id}"), "sales", "insert", id, &payload)
}

pub(super) fn close(id: &str) -> Operation {
    let payload = json!({"closingDate": "2026-11-22", "cashCounted": "10", "sellerId": null});
    op(&format!("close-{id}"), "closings", "insert", id, &payload)
}

pub(super) fn correct(id: &str, corrected: &str) -> Operation {
    let payload = json!({"closingDate": "2026-11-22", "sellerId": "rosa",
        "correctionOf": corrected});
    op(&format!("close-{id}"), "closings", "insert", id, &payload)
}

pub(super) async fn sell<T: Tables>(
    tables: &T,
    surroundings: &VirtualSurroundings,
    operations: &[Operation],
) -> Vec<OperationStatus> {
    let operations: Vec<_> = operations.iter().cloned().map(Ok).collect();
    let results = push(tables, surroundings, &rosa(), Channel::Batch, &operations).await.unwrap();
    results.iter().map(|result| result.status).collect()
}

impl World {
    pub(super) fn new() -> Self {
        let now = "2026-11-22T22:00:00.000Z".parse().unwrap();
        let tables = MemoryTables::new();
        let world = Self { tables, surroundings: VirtualSurroundings::new(now, 7) };
        for sender in [rosa(), ana()] {
            let attributes = [("active", true.into()), ("expiresAt", i64::MAX.into())];
            for (key, (name, value)) in sender.keys().zip(attributes) {
                let mut item = key.to_item();
                item.insert(name.into(), value);
                let put = Write::Put { table: Table::Accounts, item, condition: Condition::None };
                at_once(world.tables.write(&put)).unwrap();
            }
        }
        assert_eq!(world.sell(&[sale("s1")]), [Applied]);
        world
    }

    pub(super) fn suffering(&self, faults: impl crate::memory::Faults + 'static) -> Self {
        let surroundings = self.surroundings.clone();
        Self { tables: self.tables.with_faults(faults), surroundings }
    }

    pub(super) fn sell(&self, operations: &[Operation]) -> Vec<OperationStatus> {
        at_once(sell(&self.tables, &self.surroundings, operations))
    }

    pub(super) fn close(&self, sender: &Sender, operation: &Operation) -> OperationResult {
        at_once(close_day(&self.tables, &self.surroundings, sender, operation)).unwrap()
    }

    pub(super) fn value(&self, key: &str) -> Option<Item> {
        let found = self.tables.peek(&Key::new(Table::Records, "b1", key))?;
        found["value"].as_object().cloned()
    }

    pub(super) fn guard(&self) -> Item {
        let key = "unique#closing#rosa#2026-11-22";
        self.tables.peek(&Key::new(Table::Records, "b1", key)).unwrap()
    }

    /// How often `closing` tells of the sale `id`: in its figures (each sale is 10), or as late.
    pub(super) fn counted_and_late(
        &self,
        closing: &str,
        sales_before: u64,
        id: &str,
    ) -> (u64, usize) {
        let closing = self.value(&format!("closings#{closing}")).unwrap();
        let counted = closing["totalSales"].as_u64().unwrap() - sales_before;
        let late = closing.get("lateEntries").and_then(Value::as_array);
        let late = late.into_iter().flatten().filter(|entry| entry["id"] == id).count();
        (counted, late)
    }
}

/// Runs a future that never waits.
pub(super) fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("memory never waits"),
    }
}

/// Tables that let others go first before every call.
pub(super) struct Stepping(pub(super) MemoryTables);

/// Waits once.
pub(super) async fn step() {
    let mut waited = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Tables for Stepping {
    async fn batch_get(&self, keys: &[Key]) -> Result<BatchGot, StoreError> {
        step().await;
        self.0.batch_get(keys).await
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        step().await;
        self.0.query(query).await
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), StoreError> {
        step().await;
        self.0.transact(writes).await
    }

    async fn write(&self, write: &Write) -> Result<(), StoreError> {
        step().await;
        self.0.write(write).await
    }
}

/// Runs two futures call by call: bit n of `schedule` says whose the n-th call is; then to the end.
pub(super) fn interleaved<A, B>(
    one: impl Future<Output = A>,
    two: impl Future<Output = B>,
    schedule: u32,
) -> (A, B) {
    let (mut one, mut two): (Pin<&mut _>, Pin<&mut _>) = (pin!(one), pin!(two));
    let (mut first, mut second) = (None, None);
    let mut context = Context::from_waker(Waker::noop());
    for turn in 0..STEPS_MAX {
        let ones_turn = turn >= 32 || (schedule >> turn) & 1 == 0;
        if first.is_none() && (ones_turn || second.is_some()) {
            if let Poll::Ready(output) = one.as_mut().poll(&mut context) {
                first = Some(output);
            }
        } else if second.is_none()
            && let Poll::Ready(output) = two.as_mut().poll(&mut context)
        {
            second = Some(output);
        }
        if first.is_some() && second.is_some() {
            break;
        }
    }
    (first.expect("ends"), second.expect("ends"))
}

pub(super) const STEPS_MAX: u32 = 200;

/// Calls of a closing and a push together, without retries; every order of them is tried.
pub(super) const ORDERS: u32 = 1 << 10;
