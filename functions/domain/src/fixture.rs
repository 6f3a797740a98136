//! A business in a test: people, operations, and a state that takes decisions one after another.

use protocol::{
    Action, Entity, ErrorCode, Instant, JsonObject, Operation, OperationStatus, Role, Version,
};
use serde_json::Value;

use crate::{
    Caller, Channel, Day, Decision, Row, RowKey, State, StoredRecord, decide, keys_named_by,
};

/// Minute 0 of every test.
pub(crate) const MORNING: &str = "2026-11-22T13:00:00.000Z";

/// The instant `minutes` after [`MORNING`].
pub(crate) fn minute(minutes: i64) -> Instant {
    MORNING.parse::<Instant>().unwrap().plus_millis(minutes * 60_000)
}

pub(crate) fn caller(user: &str, role: Role) -> Caller {
    Caller {
        business: "business-1".parse().unwrap(),
        user: user.parse().unwrap(),
        role,
        deactivated_at: None,
        channel: Channel::Batch,
    }
}

pub(crate) fn admin() -> Caller {
    caller("ana", Role::AdminNegocio)
}

pub(crate) fn seller() -> Caller {
    caller("rosa", Role::Vendedor)
}

pub(crate) fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        other => panic!("no object: {other}"),
    }
}

/// An operation under construction.
#[derive(Debug, Clone)]
pub(crate) struct Op(pub(crate) Operation);

impl Op {
    pub(crate) fn new(id: &str, entity: Entity, action: Action, record: &str) -> Self {
        Self(Operation {
            operation_id: id.parse().unwrap(),
            entity,
            action,
            entity_id: record.parse().unwrap(),
            payload: JsonObject::new(),
            client_timestamp: minute(0),
            base_version: None,
            device_id: None,
            manual_retries: 0,
        })
    }

    pub(crate) fn payload(mut self, payload: Value) -> Self {
        self.0.payload = object(payload);
        self
    }

    pub(crate) fn at(mut self, minutes: i64) -> Self {
        self.0.client_timestamp = minute(minutes);
        self
    }

    pub(crate) fn base(mut self, version: u64) -> Self {
        self.0.base_version = Some(Version(version));
        self
    }

    pub(crate) fn device(mut self, device: &str) -> Self {
        self.0.device_id = Some(device.parse().unwrap());
        self
    }

    pub(crate) fn retries(mut self, retries: u32) -> Self {
        self.0.manual_retries = retries;
        self
    }
}

/// A business's rows; what is not there is absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shop(pub(crate) State);

impl Shop {
    /// Decides as the store does: loads what is named, asks again for what was not.
    pub(crate) fn decide(&mut self, caller: &Caller, op: &Op) -> Decision {
        self.decide_at(caller, op, minute(NOW_MINUTES))
    }

    fn decide_at(&mut self, caller: &Caller, op: &Op, now: Instant) -> Decision {
        for key in keys_named_by(&op.0) {
            self.load_absent(key);
        }
        for _ in 0..LOADS_MAX {
            match decide(&self.0, &op.0, caller, now) {
                Ok(decision) => return decision,
                Err(missing) => missing.0.into_iter().for_each(|key| self.load_absent(key)),
            }
        }
        panic!("asks for rows without end: {op:?}");
    }

    /// Decides, and keeps what was decided.
    pub(crate) fn push(&mut self, caller: &Caller, op: &Op) -> Decision {
        let decision = self.decide(caller, op);
        assert_eq!(decision.refusal.is_some(), !decision.status.is_success(), "{decision:?}");
        self.0.apply(&decision);
        decision
    }

    /// Pushes what must succeed; gives the record after it.
    pub(crate) fn done(&mut self, caller: &Caller, op: &Op) -> JsonObject {
        let decision = self.push(caller, op);
        assert!(decision.status.is_success(), "{decision:?}");
        object(decision.record.unwrap())
    }

    /// Pushes what must fail; gives how.
    pub(crate) fn fails(&mut self, caller: &Caller, op: &Op) -> (OperationStatus, ErrorCode) {
        let decision = self.push(caller, op);
        (decision.status, decision.refusal.unwrap_or_else(|| panic!("{op:?} succeeds")).code)
    }

    /// Closes a day as the server does: claims it, reads it, counts it.
    pub(crate) fn close(&mut self, caller: &Caller, op: &Op, now: Instant) -> Decision {
        let caller = Caller { channel: Channel::Online, ..caller.clone() };
        for _ in 0..LOADS_MAX {
            let decision = self.decide_at(&caller, op, now);
            self.0.apply(&decision);
            if decision.status != OperationStatus::Retry {
                return decision;
            }
            let seller = op.0.payload.get("sellerId").and_then(Value::as_str);
            let seller = seller.unwrap_or(caller.user.as_str());
            let day = format!("{seller}#{}", op.0.payload["closingDate"].as_str().unwrap());
            let rows = self.0.records().filter(|(_, row)| row.seller_date().as_ref() == Some(&day));
            let records = rows.map(|(key, row)| (key.entity, row.clone())).collect();
            self.0.load_day(day, Day::new(records));
        }
        panic!("the day is never ready: {op:?}");
    }

    pub(crate) fn stored(&self, key: &str) -> StoredRecord {
        match self.0.present(&RowKey::Record(key.parse().unwrap())) {
            Some(Row::Record(record)) => record.clone(),
            other => panic!("{key}: {other:?}"),
        }
    }

    fn load_absent(&mut self, key: RowKey) {
        if !self.0.is_loaded(&key) {
            self.0.load(key, None);
        }
    }
}

/// A few rounds of loading are enough for any operation.
const LOADS_MAX: usize = 5;

/// The server's clock: after everything that a test does.
const NOW_MINUTES: i64 = 600;
