//! Sales and their items.

use http_tests::{Stack, operation};
use serde_json::{Value, json};

use super::Expected::{As, Kept, Refused};
use super::{Expected, Sign, characters, check, id, left_out, needed, no_amounts, quantity, words};

/// A cash sale of one item, 7.5 kg at 11.20, whose field of the item is `value`.
fn with_item(field: &str, value: Value) -> Value {
    let mut item = json!({"id": "i1", "productId": "p1", "variantId": "v1", "productName": "Pollo",
        "variantName": "Entero", "quantity": "7.500", "unitPrice": "11.20", "subtotal": "84.00"});
    if value == left_out() {
        item.as_object_mut().expect("an object").remove(field);
    } else {
        item[field] = value;
    }
    json!([item])
}

#[test]
fn sales() {
    let admin = Stack::shared().business();
    admin.push_one(&operation("customers", "insert", "c1", json!({"name": "Rosa"})));
    let base =
        |_| json!({"clientId": "c1", "saleType": "credito", "items": with_item("id", json!("i1"))});
    let mut cases = words("saleType", &["contado", "credito"]);
    cases.extend(needed("saleType"));
    cases.extend(id("sellerId"));
    for bad in [json!(""), json!("a b"), json!("x".repeat(129)), json!(7)] {
        cases.push(("clientId", bad.clone(), Refused("invalid_id")));
        cases.push(("distribucionId", bad, Refused("invalid_id")));
    }
    cases.push(("clientId", left_out(), Refused("customer_required")));
    cases.push(("clientId", json!(null), Refused("customer_required")));
    cases.extend(quantity("tara", Sign::NotNegative));
    cases.extend(quantity("netWeight", Sign::NotNegative));
    for field in ["totalAmount", "amountPaid", "balanceDue"] {
        cases.extend(no_amounts(field));
        cases.push((field, json!("-0.01"), Refused("invalid_amount")));
        cases.push((field, json!("1.999"), Refused("invalid_amount")));
    }
    cases.extend([
        ("totalAmount", json!("84.00"), Kept),
        ("totalAmount", json!(84), As(json!("84.00"))),
        ("totalAmount", left_out(), As(json!("84.00"))),
        ("totalAmount", json!("84.01"), Kept),
        ("totalAmount", json!("83.99"), Kept),
        ("totalAmount", json!("84.02"), Refused("total_mismatch")),
        ("totalAmount", json!("83.98"), Refused("total_mismatch")),
        ("amountPaid", json!("0"), As(json!("0.00"))),
        ("amountPaid", left_out(), As(json!("0.00"))),
        ("amountPaid", json!("84.00"), Kept),
        ("amountPaid", json!("84.01"), Refused("over_paid")),
        ("balanceDue", json!("84.00"), Kept),
        ("balanceDue", json!("83.98"), Refused("total_mismatch")),
        ("saleDate", json!("2026-11-22T13:00:00.000Z"), Kept),
        ("saleDate", json!("2026-02-30T13:00:00Z"), Refused("invalid_timestamp")),
        ("saleDate", json!("2026-11-22"), Refused("invalid_timestamp")),
        ("saleDate", json!("hoy"), Refused("invalid_timestamp")),
        ("saleDate", json!(7), Refused("invalid_timestamp")),
    ]);
    check(&admin, 1, "sales", base, &cases);
}

#[test]
fn items_of_sales() {
    let admin = Stack::shared().business();
    let mut cases = Vec::new();
    let mut case = |field: &str, value: Value, expected: Expected| {
        cases.push(("items", with_item(field, value), expected));
    };
    for (field, wrong, codes) in [
        ("id", json!("a b"), "invalid_id"),
        ("productId", left_out(), "missing_field"),
        ("productId", json!(null), "missing_field"),
        ("productId", json!("x".repeat(129)), "invalid_id"),
        ("variantId", json!("a b"), "invalid_id"),
        ("productName", json!("x".repeat(256)), "invalid_field"),
        ("productName", json!(7), "invalid_field"),
        ("variantName", json!("x".repeat(256)), "invalid_field"),
        ("quantity", left_out(), "missing_field"),
        ("unitPrice", left_out(), "missing_field"),
        ("quantity", json!("7.502"), "total_mismatch"),
        ("subtotal", json!("84.02"), "total_mismatch"),
        ("subtotal", json!("83.98"), "total_mismatch"),
    ] {
        case(field, wrong, Refused(codes));
    }
    for field in ["quantity", "unitPrice", "subtotal"] {
        for (_, value, expected) in no_amounts(field) {
            case(field, value, expected);
        }
        case(field, json!("-1"), Refused("invalid_amount"));
        case(field, json!("1.9999"), Refused("invalid_amount"));
    }
    case("quantity", json!(0), Refused("invalid_amount"));
    case("subtotal", json!("84.01"), Kept);
    case("subtotal", json!("83.99"), Kept);
    case("productName", characters(255), Kept);
    case("variantName", characters(255), Kept);
    for id in ["id", "productId", "variantId"] {
        case(id, json!("x".repeat(128)), Kept);
    }
    let same = with_item("id", json!("i1"));
    cases.extend([
        ("items", left_out(), Refused("sale_without_items")),
        ("items", json!(null), Refused("sale_without_items")),
        ("items", json!([]), Refused("sale_without_items")),
        ("items", json!({}), Refused("invalid_field")),
        ("items", json!(["x"]), Refused("invalid_field")),
        ("items", json!([same[0], same[0]]), Refused("invalid_field")),
        ("items", many_items(50, "Pollo"), Kept),
        ("items", many_items(51, "Pollo"), Refused("too_many_items")),
        ("items", many_items(50, &"🐔".repeat(255)), Refused("record_too_large")),
    ]);
    check(&admin, 0, "sales", |_| json!({"saleType": "contado"}), &cases);
}

#[test]
fn a_sum_beyond_what_can_be_written_is_refused() {
    let admin = Stack::shared().business();
    let item = |id: &str, quantity: &str| json!({"id": id, "productId": "p1", "quantity": quantity, "unitPrice": "999999999999.99"});
    let insert = |id: &str, items: Value| {
        operation("sales", "insert", id, json!({"saleType": "contado", "items": items}))
    };
    let results = admin.push(&[
        insert("s1", json!([item("i1", "1")])),
        insert("s2", json!([item("i1", "1.001")])),
        insert("s3", json!([item("i1", "1"), item("i2", "0.001")])),
        insert("s4", json!([item("i1", "999999999999.999")])),
    ]);
    assert_eq!(results[0]["record"]["totalAmount"], "999999999999.99", "{results:?}");
    for result in &results[1..] {
        assert_eq!(result["code"], "invalid_amount", "{result}");
    }
}

fn many_items(count: usize, name: &str) -> Value {
    let one = |at| {
        json!({"id": format!("i{at}"), "productId": "p1", "productName": name,
            "quantity": "1.000", "unitPrice": "1.00", "subtotal": "1.00"})
    };
    Value::Array((0..count).map(one).collect())
}
