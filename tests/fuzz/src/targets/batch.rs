//! A batch's body and its elements: each is an operation or named as malformed, and an operation is
//! written so that it is read the same. What the phone checks is what the server decides.

use protocol::{BatchRequest, Operation, Role, json};
use serde_json::Value;

use crate::Bytes;
use crate::shop::{Shop, adds_up, caller};

pub(crate) fn run(bytes: &[u8]) {
    let text = Bytes::new(bytes).rest();
    let Ok(batch) = json::from_str::<BatchRequest>(&text) else { return };
    let mut shop = Shop::open();
    for element in batch.operations.iter().take(50) {
        match Operation::from_json(element) {
            Ok(operation) => {
                let written = serde_json::to_value(&operation).unwrap();
                assert_eq!(Operation::from_json(&written).ok().as_ref(), Some(&operation));
                for role in [Role::AdminNegocio, Role::Vendedor, Role::Saliente] {
                    shop.push(&caller(role), &operation);
                }
                laid_on_top(&operation, &shop);
            }
            Err(malformed) => {
                assert!(malformed.operation_id.is_none_or(|id| id.len() <= 256));
                assert_eq!(element.is_object(), malformed.field != "operation");
            }
        }
    }
    if let Some(sale) = shop.stored("sales#s1").filter(|sale| !sale.is_deleted()) {
        adds_up(&sale.record);
    }
}

/// As a phone shows it before it has been sent.
fn laid_on_top(operation: &Operation, shop: &Shop) {
    let present = shop.stored(&domain::record_named_by(operation).to_string());
    let record = present.map(|stored| &stored.record);
    if let Ok(shown) = domain::preview(record, operation, &caller(Role::AdminNegocio)) {
        let text = Value::Object(shown.clone()).to_string();
        assert_eq!(json::from_str::<Value>(&text).ok(), Some(Value::Object(shown)));
    }
}
