//! Sales, their items and abonos: what is charged adds up, whatever arrives in whichever order.

use http_tests::{Phone, Stack, on_version, operation, sale};
use serde_json::{Value, json};

/// A seller and a customer, c1.
fn seller() -> Phone {
    let seller = Stack::shared().business().seller();
    let customer = operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"}));
    assert_eq!(seller.push_one(&customer)["status"], "applied");
    seller
}

/// The credit sale of 84.00 with some fields set otherwise; null takes one away.
fn sale_with(changes: Value) -> Value {
    let mut sale = sale("c1");
    for (field, value) in changes.as_object().unwrap() {
        if value.is_null() {
            sale.as_object_mut().unwrap().remove(field);
        } else {
            sale[field] = value.clone();
        }
    }
    sale
}

fn push_sale(seller: &Phone, changes: Value) -> Value {
    let id = format!("s-{}", seller.unique());
    seller.push_one(&operation("sales", "insert", &id, sale_with(changes)))
}

fn centimos(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The rules of money that hold of every sale.
fn assert_adds_up(sale: &Value) {
    let items = sale["items"].as_array().unwrap();
    let sum: i64 = items.iter().map(|item| centimos(&item["subtotal"])).sum();
    assert_eq!(centimos(&sale["totalAmount"]), sum, "{sale}");
    assert_eq!(centimos(&sale["balanceDue"]), sum - centimos(&sale["amountPaid"]), "{sale}");
}

#[test]
fn a_total_may_be_one_centimo_off_and_not_two() {
    let seller = seller();
    for (total, balance) in [("84.01", "64.01"), ("83.99", "63.99")] {
        let result = push_sale(&seller, json!({"totalAmount": total, "balanceDue": balance}));
        assert_eq!(result["status"], "applied", "{result}");
        let sale = &result["record"];
        assert_eq!(sale["totalAmount"], total, "it is kept as it was charged");
        assert_adds_up(sale);
    }
    for changes in [
        json!({"totalAmount": "84.02", "balanceDue": "64.02"}),
        json!({"totalAmount": "83.98", "balanceDue": "63.98"}),
        json!({"balanceDue": "64.02"}),
    ] {
        let result = push_sale(&seller, changes.clone());
        assert_eq!(result["status"], "rejected", "{changes}");
        assert_eq!(result["code"], "total_mismatch", "{changes}");
    }
    for (subtotal, status) in [("84.01", "applied"), ("84.02", "rejected")] {
        let mut items = sale("c1")["items"].clone();
        items[0]["subtotal"] = subtotal.into();
        let result = push_sale(
            &seller,
            json!({"items": items, "totalAmount": null,
            "balanceDue": null}),
        );
        assert_eq!(result["status"], status, "{subtotal}: {result}");
    }
}

#[test]
fn a_credit_needs_a_customer_and_cash_does_not() {
    let seller = seller();
    let result = push_sale(&seller, json!({"clientId": null}));
    assert_eq!(
        (&result["status"], &result["code"]),
        (&json!("rejected"), &json!("customer_required"))
    );
    let cash = json!({"clientId": null, "saleType": "contado", "amountPaid": "84.00",
        "balanceDue": "0.00"});
    let result = push_sale(&seller, cash);
    assert_eq!(result["status"], "applied", "{result}");
    assert_adds_up(&result["record"]);
    for (changes, code) in [
        (json!({"amountPaid": "84.01", "balanceDue": null}), "over_paid"),
        (json!({"items": []}), "sale_without_items"),
        (json!({"items": null}), "sale_without_items"),
        (json!({"saleType": "contado", "amountPaid": "20.00"}), "total_mismatch"),
    ] {
        assert_eq!(push_sale(&seller, changes.clone())["code"], code, "{changes}");
    }
    let cash_to_credit = json!({"saleType": "contado", "clientId": null, "amountPaid": null,
        "balanceDue": null});
    let made = push_sale(&seller, cash_to_credit);
    let id = made["entityId"].as_str().unwrap();
    let turned = operation("sales", "update", id, json!({"saleType": "credito"}));
    assert_eq!(seller.push_one(&on_version(1, turned))["code"], "customer_required");
}

#[test]
fn the_lines_of_a_sale_are_changed_one_by_one() {
    let seller = seller();
    seller.push(&[operation("sales", "insert", "s1", sale("c1"))]);
    let second = json!({"saleId": "s1", "productId": "p2", "variantId": "v2",
        "productName": "Huevo", "quantity": 30, "unitPrice": "0.50", "subtotal": "15.00"});
    let steps = [
        (operation("sale_items", "insert", "i2", second), "99.00", 2),
        (
            operation("sale_items", "update", "i1", json!({"saleId": "s1", "quantity": "5.000"})),
            "71.00",
            2,
        ),
        (operation("sale_items", "delete", "i2", json!({"saleId": "s1"})), "56.00", 1),
    ];
    for (version, (operation, total, items)) in (2..).zip(&steps) {
        let result = seller.push_one(operation);
        assert_eq!(result["status"], "applied", "{result}");
        assert_eq!(result["entityId"], operation["entityId"], "the result names the item");
        assert_eq!(result["version"], version, "with the sale's version");
        let sale = &result["record"];
        assert_eq!(sale["id"], "s1", "and the sale's record");
        assert_eq!(sale["totalAmount"], *total);
        assert_eq!(sale["items"].as_array().unwrap().len(), *items);
        assert_adds_up(sale);
    }
    Stack::shared().stream_is_worked_off();
    let feed = seller.feed();
    assert!(feed.iter().all(|change| change["entity"] != "sale_items"), "the feed says sales");
    let last = feed.iter().rfind(|change| change["entity"] == "sales").unwrap();
    assert_eq!(last["record"]["totalAmount"], "56.00");
}

#[test]
fn a_line_that_cannot_be_changed_says_why() {
    let seller = seller();
    seller.push(&[operation("sales", "insert", "s1", sale("c1"))]);
    let item =
        |action: &str, id: &str, payload: Value| operation("sale_items", action, id, payload);
    let line = json!({"saleId": "s1", "productId": "p2", "quantity": 1, "unitPrice": "1.00"});
    for (operation, status, code) in [
        (item("delete", "i1", json!({})), "rejected", "missing_field"),
        (item("delete", "i9", json!({"saleId": "s1"})), "blocked", "record_not_found"),
        (
            item("update", "i1", json!({"saleId": "s9", "quantity": 1})),
            "blocked",
            "record_not_found",
        ),
        (item("insert", "i1", line), "rejected", "already_exists"),
        (item("delete", "i1", json!({"saleId": "s1"})), "rejected", "sale_without_items"),
        (
            item("update", "i1", json!({"saleId": "s1", "quantity": 0})),
            "rejected",
            "invalid_amount",
        ),
    ] {
        let result = seller.push_one(&operation);
        assert_eq!(
            (&result["status"], &result["code"]),
            (&json!(status), &json!(code)),
            "{operation}"
        );
    }
    let feed = seller.feed_of(2);
    assert_eq!(feed[1]["version"], 1);
}

#[test]
fn two_phones_that_change_one_sale_leave_it_adding_up() {
    let one = seller();
    let other = one.other_device();
    one.push(&[operation("sales", "insert", "s1", sale("c1"))]);
    let line = |id: &str, quantity: u32| {
        let line = json!({"saleId": "s1", "productId": "p2", "quantity": quantity,
            "unitPrice": "10.00"});
        on_version(1, operation("sale_items", "insert", id, line))
    };
    let paid = |amount: &str| {
        on_version(1, operation("sales", "update", "s1", json!({"amountPaid": amount})))
    };
    let fewer =
        operation("sale_items", "update", "i1", json!({"saleId": "s1", "quantity": "5.000"}));
    let results = [
        one.push_one(&line("i2", 1)),
        other.push_one(&line("i3", 2)),
        one.push_one(&paid("90.00")),
        other.push_one(&paid("40.00")),
        other.push_one(&on_version(1, fewer)),
    ];
    for result in &results {
        assert_eq!(result["success"], true, "{result}");
        assert_adds_up(&result["record"]);
    }
    assert_eq!(results[1]["status"], "merged", "{}", results[1]);
    assert_eq!(results[1]["record"]["totalAmount"], "114.00");
    assert_eq!(results[3]["status"], "conflict", "{}", results[3]);
    assert_eq!(results[3]["conflict"][0]["field"], "amountPaid");
}

#[test]
fn an_abono_changes_its_notes_only_and_is_deleted_when_wrong() {
    let seller = seller();
    seller.push_one(&operation("customers", "insert", "c2", json!({"name": "Luis"})));
    let fields = json!({"clientId": "c1", "amount": "10.5", "paymentMethod": "plin",
        "referenceNumber": "OP-1"});
    let made = seller.push_one(&operation("abonos", "insert", "a1", fields));
    assert_eq!(made["record"]["amount"], "10.50");
    assert_eq!(made["record"]["sellerId"], seller.user());
    let notes = operation(
        "abonos",
        "update",
        "a1",
        json!({"notes": "con vuelto",
        "referenceNumber": "OP-2", "amount": 10.5}),
    );
    assert_eq!(seller.push_one(&notes)["status"], "applied");
    for fields in
        [json!({"amount": "11.00"}), json!({"clientId": "c2"}), json!({"paymentMethod": "yape"})]
    {
        let result = seller.push_one(&operation("abonos", "update", "a1", fields.clone()));
        assert_eq!(result["status"], "rejected", "{fields}: {result}");
    }
    for amount in ["0.00", "-1.00", "1.999", "1e3"] {
        let fields = json!({"clientId": "c1", "amount": amount, "paymentMethod": "yape"});
        let result = seller.push_one(&operation("abonos", "insert", "a2", fields));
        assert_eq!(result["code"], "invalid_amount", "{amount}: {result}");
    }
    assert_eq!(
        seller.push_one(&operation("abonos", "delete", "a1", json!({})))["status"],
        "applied"
    );
    Stack::shared().stream_is_worked_off();
    let feed = seller.feed();
    let last = feed.last().unwrap();
    assert_eq!((&last["entity"], &last["action"]), (&json!("abonos"), &json!("delete")));
}

#[test]
fn a_sale_to_a_deleted_customer_is_taken_and_flagged() {
    let admin = Stack::shared().business();
    admin.push(&[
        operation("customers", "insert", "c1", json!({"name": "Rosa"})),
        operation("customers", "delete", "c1", json!({})),
    ]);
    let result = admin.seller().push_one(&operation("sales", "insert", "s1", sale("c1")));
    assert_eq!(result["status"], "applied", "{result}");
    assert_eq!(result["record"]["flags"], json!(["deleted_reference"]));
}

#[test]
fn a_second_customer_with_the_same_dni_is_taken_and_flagged() {
    let phone = Stack::shared().business();
    let named =
        |id: &str| operation("customers", "insert", id, json!({"name": "Rosa", "dni": "45678912"}));
    let results = phone.push(&[named("c1"), named("c2")]);
    assert!(results[0]["record"].get("duplicateOf").is_none());
    assert_eq!(results[1]["status"], "applied");
    assert_eq!(results[1]["record"]["duplicateOf"], "c1");
}
