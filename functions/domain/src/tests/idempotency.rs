//! Nothing takes effect twice, and nothing is silently taken for something else.

use protocol::{Action, Entity, ErrorCode, Operation, OperationStatus, Version};
use serde_json::json;

use crate::RowKey;
use crate::fixture::{Op, Shop, admin, minute, seller};

fn make() -> Op {
    Op::new("o1", Entity::Customers, Action::Insert, "c1").payload(json!({"name": "Rosa"}))
}

#[test]
fn the_same_operation_again_is_a_duplicate_that_writes_nothing() {
    let mut shop = Shop::default();
    shop.done(&seller(), &make());
    let phone = Op::new("o2", Entity::Customers, Action::Update, "c1")
        .payload(json!({"phone": "987"}))
        .base(1);
    shop.done(&seller(), &phone);
    // Time, base, device and spelling may differ.
    let again = make().at(9).base(7).device("cart-b").payload(json!({"name": " Rosa", "x": 1}));
    let decision = shop.push(&seller(), &again);
    assert_eq!(decision.status, OperationStatus::Duplicate);
    assert_eq!(decision.version, Some(Version(2)));
    assert_eq!(decision.record.unwrap()["phone"], "987");
    assert!(decision.rows.is_empty());
}

#[test]
fn another_request_under_the_same_id_is_refused_and_leaves_no_trace() {
    let mut shop = Shop::default();
    shop.done(&seller(), &make());
    let decision = shop.push(&seller(), &make().payload(json!({"name": "Luisa"})));
    assert_eq!(decision.refusal.unwrap().code, ErrorCode::OperationIdReused);
    assert!(decision.rows.is_empty());
}

#[test]
fn a_rejection_stands_until_reintentar_is_pressed() {
    let mut shop = Shop::default();
    shop.done(&seller(), &make());
    let delete = Op::new("o2", Entity::Customers, Action::Delete, "c1").at(5);
    assert_eq!(shop.fails(&seller(), &delete).1, ErrorCode::Forbidden);
    // Its cause has gone, but nobody has asked to try again.
    let told = shop.push(&admin(), &delete);
    assert_eq!(told.refusal.unwrap().code, ErrorCode::Forbidden);
    assert!(told.rows.is_empty());
    let retried = shop.push(&admin(), &delete.clone().retries(1));
    assert_eq!(retried.status, OperationStatus::Applied);
    assert_eq!(shop.push(&admin(), &delete).status, OperationStatus::Duplicate);
}

#[test]
fn a_payload_without_normal_form_is_hashed_as_it_came() {
    let mut shop = Shop::default();
    let bad = make().payload(json!({"name": 7}));
    shop.fails(&seller(), &bad);
    assert!(shop.push(&seller(), &bad).rows.is_empty());
    let other = shop.fails(&seller(), &make().payload(json!({"name": 8})));
    assert_eq!(other.1, ErrorCode::OperationIdReused);
}

#[test]
fn a_replay_is_recognised_where_a_restore_has_lost_the_receipt() {
    let mut shop = Shop::default();
    shop.done(&seller(), &make());
    shop.0.load(RowKey::Receipt("o1".parse().unwrap()), None);
    let decision = shop.push(&seller(), &make());
    assert_eq!(decision.status, OperationStatus::Duplicate);
    assert!(decision.rows.is_empty());
}

#[test]
fn a_retry_that_succeeded_is_recognised_where_a_restore_has_only_the_refusal_before_it() {
    let mut shop = Shop::default();
    let update = |retries| {
        let update = Op::new("o2", Entity::Customers, Action::Update, "c1")
            .payload(json!({"phone": "987654321"}));
        Op(Operation { manual_retries: retries, ..update.0 })
    };
    shop.done(&seller(), &make());
    let before = shop.0.clone();
    shop.done(&admin(), &Op::new("o9", Entity::Customers, Action::Delete, "c1").at(1));
    shop.fails(&seller(), &update(0));
    let key = RowKey::Receipt("o2".parse().unwrap());
    let refusal = shop.0.present(&key).cloned();
    shop.0 = before;
    shop.done(&seller(), &update(1));
    shop.0.load(key, refusal);
    assert_eq!(shop.push(&seller(), &update(1)).status, OperationStatus::Duplicate);
    assert_eq!(shop.push(&seller(), &update(2)).status, OperationStatus::Duplicate);
}

#[test]
fn a_record_keeps_its_last_eight_operations() {
    let mut shop = Shop::default();
    shop.done(&seller(), &make());
    for number in 2..=20 {
        let update = Op::new(&format!("o{number}"), Entity::Customers, Action::Update, "c1")
            .payload(json!({"phone": format!("98{number}")}))
            .at(number);
        shop.done(&seller(), &update);
    }
    let stored = shop.stored("customers#c1");
    let kept: Vec<&str> = stored.operations.iter().map(protocol::OperationId::as_str).collect();
    assert_eq!(kept, ["o13", "o14", "o15", "o16", "o17", "o18", "o19", "o20"]);
    assert_eq!(stored.version, Version(20));
    assert_eq!(stored.clocks.keys().filter(|key| key.starts_with("version/")).count(), 8);
}

#[test]
fn an_insert_on_an_existing_id_is_refused_even_if_deleted() {
    let mut shop = Shop::default();
    shop.done(&seller(), &make());
    let other = Op(Operation { operation_id: "o2".parse().unwrap(), ..make().0 });
    assert_eq!(shop.fails(&seller(), &other).1, ErrorCode::AlreadyExists);
    shop.done(&admin(), &Op::new("o3", Entity::Customers, Action::Delete, "c1").at(5));
    let other = Op(Operation { operation_id: "o4".parse().unwrap(), ..make().0 });
    assert_eq!(shop.fails(&seller(), &other).1, ErrorCode::AlreadyExists);
}

#[test]
fn any_clock_is_accepted_and_bounded_by_ours() {
    for (text, created) in [
        ("2100-01-01T00:00:00.000Z", minute(600)),
        ("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z".parse().unwrap()),
    ] {
        let mut shop = Shop::default();
        let mut op = make();
        op.0.client_timestamp = text.parse().unwrap();
        assert_eq!(shop.done(&seller(), &op)["createdAt"], json!(created));
        let later = Op::new("o2", Entity::Customers, Action::Update, "c1")
            .payload(json!({"name": "Rosa Quispe"}))
            .base(1);
        assert_eq!(shop.done(&admin(), &later)["name"], "Rosa Quispe");
    }
}
