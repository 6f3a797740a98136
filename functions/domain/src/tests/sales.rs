//! Sales: their figures and their items.

use protocol::{Action, Entity, ErrorCode, JsonObject, OperationStatus};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, seller};

fn shop() -> Shop {
    let mut shop = Shop::default();
    let made =
        Op::new("make", Entity::Customers, Action::Insert, "c1").payload(json!({"name": "Rosa"}));
    shop.done(&admin(), &made);
    shop
}

fn insert(id: &str, payload: Value) -> Op {
    Op::new(&format!("sell-{id}"), Entity::Sales, Action::Insert, id).payload(payload)
}

fn figures(record: &JsonObject) -> [&str; 3] {
    ["totalAmount", "amountPaid", "balanceDue"].map(|field| record[field].as_str().unwrap())
}

#[test]
fn the_originals_request_is_understood() {
    let payload: Value = protocol::json::from_str(
        r#"{"tempId":"1699-a","clientId":"c1","saleType":"credito","totalAmount":84.00,
            "amountPaid":"20","balanceDue":64,"tara":0.5,"netWeight":7.5,"syncStatus":"pending",
            "items":[{"productId":"p1","variantId":"v1","productName":"Pollo","quantity":7.5,
                      "unitPrice":11.2,"subtotal":84,"saleId":"1699-a"}]}"#,
    )
    .unwrap();
    let record = shop().done(&seller(), &insert("1699999999999-a1b2c3", payload).at(4));
    assert_eq!(figures(&record), ["84.00", "20.00", "64.00"]);
    assert_eq!(record["saleDate"], "2026-11-22T13:04:00.000Z");
    assert_eq!((&record["tara"], &record["netWeight"]), (&json!("0.500"), &json!("7.500")));
    assert_eq!(
        record["items"],
        json!([{"id": "1699999999999-a1b2c3-1", "productId": "p1", "variantId": "v1",
                "productName": "Pollo", "quantity": "7.500", "unitPrice": "11.20",
                "subtotal": "84.00"}])
    );
    assert!(!record.contains_key("tempId"));
}

#[test]
fn a_cash_sale_is_paid_whatever_is_left_out() {
    let items = json!([{"productId": "p1", "quantity": "1.5", "unitPrice": "3.33"},
                       {"productId": "p2", "quantity": 2, "unitPrice": 1}]);
    let record =
        shop().done(&seller(), &insert("s1", json!({"saleType": "contado", "items": items})));
    assert_eq!(figures(&record), ["7.00", "7.00", "0.00"]);
    assert_eq!(record["items"][0]["subtotal"], "5.00");
}

#[test]
fn a_figure_a_centimo_off_stands_as_charged_and_more_is_refused() {
    let sale = |subtotal: &str, total: &str| {
        let items = json!([{"productId": "p1", "quantity": 1, "unitPrice": "5"},
                           {"productId": "p2", "quantity": 1, "unitPrice": 2, "subtotal": subtotal}]);
        insert("s1", json!({"saleType": "contado", "items": items, "totalAmount": total}))
    };
    for (subtotal, total, charged) in [
        ("2.01", "7.01", ["5.00", "2.01"]),
        ("1.99", "6.99", ["5.00", "1.99"]),
        ("2.00", "7.01", ["5.01", "2.00"]),
        ("2.00", "6.99", ["4.99", "2.00"]),
    ] {
        let record = shop().done(&seller(), &sale(subtotal, total));
        assert_eq!(figures(&record), [total, total, "0.00"]);
        let items = record["items"].as_array().unwrap();
        assert_eq!([&items[0]["subtotal"], &items[1]["subtotal"]], [charged[0], charged[1]]);
    }
    for (subtotal, total) in
        [("2.02", "7.02"), ("1.98", "6.98"), ("2.00", "7.02"), ("2.00", "6.98")]
    {
        assert_eq!(shop().fails(&seller(), &sale(subtotal, total)).1, ErrorCode::TotalMismatch);
    }
}

#[test]
fn what_does_not_add_up_is_refused_by_its_rule() {
    let item = json!({"productId": "p1", "quantity": 1, "unitPrice": 10});
    let one = |extra: Value| {
        let mut sale = json!({"saleType": "credito", "clientId": "c1", "items": [item]});
        sale.as_object_mut().unwrap().extend(crate::fixture::object(extra));
        sale
    };
    let items = |items: Value| json!({"saleType": "contado", "items": items});
    for (payload, code) in [
        (one(json!({"clientId": null})), ErrorCode::CustomerRequired),
        (one(json!({"amountPaid": "10.01"})), ErrorCode::OverPaid),
        (one(json!({"amountPaid": "-1"})), ErrorCode::InvalidAmount),
        (one(json!({"amountPaid": 4, "balanceDue": 7})), ErrorCode::TotalMismatch),
        (one(json!({"saleType": "contado", "amountPaid": 9})), ErrorCode::TotalMismatch),
        (one(json!({"saleType": "fiado"})), ErrorCode::InvalidField),
        (one(json!({"saleType": null})), ErrorCode::MissingField),
        (one(json!({"saleDate": "2026-02-30T00:00:00Z"})), ErrorCode::InvalidTimestamp),
        (json!({"saleType": "contado"}), ErrorCode::SaleWithoutItems),
        (items(json!([])), ErrorCode::SaleWithoutItems),
        (items(json!(null)), ErrorCode::SaleWithoutItems),
        (items(json!(7)), ErrorCode::InvalidField),
        (items(json!([7])), ErrorCode::InvalidField),
        (items(json!(vec![item.clone(); 51])), ErrorCode::TooManyItems),
        (
            items(json!([{"productId": "p1", "quantity": 0, "unitPrice": 1}])),
            ErrorCode::InvalidAmount,
        ),
        (items(json!([{"quantity": 1, "unitPrice": 1}])), ErrorCode::MissingField),
        (
            items(json!([{"productId": "p", "quantity": 999_999_999_999_i64, "unitPrice": 9999}])),
            ErrorCode::InvalidAmount,
        ),
        (
            items(json!([{"id": "a", "productId": "p", "quantity": 1, "unitPrice": 1},
                         {"id": "a", "productId": "p", "quantity": 1, "unitPrice": 1}])),
            ErrorCode::InvalidField,
        ),
    ] {
        assert_eq!(shop().fails(&seller(), &insert("s1", payload.clone())).1, code, "{payload}");
    }
}

#[test]
fn a_wrong_item_is_named_by_its_place() {
    let items = json!([{"productId": "p", "quantity": 1, "unitPrice": 1},
                       {"productId": "p", "quantity": "1.2345", "unitPrice": 1}]);
    let sale = insert("s1", json!({"saleType": "contado", "items": items}));
    let refusal = shop().decide(&seller(), &sale).refusal.unwrap();
    assert_eq!(refusal.text(), "Producto 2: La cantidad debe ser un número con hasta 3 decimales.");
}

fn credit_sale() -> Shop {
    let mut shop = shop();
    let items = json!([{"id": "i1", "productId": "p1", "quantity": 2, "unitPrice": 10},
                       {"id": "i2", "productId": "p2", "quantity": 1, "unitPrice": 5}]);
    let sale = json!({"saleType": "credito", "clientId": "c1", "amountPaid": 8, "items": items});
    shop.done(&seller(), &insert("s1", sale));
    shop
}

fn update(operation: &str, payload: Value) -> Op {
    Op::new(operation, Entity::Sales, Action::Update, "s1").payload(payload).at(5).base(1)
}

#[test]
fn changing_the_kind_of_sale_settles_what_is_paid() {
    let mut shop = credit_sale();
    let cash = shop.done(&seller(), &update("o1", json!({"saleType": "contado"})));
    assert_eq!(figures(&cash), ["25.00", "25.00", "0.00"]);
    let credit = shop.done(&seller(), &update("o2", json!({"saleType": "credito"})).base(2));
    assert_eq!(figures(&credit), ["25.00", "0.00", "25.00"]);
    let restated = update("o3", json!({"saleType": "credito", "amountPaid": 3})).base(3);
    shop.done(&seller(), &restated);
    let again = shop.done(&seller(), &update("o4", json!({"saleType": "credito"})).base(4));
    assert_eq!(figures(&again), ["25.00", "3.00", "22.00"]);
    let unpaid = shop.fails(&seller(), &update("o5", json!({"amountPaid": "25.01"})).base(5));
    assert_eq!(unpaid.1, ErrorCode::OverPaid);
}

#[test]
fn an_item_is_written_through_its_sale() {
    let mut shop = credit_sale();
    let item = |operation: &str, action, id: &str, payload: Value| {
        let mut whole = json!({"saleId": "s1"});
        whole.as_object_mut().unwrap().extend(crate::fixture::object(payload));
        Op::new(operation, Entity::SaleItems, action, id).payload(whole).at(9)
    };
    let new = json!({"productId": "p3", "quantity": 3, "unitPrice": 1});
    let record = shop.done(&seller(), &item("o1", Action::Insert, "i3", new.clone()));
    assert_eq!((figures(&record), &record["id"]), (["28.00", "8.00", "20.00"], &json!("s1")));
    let taken = shop.fails(&seller(), &item("o2", Action::Insert, "i3", new));
    assert_eq!(taken.1, ErrorCode::AlreadyExists);
    let more = item("o3", Action::Update, "i3", json!({"quantity": "4"}));
    let record = shop.done(&seller(), &more);
    assert_eq!(figures(&record), ["29.00", "8.00", "21.00"]);
    assert_eq!(record["items"][2]["subtotal"], "4.00");
    let decision = shop.push(&seller(), &item("o4", Action::Delete, "i3", json!({})));
    assert_eq!(decision.version.unwrap().0, 4);
    let again = shop.push(&seller(), &item("o5", Action::Delete, "i3", json!({})));
    assert_eq!((again.status, again.version.unwrap().0), (OperationStatus::Applied, 4));
    let gone = shop.fails(&seller(), &item("o6", Action::Update, "i3", json!({"quantity": 1})));
    assert_eq!(gone.1, ErrorCode::Deleted);
    let never = shop.fails(&seller(), &item("o7", Action::Update, "i9", json!({"quantity": 1})));
    assert_eq!(never, (OperationStatus::Blocked, ErrorCode::RecordNotFound));

    shop.done(&seller(), &item("o8", Action::Delete, "i2", json!({})));
    let last = shop.fails(&seller(), &item("o9", Action::Delete, "i1", json!({})));
    assert_eq!(last.1, ErrorCode::SaleWithoutItems);
    let orphan = Op::new("o10", Entity::SaleItems, Action::Delete, "i1");
    assert_eq!(shop.fails(&seller(), &orphan).1, ErrorCode::MissingField);
    let luis = crate::fixture::caller("luis", protocol::Role::Vendedor);
    let others = shop.fails(&luis, &item("o11", Action::Update, "i1", json!({"quantity": 1})));
    assert_eq!(others.1, ErrorCode::Forbidden);
}

#[test]
fn a_charged_subtotal_stands_while_quantity_and_price_do() {
    let mut shop = credit_sale();
    let item = |operation: &str, payload: Value| {
        Op::new(operation, Entity::SaleItems, Action::Update, "i2").payload(payload).at(9)
    };
    let charged = item("o1", json!({"saleId": "s1", "subtotal": "5.01"}));
    assert_eq!(figures(&shop.done(&seller(), &charged))[0], "25.01");
    let renamed = item("o2", json!({"saleId": "s1", "productName": "Pierna"}));
    assert_eq!(figures(&shop.done(&seller(), &renamed))[0], "25.01");
    let repriced = item("o3", json!({"saleId": "s1", "unitPrice": 6}));
    assert_eq!(figures(&shop.done(&seller(), &repriced))[0], "26.00");
}

#[test]
fn a_deleted_sale_stays_deleted_with_its_items() {
    let mut shop = credit_sale();
    shop.done(&seller(), &Op::new("o1", Entity::Sales, Action::Delete, "s1").at(1));
    let late = shop.fails(&seller(), &update("o2", json!({"amountPaid": 9})).at(300));
    assert_eq!(late.1, ErrorCode::Deleted);
    let item = Op::new("o3", Entity::SaleItems, Action::Delete, "i1")
        .payload(json!({"saleId": "s1"}))
        .at(300);
    assert_eq!(shop.fails(&seller(), &item).1, ErrorCode::Deleted);
    assert_eq!(shop.stored("sales#s1").record["items"].as_array().unwrap().len(), 2);
}
