//! A business that takes decisions one after another, as the store makes it take them.

use domain::{Caller, Channel, Decision, Row, RowKey, State, StoredRecord, decide, keys_named_by};
use protocol::{
    Action, Entity, Instant, JsonObject, Money, Operation, OperationStatus, Role, Version,
};
use serde_json::{Value, json};

/// Its rows; what is not there is absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shop(State);

impl Shop {
    /// One with two customers and a credit sale of three items, `s1`.
    pub(crate) fn open() -> Self {
        let mut shop = Self::default();
        let admin = caller(Role::AdminNegocio);
        for id in ["c1", "c2"] {
            let made = json!({"name": "Rosa", "phone": "900"});
            shop.push(
                &admin,
                &operation(&format!("make-{id}"), Entity::Customers, Action::Insert, id, made),
            );
        }
        let items = json!([item("i1", 2, 10), item("i2", 1, 5), item("i3", 3, 7)]);
        let sale =
            json!({"saleType": "credito", "clientId": "c1", "amountPaid": 8, "items": items});
        let sold = shop.push(&admin, &operation("sell", Entity::Sales, Action::Insert, "s1", sale));
        assert_eq!(sold.status, OperationStatus::Applied);
        shop
    }

    /// Decides twice, since the same must come out, and keeps what was decided.
    pub(crate) fn push(&mut self, caller: &Caller, operation: &Operation) -> Decision {
        let before = self.record_before(operation);
        let decision = self.decide(caller, operation);
        assert_eq!(self.decide(caller, operation), decision, "the same is decided alike");
        assert_eq!(decision.refusal.is_some(), !decision.status.is_success(), "{decision:?}");
        self.0.apply(&decision);
        check_versions(before, &decision);
        decision
    }

    fn decide(&mut self, caller: &Caller, operation: &Operation) -> Decision {
        for key in keys_named_by(operation) {
            self.load_absent(key);
        }
        for _ in 0..LOADS_MAX {
            match decide(&self.0, operation, caller, minute(600)) {
                Ok(decision) => return decision,
                Err(missing) => missing.0.into_iter().for_each(|key| self.load_absent(key)),
            }
        }
        panic!("asks for rows without end: {operation:?}");
    }

    fn record_before(&self, operation: &Operation) -> Option<Version> {
        let key = RowKey::Record(domain::record_named_by(operation));
        match self.0.present(&key) {
            Some(Row::Record(record)) => Some(record.version),
            _ => None,
        }
    }

    /// The record at `key`, as `sales#s1`.
    pub(crate) fn stored(&self, key: &str) -> Option<&StoredRecord> {
        match self.0.present(&RowKey::Record(key.parse().unwrap())) {
            Some(Row::Record(record)) => Some(record),
            _ => None,
        }
    }

    fn load_absent(&mut self, key: RowKey) {
        if !self.0.is_loaded(&key) {
            self.0.load(key, None);
        }
    }
}

/// A write raises its record's version by one, and the answer says which it is.
fn check_versions(before: Option<Version>, decision: &Decision) {
    for (key, row) in &decision.rows {
        let (RowKey::Record(_), Some(Row::Record(record))) = (key, row) else { continue };
        if decision.version == Some(record.version) {
            let expected = before.map_or(1, |version| version.0 + 1);
            assert_eq!(record.version, Version(expected), "{key:?} {decision:?}");
        }
        let bytes = serde_json::to_vec(&record.record).unwrap().len();
        let bytes_max = domain::RECORD_BYTES_MAX + domain::CHANGES_BYTES_MAX;
        // A delete always fits.
        let fits = bytes <= bytes_max || record.is_deleted();
        assert!(fits, "a record of {bytes} bytes is stored");
        assert!(record.operations.len() <= domain::OPERATION_IDS_KEPT);
    }
}

/// The sums of a sale, to the céntimo.
pub(crate) fn adds_up(sale: &JsonObject) {
    let money = |field: &str| Money::from_json(&sale[field]).unwrap();
    let items = sale["items"].as_array().unwrap();
    let sum: Money = items.iter().map(|item| Money::from_json(&item["subtotal"]).unwrap()).sum();
    assert!((1..=50).contains(&items.len()));
    assert_eq!(money("totalAmount"), sum);
    let (total, paid) = (money("totalAmount"), money("amountPaid"));
    assert_eq!(money("balanceDue"), total - paid);
    assert!(!paid.is_negative() && paid <= total);
    if sale["saleType"] == "contado" {
        assert_eq!(paid, total);
    } else {
        assert!(sale.contains_key("clientId"));
    }
}

pub(crate) fn caller(role: Role) -> Caller {
    let user = if role == Role::AdminNegocio { "ana" } else { "rosa" };
    Caller {
        business: "business-1".parse().unwrap(),
        user: user.parse().unwrap(),
        role,
        deactivated_at: None,
        channel: Channel::Batch,
    }
}

pub(crate) fn operation(
    id: &str,
    entity: Entity,
    action: Action,
    record: &str,
    payload: Value,
) -> Operation {
    let Value::Object(payload) = payload else { panic!("a payload is an object") };
    Operation {
        operation_id: id.parse().unwrap(),
        entity,
        action,
        entity_id: record.parse().unwrap(),
        payload,
        client_timestamp: minute(0),
        base_version: None,
        device_id: None,
        manual_retries: 0,
    }
}

pub(crate) fn item(id: &str, quantity: u32, price: u32) -> Value {
    json!({"id": id, "productId": "p1", "quantity": quantity, "unitPrice": price})
}

/// So many minutes after the shop has opened.
pub(crate) fn minute(minutes: i64) -> Instant {
    "2026-11-22T13:00:00.000Z".parse::<Instant>().unwrap().plus_millis(minutes * 60_000)
}

const LOADS_MAX: usize = 5;
