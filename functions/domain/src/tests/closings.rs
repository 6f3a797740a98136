//! Closings: a day is counted once, and what comes after it is late.

use protocol::{Action, Entity, ErrorCode, Instant, JsonObject, OperationStatus, Role};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, caller, minute, object, seller};
use crate::{Caller, Decision, GuardKey, GuardState, Row, RowKey};

const TODAY: &str = "2026-11-22";

fn guard_key() -> GuardKey {
    GuardKey::new("closing", &["rosa", TODAY])
}

fn sale(id: &str, quantity: u32) -> Op {
    let item = json!({"productId": "p1", "quantity": quantity, "unitPrice": "10"});
    Op::new(&format!("sell-{id}"), Entity::Sales, Action::Insert, id)
        .payload(json!({"saleType": "contado", "items": [item]}))
}

fn abono(id: &str, amount: u32) -> Op {
    Op::new(&format!("take-{id}"), Entity::Abonos, Action::Insert, id)
        .payload(json!({"clientId": "c1", "amount": amount, "paymentMethod": "efectivo"}))
}

fn close(id: &str, payload: Value) -> Op {
    let mut all = object(json!({"closingDate": TODAY}));
    all.extend(object(payload));
    Op::new(&format!("close-{id}"), Entity::Closings, Action::Insert, id)
        .payload(Value::Object(all))
}

/// The evening of the day, and of a day `days` later.
fn evening(days: i64) -> Instant {
    minute(600 + days * 24 * 60)
}

fn shop() -> Shop {
    let mut shop = Shop::default();
    let customer = Op::new("c", Entity::Customers, Action::Insert, "c1");
    shop.done(&admin(), &customer.payload(json!({"name": "Rosa"})));
    shop.done(&seller(), &sale("s1", 5));
    shop.done(&seller(), &sale("s2", 2));
    shop.done(&seller(), &abono("a1", 20));
    shop.done(&caller("luis", Role::Vendedor), &sale("s9", 40));
    shop.done(&seller(), &Op::new("undo", Entity::Sales, Action::Delete, "s2").at(9));
    shop
}

fn closed(shop: &mut Shop, caller: &Caller, op: &Op, now: Instant) -> JsonObject {
    let decision = shop.close(caller, op, now);
    assert_eq!(decision.status, OperationStatus::Applied, "{decision:?}");
    object(decision.record.unwrap())
}

fn refused(decision: Decision) -> ErrorCode {
    assert!(matches!(decision.status, OperationStatus::Rejected), "{decision:?}");
    decision.refusal.unwrap().code
}

fn closed_shop() -> Shop {
    let mut shop = shop();
    closed(&mut shop, &seller(), &close("k1", json!({})), evening(0));
    shop
}

#[test]
fn a_day_is_counted_from_its_live_records() {
    let mut shop = shop();
    let op = close("k1", json!({"cashCounted": "65", "totalAmount": "9999"}));
    let closing = closed(&mut shop, &seller(), &op, evening(0));
    for (field, value) in [
        ("sellerId", json!("rosa")),
        ("closingDate", json!(TODAY)),
        ("totalSales", json!(1)),
        ("totalAmount", json!("50.00")),
        ("cashAmount", json!("50.00")),
        ("creditAmount", json!("0.00")),
        ("totalKilos", json!("5.000")),
        ("cashDifference", json!("-5.00")),
        ("version", json!(1)),
    ] {
        assert_eq!(closing[field], value, "{field}");
    }
    assert_eq!(closing["paymentsByMethod"]["efectivo"], "20.00");
    assert_eq!(shop.stored("closings#k1").seller_date().unwrap(), "rosa#2026-11-22");
    let again = shop.close(&seller(), &op, evening(0));
    assert_eq!(again.status, OperationStatus::Duplicate);
}

#[test]
fn sums_that_are_no_amount_close_no_day() {
    let mut shop = shop();
    let amount = |id: &str, method: &str| {
        Op::new(&format!("take-{id}"), Entity::Abonos, Action::Insert, id).payload(
            json!({"clientId": "c1", "amount": "999999999900.00", "paymentMethod": method}),
        )
    };
    // Alone it is an amount; with what was sold for cash, 50.00, and the abono of 20.00 too.
    shop.done(&seller(), &amount("a2", "efectivo"));
    let counted = json!({"cashCounted": "0.00"});
    closed(&mut shop.clone(), &seller(), &close("k1", counted.clone()), evening(0));
    shop.done(&seller(), &amount("a3", "yape"));
    closed(&mut shop.clone(), &seller(), &close("k1", counted.clone()), evening(0));
    for (id, method) in [("a4", "yape"), ("a5", "efectivo")] {
        let mut shop = shop.clone();
        shop.done(&seller(), &amount(id, method));
        let decision = shop.clone().close(&seller(), &close("k1", counted.clone()), evening(0));
        let message = decision.refusal.clone().unwrap().message.unwrap();
        assert!(message.starts_with("Los montos de ese día suman demasiado"), "{message}");
        assert_eq!(refused(decision), ErrorCode::ClosingNotAllowed, "{method}");
        // With the wrong abono gone the same day is closed.
        shop.done(&seller(), &Op::new("undo-it", Entity::Abonos, Action::Delete, id).at(9));
        closed(&mut shop, &seller(), &close("k2", counted.clone()), evening(0));
    }
}

#[test]
fn what_is_sold_by_the_piece_has_no_kilos() {
    let mut shop = shop();
    let product = Op::new("p", Entity::Products, Action::Insert, "p1");
    let product = product.payload(json!({"name": "Huevo", "type": "huevo", "unit": "unidad"}));
    let online = Caller { channel: crate::Channel::Online, ..admin() };
    shop.done(&online, &product);
    let closing = closed(&mut shop, &seller(), &close("k1", json!({})), evening(0));
    assert_eq!(closing["totalKilos"], "0.000");
}

#[test]
fn a_phones_queue_closes_nothing() {
    let op = close("k1", json!({}));
    let batch = shop().fails(&seller(), &op);
    assert_eq!(batch, (OperationStatus::Rejected, ErrorCode::ReadOnlyEntity));
}

#[test]
fn who_may_close_which_day() {
    let tell = |caller: &Caller, payload: Value, days| {
        let decision = shop().close(caller, &close("k1", payload), evening(days));
        decision.refusal.map(|refusal| refusal.code)
    };
    let because = "La dueña estaba de viaje";
    let rosa = json!({"sellerId": "rosa"});
    let backdated = json!({"sellerId": "rosa", "backdateReason": because});
    assert_eq!(tell(&seller(), rosa.clone(), 0), None);
    assert_eq!(tell(&admin(), rosa.clone(), 0), None);
    assert_eq!(tell(&admin(), backdated.clone(), 7), None);
    let not_allowed = Some(ErrorCode::ClosingNotAllowed);
    assert_eq!(tell(&seller(), backdated.clone(), 1), not_allowed);
    assert_eq!(tell(&admin(), rosa.clone(), 1), not_allowed);
    assert_eq!(tell(&admin(), backdated.clone(), 8), not_allowed);
    assert_eq!(tell(&admin(), backdated, -1), not_allowed);
    let short = json!({"sellerId": "rosa", "backdateReason": "  viaje   "});
    assert_eq!(tell(&admin(), short, 1), Some(ErrorCode::InvalidField));
    let luis = caller("luis", Role::Vendedor);
    assert_eq!(tell(&luis, rosa.clone(), 0), Some(ErrorCode::Forbidden));
    let departed = caller("rosa", Role::Saliente);
    assert_eq!(tell(&departed, rosa, 0), Some(ErrorCode::Forbidden));
    for action in [Action::Update, Action::Delete] {
        let op = Op::new("o", Entity::Closings, action, "k1").payload(json!({"cashCounted": 1}));
        let online = Caller { channel: crate::Channel::Online, ..admin() };
        assert_eq!(refused(closed_shop().decide(&online, &op)), ErrorCode::UnknownAction);
    }
}

#[test]
fn the_day_ends_in_lima() {
    // 23:59 in Lima is the next day in UTC.
    let last: Instant = "2026-11-23T04:59:59.999Z".parse().unwrap();
    let op = close("k1", json!({}));
    assert_eq!(shop().close(&seller(), &op, last).status, OperationStatus::Applied);
    let midnight = last.plus_millis(1);
    assert_eq!(refused(shop().close(&seller(), &op, midnight)), ErrorCode::ClosingNotAllowed);
}

#[test]
fn a_day_has_one_closing_and_corrections_that_name_it() {
    let mut shop = closed_shop();
    let again = shop.close(&seller(), &close("k2", json!({})), evening(0));
    assert_eq!(refused(again), ErrorCode::ClosingExists);
    shop.done(&seller(), &sale("s3", 1));
    let correction = json!({"sellerId": "rosa", "correctionOf": "k1"});
    let by_seller = shop.close(&seller(), &close("k3", correction.clone()), evening(0));
    assert_eq!(refused(by_seller), ErrorCode::Forbidden);
    let other_day = json!({"sellerId": "luis", "correctionOf": "k1"});
    let other_day = shop.close(&admin(), &close("k4", other_day), evening(0));
    assert_eq!(refused(other_day), ErrorCode::ClosingNotAllowed);
    let op = close("k5", correction.clone());
    let corrected = closed(&mut shop, &admin(), &op, evening(0));
    assert_eq!((&corrected["totalAmount"], &corrected["totalSales"]), (&json!("60.00"), &json!(2)));
    assert!(!corrected.contains_key("lateEntries"));
    assert_eq!(shop.stored("closings#k1").record["totalAmount"], "50.00");
    // From now on the correction stands.
    shop.done(&seller(), &abono("a2", 7));
    assert_eq!(shop.stored("closings#k5").record["lateEntriesCount"], 1);
    assert_eq!(shop.stored("closings#k1").record["lateEntriesCount"], 1);
    closed(&mut shop, &admin(), &close("k6", correction), evening(0));
}

#[test]
fn what_comes_after_the_close_is_late_and_changes_no_figure() {
    let mut shop = closed_shop();
    let before = shop.stored("closings#k1");
    let decision = shop.push(&seller(), &sale("s3", 1));
    assert_eq!(decision.status, OperationStatus::Applied);
    assert_eq!(decision.checks, [guard_key()]);
    shop.done(&seller(), &abono("a2", 5));
    let update = Op::new("o1", Entity::Sales, Action::Update, "s1").at(9);
    let items = json!([{"id": "s1-1", "productId": "p1", "quantity": 9, "unitPrice": 10}]);
    shop.done(&seller(), &update.payload(json!({"items": items})));
    let after = shop.stored("closings#k1");
    let named = |record: &JsonObject| -> Vec<String> {
        let entries = record["lateEntries"].as_array().unwrap();
        entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named(&after.record), ["s3", "a2", "s1"]);
    shop.done(&seller(), &Op::new("o2", Entity::Abonos, Action::Delete, "a1").at(10));
    shop.done(&seller(), &Op::new("o3", Entity::Sales, Action::Delete, "s3").at(10));
    let after = shop.stored("closings#k1");
    assert_eq!(named(&after.record), ["a2", "s1", "a1", "s3"]);
    assert_eq!((after.version.0, &after.record["lateEntriesCount"]), (6, &json!(5)));
    for field in ["totalAmount", "totalSales", "cashAmount", "paymentsByMethod", "totalKilos"] {
        assert_eq!(after.record[field], before.record[field], "{field}");
    }
}

#[test]
fn what_no_figure_comes_from_is_not_late() {
    let mut shop = closed_shop();
    let note = Op::new("o1", Entity::Abonos, Action::Update, "a1").at(9);
    let decision = shop.push(&seller(), &note.payload(json!({"notes": "Pagó su hija"})));
    assert!(decision.status.is_success() && decision.checks.is_empty(), "{decision:?}");
    let luis = caller("luis", Role::Vendedor);
    shop.done(&luis, &sale("s8", 1));
    assert_eq!(shop.stored("closings#k1").version.0, 1);
}

#[test]
fn a_sale_moved_between_days_is_late_on_both() {
    let mut shop = closed_shop();
    let yesterday = sale("s7", 3);
    let mut yesterday = yesterday.0;
    yesterday.payload.insert("saleDate".into(), json!("2026-11-21T15:00:00.000Z"));
    shop.done(&seller(), &Op(yesterday));
    let reason = json!({"sellerId": "rosa", "closingDate": "2026-11-21",
                        "backdateReason": "Se quedó sin señal"});
    let early = closed(&mut shop, &admin(), &close("k0", reason), evening(0));
    assert_eq!(early["totalAmount"], "30.00");
    let moved = json!({"saleDate": "2026-11-22T15:00:00.000Z"});
    shop.done(&seller(), &Op::new("o1", Entity::Sales, Action::Update, "s7").at(9).payload(moved));
    for closing in ["closings#k0", "closings#k1"] {
        assert_eq!(shop.stored(closing).record["lateEntries"][0]["id"], "s7", "{closing}");
    }
}

#[test]
fn a_closing_lists_the_latest_entries_and_counts_all() {
    let mut shop = closed_shop();
    for number in 0..30 {
        shop.done(&seller(), &abono(&format!("late-{number}"), 1));
    }
    let closing = shop.stored("closings#k1").record;
    assert_eq!(closing["lateEntries"].as_array().unwrap().len(), 20);
    assert_eq!(closing["lateEntries"][19]["id"], "late-29");
    assert_eq!(closing["lateEntriesCount"], 30);
}

#[test]
fn what_is_written_while_a_day_is_counted_disturbs_the_count() {
    let mut shop = shop();
    let online = Caller { channel: crate::Channel::Online, ..seller() };
    let claim = shop.decide(&online, &close("k1", json!({})));
    assert_eq!(claim.status, OperationStatus::Retry);
    let [(RowKey::Guard(key), Some(Row::Guard(guard)))] = claim.rows.as_slice() else {
        panic!("{claim:?}")
    };
    assert_eq!((key, guard.state), (&guard_key(), GuardState::Counting));
    shop.0.apply(&claim);
    let written = shop.push(&seller(), &sale("s3", 1));
    assert!(written.checks.is_empty());
    let raised = shop.0.guard(&guard_key()).unwrap().unwrap();
    assert_eq!((raised.version.0, raised.state), (2, GuardState::Counting));
    // Somebody else takes the claim over; nothing is late.
    let closing = closed(&mut shop, &seller(), &close("k2", json!({})), evening(0));
    assert_eq!(closing["totalAmount"], "60.00");
    // A correction that is never finished leaves late entries to the closing that stands.
    let correction = close("k3", json!({"sellerId": "rosa", "correctionOf": "k2"}));
    let online = Caller { channel: crate::Channel::Online, ..admin() };
    let claim = shop.decide(&online, &correction);
    shop.0.apply(&claim);
    shop.done(&seller(), &sale("s4", 1));
    assert_eq!(shop.stored("closings#k2").record["lateEntries"][0]["id"], "s4");
    let raised = shop.0.guard(&guard_key()).unwrap().unwrap();
    assert_eq!(raised.state, GuardState::Recounting);
}
