//! Any run of operations on a shop: nothing panics, the same is decided alike, twice is once, a
//! write raises a version by one, and money adds up after every one of them.

use protocol::{Action, Entity, Operation, OperationStatus, Role, Version};
use serde_json::Value;

use crate::Bytes;
use crate::json;
use crate::shop::{Shop, adds_up, caller, minute, operation};

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let mut shop = Shop::open();
    for number in 0..OPERATIONS_MAX {
        if bytes.is_empty() {
            return;
        }
        let role = bytes.one_of(&[Role::AdminNegocio, Role::Vendedor, Role::Saliente]);
        let caller = caller(role);
        let operation = any(&mut bytes, number);
        let first = shop.push(&caller, &operation);
        let between = shop.clone();
        let second = shop.push(&caller, &operation);
        match first.status {
            OperationStatus::Rejected => assert_eq!(second.refusal, first.refusal),
            OperationStatus::Blocked => assert_eq!(second, first),
            _ => {
                assert_eq!(second.status, OperationStatus::Duplicate, "{operation:?}");
                assert_eq!(second.record, first.record);
                assert_eq!(second.version, first.version);
            }
        }
        for key in ["customers#c1", "sales#s1", "sales#x", "customers#x"] {
            assert_eq!(shop.stored(key), between.stored(key), "twice is once");
        }
        for key in ["sales#s1", "sales#x"] {
            if let Some(sale) = shop.stored(key).filter(|sale| !sale.is_deleted()) {
                adds_up(&sale.record);
            }
        }
    }
}

fn any(bytes: &mut Bytes<'_>, number: usize) -> Operation {
    let id = format!("any-{number}");
    let (entity, action) = (bytes.one_of(Entity::ALL), bytes.one_of(Action::ALL));
    let record = bytes.one_of(&["s1", "c1", "i1", "x"]);
    let payload = Value::Object(json::object(bytes));
    let mut operation = operation(&id, entity, action, record, payload);
    operation.client_timestamp = minute(i64::from(bytes.byte()) * 3 - 5);
    operation.base_version = bytes.one_of(&[
        None,
        Some(Version(0)),
        Some(Version(1)),
        Some(Version(2)),
        Some(Version(9)),
    ]);
    operation.device_id = bytes.one_of(&[None, Some("a"), Some("b")]).map(|id| id.parse().unwrap());
    operation
}

const OPERATIONS_MAX: usize = 12;
