//! Who may do what.

use protocol::{Action, Entity, ErrorCode, OperationStatus, Role};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, caller, minute, seller};

fn shop() -> Shop {
    let mut shop = Shop::default();
    let made =
        Op::new("make", Entity::Customers, Action::Insert, "c1").payload(json!({"name": "Rosa"}));
    shop.done(&admin(), &made);
    shop
}

fn abono(operation: &str, id: &str, payload: Value) -> Op {
    let mut whole = json!({"clientId": "c1", "amount": 20, "paymentMethod": "yape"});
    whole.as_object_mut().unwrap().extend(crate::fixture::object(payload));
    Op::new(operation, Entity::Abonos, Action::Insert, id).payload(whole)
}

#[test]
fn a_sellers_abono_is_his_alone() {
    let mut shop = shop();
    let record = shop.done(&seller(), &abono("o1", "a1", json!({})));
    assert_eq!((&record["sellerId"], &record["amount"]), (&json!("rosa"), &json!("20.00")));
    let luis = caller("luis", Role::Vendedor);
    let for_rosa = abono("o2", "a2", json!({"sellerId": "rosa"}));
    assert_eq!(shop.fails(&luis, &for_rosa).1, ErrorCode::Forbidden);
    assert_eq!(
        shop.done(&admin(), &abono("o3", "a3", json!({"sellerId": "rosa"})))["sellerId"],
        "rosa"
    );
    for (operation, action) in [("o4", Action::Update), ("o5", Action::Delete)] {
        let touch = Op::new(operation, Entity::Abonos, action, "a1").payload(json!({"notes": "x"}));
        assert_eq!(shop.fails(&luis, &touch).1, ErrorCode::Forbidden);
    }
    shop.done(&seller(), &Op::new("o6", Entity::Abonos, Action::Delete, "a1"));
}

#[test]
fn an_abonos_amount_is_never_changed() {
    let mut shop = shop();
    shop.done(&seller(), &abono("o1", "a1", json!({})));
    let update = |operation: &str, payload: Value| {
        Op::new(operation, Entity::Abonos, Action::Update, "a1").payload(payload).at(5)
    };
    let same =
        update("o2", json!({"amount": "20", "notes": "Yape de su hija", "referenceNumber": "77"}));
    assert_eq!(shop.done(&seller(), &same)["referenceNumber"], "77");
    let other = update("o3", json!({"amount": 21}));
    assert_eq!(shop.fails(&seller(), &other).1, ErrorCode::InvalidField);
    // Refused for good, though the customer that it names may yet arrive.
    let moved = update("o4", json!({"clientId": "c-unknown"}));
    let refused = (OperationStatus::Rejected, ErrorCode::InvalidField);
    assert_eq!(shop.fails(&seller(), &moved), refused);
    for amount in [json!(0), json!("-1"), json!("1e3"), json!("NaN"), json!("1.999")] {
        let bad = abono(&format!("b{amount}").replace('"', ""), "a9", json!({"amount": amount}));
        assert_eq!(shop.fails(&seller(), &bad).1, ErrorCode::InvalidAmount, "{amount}");
    }
}

#[test]
fn catalogue_and_deletes_are_for_administrators() {
    let mut shop = shop();
    let delete = Op::new("o1", Entity::Customers, Action::Delete, "c1");
    assert_eq!(shop.fails(&seller(), &delete).1, ErrorCode::Forbidden);
    let variant = Op::new("o2", Entity::ProductVariants, Action::Insert, "v1")
        .payload(json!({"productId": "p1", "name": "Pierna"}));
    assert_eq!(shop.fails(&seller(), &variant).1, ErrorCode::Forbidden);
    for entity in [Entity::Products, Entity::Closings] {
        let write = Op::new(&format!("o-{entity}"), entity, Action::Insert, "x");
        assert_eq!(shop.fails(&admin(), &write).1, ErrorCode::ReadOnlyEntity);
    }
}

#[test]
fn who_has_left_may_only_bring_what_he_had_done() {
    let mut shop = shop();
    let mut departed = caller("rosa", Role::Saliente);
    departed.deactivated_at = Some(minute(30));
    let before = abono("o1", "a1", json!({})).at(30);
    assert_eq!(shop.done(&departed, &before)["flags"], json!(["departed_seller"]));
    let after = abono("o2", "a2", json!({})).at(31);
    assert_eq!(shop.fails(&departed, &after).1, ErrorCode::AfterDeactivation);
    let others = abono("o3", "a3", json!({"sellerId": "luis"})).at(2);
    assert_eq!(shop.fails(&departed, &others).1, ErrorCode::Forbidden);
}
