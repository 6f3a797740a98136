//! Records that name others, and what waits for what.

use protocol::{Action, Entity, ErrorCode, OperationStatus};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, seller};
use crate::{RowKey, keys_named_by};

fn customer(id: &str) -> Op {
    Op::new(&format!("make-{id}"), Entity::Customers, Action::Insert, id)
        .payload(json!({"name": "Rosa"}))
}

fn sale(operation: &str, id: &str, client: &str) -> Op {
    Op::new(operation, Entity::Sales, Action::Insert, id).payload(json!({
        "clientId": client, "saleType": "credito",
        "items": [{"productId": "p1", "quantity": 2, "unitPrice": "10"}]
    }))
}

#[test]
fn a_reference_that_has_not_arrived_blocks_and_is_not_stored() {
    let mut shop = Shop::default();
    let decision = shop.push(&seller(), &sale("o1", "s1", "c1"));
    assert_eq!(decision.status, OperationStatus::Blocked);
    assert_eq!(decision.refusal.unwrap().code, ErrorCode::MissingReference);
    assert!(decision.rows.is_empty());
    shop.done(&seller(), &customer("c1"));
    assert_eq!(shop.push(&seller(), &sale("o1", "s1", "c1")).status, OperationStatus::Applied);
}

#[test]
fn a_deleted_reference_is_accepted_and_flagged() {
    let mut shop = Shop::default();
    shop.done(&seller(), &customer("c1"));
    shop.done(&seller(), &customer("c2"));
    shop.done(&admin(), &Op::new("o1", Entity::Customers, Action::Delete, "c1"));
    let record = shop.done(&seller(), &sale("o2", "s1", "c1"));
    assert_eq!(record["flags"], json!(["deleted_reference"]));
    let moved = Op::new("o3", Entity::Sales, Action::Update, "s1")
        .payload(json!({"clientId": "c2"}))
        .base(1);
    assert!(!shop.done(&seller(), &moved).contains_key("flags"));
}

#[test]
fn what_follows_a_failure_waits_for_it() {
    let mut shop = Shop::default();
    shop.done(&seller(), &customer("c1"));
    shop.0.note_failure("customers#c1".parse().unwrap());
    let update =
        Op::new("o1", Entity::Customers, Action::Update, "c1").payload(json!({"phone": "1"}));
    let waits = (OperationStatus::Blocked, ErrorCode::EarlierFailed);
    assert_eq!(shop.fails(&seller(), &update), waits);
    assert_eq!(shop.fails(&seller(), &sale("o2", "s1", "c1")), waits);
    // What was done before is told all the same.
    assert_eq!(shop.push(&seller(), &customer("c1")).status, OperationStatus::Duplicate);
}

#[test]
fn an_update_of_what_is_not_there_waits() {
    let mut shop = Shop::default();
    for (operation, action) in [("o1", Action::Update), ("o2", Action::Delete)] {
        let write = Op::new(operation, Entity::Customers, action, "c1");
        let failure = shop.fails(&admin(), &write);
        assert_eq!(failure, (OperationStatus::Blocked, ErrorCode::RecordNotFound));
    }
}

#[test]
fn an_operation_names_the_rows_that_it_needs() {
    let keys = |op: &Op| -> Vec<String> {
        let name = |key: RowKey| match key {
            RowKey::Record(key) => key.to_string(),
            RowKey::Guard(key) => key.as_str().to_owned(),
            RowKey::Receipt(id) => format!("receipt {id}"),
        };
        keys_named_by(&op.0).into_iter().map(name).collect()
    };
    let update =
        |entity, payload: Value| Op::new("o", entity, Action::Update, "x").payload(payload);
    for (op, named) in [
        (sale("o", "s1", "c1"), vec!["receipt o", "sales#s1", "customers#c1"]),
        (update(Entity::Sales, json!({"amountPaid": 1})), vec!["receipt o", "sales#x"]),
        (update(Entity::Customers, json!({"phone": "1"})), vec!["receipt o", "customers#x"]),
        (
            update(Entity::Customers, json!({"dni": "12345678"})),
            vec!["receipt o", "customers#x", "unique#dni#12345678"],
        ),
        (
            update(Entity::SaleItems, json!({"saleId": "s1", "quantity": 2})),
            vec!["receipt o", "sales#s1"],
        ),
        (
            Op::new("o", Entity::ProductVariants, Action::Insert, "v")
                .payload(json!({"productId": "p", "name": "Pechuga"})),
            vec!["receipt o", "product_variants#v", "products#p", "unique#variant#p#pechuga"],
        ),
    ] {
        assert_eq!(keys(&op), named);
    }
}
