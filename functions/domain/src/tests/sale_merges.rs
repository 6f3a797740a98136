//! Two phones on one sale: its money never tears.

use protocol::{Action, Entity, OperationStatus};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, seller};

fn shop() -> Shop {
    let mut shop = Shop::default();
    for id in ["c1", "c2"] {
        let made = Op::new(&format!("make-{id}"), Entity::Customers, Action::Insert, id);
        shop.done(&admin(), &made.payload(json!({"name": "Rosa"})));
    }
    let items = json!([item("i1", 2, 10), item("i2", 1, 5)]);
    let sale = json!({"saleType": "credito", "clientId": "c1", "amountPaid": 8, "items": items});
    shop.done(&seller(), &Op::new("sell", Entity::Sales, Action::Insert, "s1").payload(sale));
    shop
}

fn item(id: &str, quantity: u32, price: u32) -> Value {
    json!({"id": id, "productId": "p1", "quantity": quantity, "unitPrice": price})
}

fn update(operation: &str, minute: i64, payload: Value) -> Op {
    Op::new(operation, Entity::Sales, Action::Update, "s1")
        .payload(payload)
        .device(operation)
        .at(minute)
        .base(1)
}

/// What both orders of two operations agree upon.
fn check(one: &Op, two: &Op, statuses: [OperationStatus; 2], expected: &Value) {
    for (order, status) in [[one, two], [two, one]].into_iter().zip(statuses) {
        let mut shop = shop();
        assert!(shop.push(&seller(), order[0]).status.is_success());
        let decision = shop.push(&seller(), order[1]);
        assert_eq!(decision.status, status, "{decision:?}");
        let record = decision.record.unwrap();
        let quantities: Value = record["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["id"].as_str().unwrap().to_owned(), item["quantity"].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let mut lost: Vec<_> = decision
            .conflict
            .iter()
            .map(|entry| {
                let shown = |value: &Value| value.get("quantity").unwrap_or(value).clone();
                json!([entry.field, shown(&entry.kept), shown(&entry.lost)])
            })
            .collect();
        lost.sort_by_key(ToString::to_string);
        let seen = json!({
            "clientId": record["clientId"], "totalAmount": record["totalAmount"],
            "amountPaid": record["amountPaid"], "balanceDue": record["balanceDue"],
            "items": quantities, "lost": lost,
        });
        assert_eq!(seen, *expected);
    }
}

const MERGED: [OperationStatus; 2] = [OperationStatus::Merged; 2];
const CONFLICT: [OperationStatus; 2] = [OperationStatus::Conflict; 2];

#[test]
fn different_items_merge_and_the_total_follows() {
    check(
        &update("a", 1, json!({"items": [item("i1", 3, 10), item("i2", 1, 5)]})),
        &update("b", 2, json!({"items": [item("i1", 2, 10), item("i2", 1, 5), item("i3", 1, 1)]})),
        MERGED,
        &json!({"clientId": "c1", "totalAmount": "36.00", "amountPaid": "8.00",
                "balanceDue": "28.00", "lost": [],
                "items": {"i1": "3.000", "i2": "1.000", "i3": "1.000"}}),
    );
}

#[test]
fn an_item_left_out_is_removed_unless_it_was_added_since() {
    check(
        &update("a", 1, json!({"items": [item("i1", 2, 10)]})),
        &update("b", 2, json!({"items": [item("i1", 2, 10), item("i2", 1, 5), item("i3", 1, 1)]})),
        MERGED,
        &json!({"clientId": "c1", "totalAmount": "21.00", "amountPaid": "8.00",
                "balanceDue": "13.00", "lost": [], "items": {"i1": "2.000", "i3": "1.000"}}),
    );
}

#[test]
fn an_item_removed_here_and_changed_there_goes_by_time() {
    let remove = |minute| update("a", minute, json!({"items": [item("i1", 2, 10)]}));
    let change =
        |minute| update("b", minute, json!({"items": [item("i1", 2, 10), item("i2", 4, 5)]}));
    check(
        &remove(1),
        &change(2),
        CONFLICT,
        &json!({"clientId": "c1", "totalAmount": "40.00", "amountPaid": "8.00",
                "balanceDue": "32.00", "lost": [["items/i2", "4.000", null]],
                "items": {"i1": "2.000", "i2": "4.000"}}),
    );
    check(
        &remove(2),
        &change(1),
        CONFLICT,
        &json!({"clientId": "c1", "totalAmount": "20.00", "amountPaid": "8.00",
                "balanceDue": "12.00", "lost": [["items/i2", null, "4.000"]],
                "items": {"i1": "2.000"}}),
    );
}

#[test]
fn who_owes_and_what_is_paid_do_not_come_from_two_hands() {
    check(
        &update("a", 1, json!({"amountPaid": 20})),
        &update("b", 2, json!({"clientId": "c2"})),
        CONFLICT,
        &json!({"clientId": "c2", "totalAmount": "25.00", "amountPaid": "8.00",
                "balanceDue": "17.00", "lost": [["amountPaid", "8.00", "20.00"]],
                "items": {"i1": "2.000", "i2": "1.000"}}),
    );
}

/// Juana corrects kilos, Ana price and payment; an older client sends the whole sale each time.
#[test]
fn a_field_sent_as_it_was_seen_is_no_conflict() {
    let whole = |operation: &str, minute, paid: u32, items: Value| {
        let sale = json!({"saleType": "credito", "clientId": "c1", "tara": null,
                          "amountPaid": paid, "items": items});
        update(operation, minute, sale)
    };
    let kilos = |minute| whole("a", minute, 8, json!([item("i1", 3, 10), item("i2", 1, 5)]));
    let price = |minute| whole("b", minute, 12, json!([item("i1", 2, 11), item("i2", 1, 5)]));
    check(
        &kilos(1),
        &price(2),
        CONFLICT,
        &json!({"clientId": "c1", "totalAmount": "27.00", "amountPaid": "12.00",
                "balanceDue": "15.00", "lost": [["items/i1", "2.000", "3.000"]],
                "items": {"i1": "2.000", "i2": "1.000"}}),
    );
    check(
        &kilos(2),
        &price(1),
        CONFLICT,
        &json!({"clientId": "c1", "totalAmount": "35.00", "amountPaid": "12.00",
                "balanceDue": "23.00", "lost": [["items/i1", "3.000", "3.000"]],
                "items": {"i1": "3.000", "i2": "1.000"}}),
    );
}

#[test]
fn a_cash_sales_derived_payment_is_no_conflict() {
    let cash = |operation: &str, minute, paid: u32, items: Value| {
        let sale = json!({"saleType": "contado", "clientId": "c1", "amountPaid": paid,
                          "items": items});
        update(operation, minute, sale)
    };
    let one = cash("a", 1, 35, json!([item("i1", 3, 10), item("i2", 1, 5)]));
    let two = cash("b", 2, 30, json!([item("i1", 2, 10), item("i2", 2, 5)]));
    for order in [[&one, &two], [&two, &one]] {
        let mut shop = shop();
        let sold = json!({"saleType": "contado"});
        shop.done(&seller(), &update("cash", 0, sold));
        shop.done(&seller(), &Op(order[0].0.clone()).base(2));
        let decision = shop.push(&seller(), &Op(order[1].0.clone()).base(2));
        assert_eq!((decision.status, decision.conflict), (OperationStatus::Merged, vec![]));
        let record = decision.record.unwrap();
        assert_eq!(
            (&record["totalAmount"], &record["amountPaid"]),
            (&json!("40.00"), &json!("40.00"))
        );
    }
}

/// Only what the loser changed of an item is lost: the rest is as it stands.
#[test]
fn the_lost_item_keeps_what_its_loser_never_touched() {
    let kilos = update("a", 1, json!({"items": [item("i1", 3, 10), item("i2", 1, 5)]}));
    let price = update("b", 2, json!({"items": [item("i1", 2, 11), item("i2", 1, 5)]}));
    for order in [[&kilos, &price], [&price, &kilos]] {
        let mut shop = shop();
        shop.done(&seller(), order[0]);
        let decision = shop.push(&seller(), order[1]);
        let [conflict] = decision.conflict.as_slice() else { panic!("{decision:?}") };
        let figures =
            |item: &Value| ["quantity", "unitPrice", "subtotal"].map(|field| item[field].clone());
        assert_eq!(figures(&conflict.kept), ["2.000", "11.00", "22.00"].map(Value::from));
        assert_eq!(figures(&conflict.lost), ["3.000", "11.00", "33.00"].map(Value::from));

        let restored =
            json!({"items": [conflict.lost, item("i2", 1, 5)], "dismiss": [conflict.field]});
        let record = shop.done(&seller(), &update("c", 3, restored).base(3));
        assert_eq!((&record["totalAmount"], record.get("conflicts")), (&json!("38.00"), None));
    }
}

/// An item that another phone removed comes back by a list that holds it.
#[test]
fn a_removed_item_is_restored_with_its_whole_list() {
    let mut shop = shop();
    shop.done(&seller(), &update("a", 1, json!({"items": [item("i1", 2, 10), item("i2", 4, 5)]})));
    let removal = update("b", 2, json!({"items": [item("i1", 2, 10)]}));
    let decision = shop.push(&seller(), &removal);
    let [conflict] = decision.conflict.as_slice() else { panic!("{decision:?}") };
    assert_eq!((&conflict.kept, &conflict.lost["quantity"]), (&Value::Null, &json!("4.000")));
    let restored = json!({"items": [item("i1", 2, 10), conflict.lost]});
    let record = shop.done(&seller(), &update("c", 3, restored).base(3));
    assert_eq!((&record["totalAmount"], record.get("conflicts")), (&json!("40.00"), None));
}

#[test]
fn a_merge_that_breaks_a_rule_leaves_the_later_unit_whole() {
    let pay = |minute| update("a", minute, json!({"amountPaid": 25}));
    let shrink =
        |minute| update("b", minute, json!({"items": [item("i1", 1, 10), item("i2", 1, 5)]}));
    check(
        &pay(1),
        &shrink(2),
        CONFLICT,
        &json!({"clientId": "c1", "totalAmount": "15.00", "amountPaid": "8.00",
                "balanceDue": "7.00", "lost": [["amountPaid", "8.00", "25.00"]],
                "items": {"i1": "1.000", "i2": "1.000"}}),
    );
    check(
        &pay(2),
        &shrink(1),
        CONFLICT,
        &json!({"clientId": "c1", "totalAmount": "25.00", "amountPaid": "25.00",
                "balanceDue": "0.00", "lost": [["items/i1", "2.000", "1.000"]],
                "items": {"i1": "2.000", "i2": "1.000"}}),
    );
}

#[test]
fn two_removals_never_leave_a_sale_empty() {
    let remove = |operation: &str, minute, id: &str| {
        Op::new(operation, Entity::SaleItems, Action::Delete, id)
            .payload(json!({"saleId": "s1"}))
            .device(operation)
            .at(minute)
            .base(1)
    };
    let (early, late) = (remove("a", 1, "i1"), remove("b", 2, "i2"));
    for order in [[&early, &late], [&late, &early]] {
        let mut shop = shop();
        shop.done(&seller(), &update("pay", 0, json!({"amountPaid": 0})));
        shop.done(&seller(), &Op(order[0].0.clone()).base(2));
        let decision = shop.push(&seller(), &Op(order[1].0.clone()).base(2));
        assert_eq!(decision.status, OperationStatus::Conflict);
        let record = decision.record.unwrap();
        assert_eq!(record["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&record["items"][0]["id"], &record["totalAmount"]),
            (&json!("i1"), &json!("20.00"))
        );
        assert_eq!(decision.conflict.len(), 1);
        assert_eq!(decision.conflict[0].field, "items/i1");
    }
}

#[test]
fn one_phones_run_of_edits_is_taken_back_as_one() {
    let mut shop = shop();
    let run =
        |operation: &str, paid: u32| update(operation, 1, json!({"amountPaid": paid})).device("a");
    shop.done(&seller(), &run("o1", 9));
    shop.done(&seller(), &run("o2", 10));
    let record = shop.done(&seller(), &update("b", 2, json!({"clientId": "c2"})));
    assert_eq!((&record["clientId"], &record["amountPaid"]), (&json!("c2"), &json!("8.00")));
}

#[test]
fn without_a_base_a_sale_is_edited_by_time() {
    let mut shop = shop();
    let blind = |operation: &str, minute, payload| {
        let mut op = update(operation, minute, payload);
        op.0.base_version = None;
        op
    };
    shop.done(&seller(), &blind("a", 1, json!({"amountPaid": 20})));
    let record = shop.done(&seller(), &blind("b", 2, json!({"clientId": "c2"})));
    assert_eq!((&record["clientId"], &record["amountPaid"]), (&json!("c2"), &json!("20.00")));
    let list = json!({"items": [item("i1", 2, 10), item("i3", 1, 2)]});
    let record = shop.done(&seller(), &blind("c", 3, list));
    assert_eq!((&record["totalAmount"], &record["amountPaid"]), (&json!("22.00"), &json!("20.00")));
    let early = shop.push(&seller(), &blind("d", 2, json!({"items": [item("i1", 9, 10)]})));
    assert_eq!(early.status, OperationStatus::Conflict);
    assert_eq!(early.record.unwrap()["totalAmount"], "22.00");
}
