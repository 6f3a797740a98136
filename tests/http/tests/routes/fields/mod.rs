//! Every field of every entity, at its bounds and past them.

mod cases;

use http_tests::{Stack, operation};
use serde_json::{Value, json};

use cases::Expected::{Absent, As, Kept, Refused};
use cases::{
    Case, Expected, Sign, characters, check, flag, id, left_out, money, needed, no_amounts,
    optional_text, quantity, required_text, with_item, words,
};

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
    check(&admin, 1, "sales", base, cases);
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
    check(&admin, 0, "sales", |_| json!({"saleType": "contado"}), cases);
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

#[test]
fn customers() {
    let admin = Stack::shared().business();
    let mut cases = required_text("name", 2, 255);
    cases.extend(optional_text("phone", 40));
    cases.extend(optional_text("address", 500));
    cases.extend(optional_text("notes", 2000));
    cases.extend(money("saldoInicial", Sign::Any));
    for (dni, expected) in [
        ("", Absent),
        ("12345678", Kept),
        ("  12345679 ", As(json!("12345679"))),
        ("20123456789", Kept),
        ("1234567", Refused("invalid_field")),
        ("123456789", Refused("invalid_field")),
        ("1234567890", Refused("invalid_field")),
        ("201234567890", Refused("invalid_field")),
        ("1234567a", Refused("invalid_field")),
        ("-1234567", Refused("invalid_field")),
        ("٣٣٣٣", Refused("invalid_field")),
    ] {
        cases.push(("dni", json!(dni), expected));
    }
    cases.push(("dni", json!(12_345_678), Refused("invalid_field")));
    check(&admin, 0, "customers", |_| json!({"name": "Rosa Quispe"}), cases);
}

#[test]
fn abonos() {
    let admin = Stack::shared().business();
    admin.push(&[
        operation("customers", "insert", "c1", json!({"name": "Rosa"})),
        operation("customers", "insert", &"x".repeat(128), json!({"name": "Larga"})),
        operation("customers", "insert", "!~#/", json!({"name": "Rara"})),
    ]);
    let base = |_| json!({"clientId": "c1", "amount": "10.00", "paymentMethod": "yape"});
    let mut cases = money("amount", Sign::Positive);
    cases.extend(needed("amount"));
    cases.extend(id("clientId"));
    cases.extend(needed("clientId"));
    cases.extend(id("sellerId"));
    cases.extend(words("paymentMethod", &["efectivo", "yape", "plin", "transferencia"]));
    cases.extend(needed("paymentMethod"));
    cases.extend(optional_text("notes", 2000));
    cases.extend(optional_text("referenceNumber", 50));
    check(&admin, 3, "abonos", base, cases);
}

#[test]
fn product_variants() {
    let admin = Stack::shared().business();
    let product = json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    admin.send("POST", "/products", Some(&product)).data();
    let base = |at| json!({"productId": "p1", "name": format!("Presa {at}")});
    let mut cases = required_text("name", 1, 100);
    cases.extend(needed("productId"));
    for bad in [json!(""), json!("a b"), json!("x".repeat(129)), json!(7)] {
        cases.push(("productId", bad, Refused("invalid_id")));
    }
    cases.extend(optional_text("sku", 50));
    cases.extend(quantity("unitQuantity", Sign::Positive));
    cases.extend(money("price", Sign::NotNegative));
    cases.extend(flag("isActive", true));
    for (order, expected) in [
        (json!(0), Kept),
        (json!(1_000_000), Kept),
        (left_out(), As(json!(0))),
        (json!(-1), Refused("invalid_field")),
        (json!(1_000_001), Refused("invalid_field")),
        (json!(1.5), Refused("invalid_field")),
        (json!("1"), Refused("invalid_field")),
    ] {
        cases.push(("sortOrder", order, expected));
    }
    check(&admin, 1, "product_variants", base, cases);
}

#[test]
fn products_online() {
    let admin = Stack::shared().business();
    let mut cases = required_text("name", 2, 255);
    cases.extend(words("type", &["pollo", "huevo", "otro"]));
    cases.extend(needed("type"));
    cases.extend(words("unit", &["kg", "unidad"]));
    cases.extend(needed("unit"));
    cases.extend(money("basePrice", Sign::NotNegative));
    cases.extend(flag("isActive", true));
    let mut kept = 0;
    for (field, value, expected) in cases {
        let mut product = json!({"name": "Pollo", "type": "pollo", "unit": "kg"});
        if value == left_out() {
            product.as_object_mut().expect("an object").remove(field);
        } else {
            product[field] = value.clone();
        }
        let answer = admin.send("POST", "/products", Some(&product));
        let what = format!("products.{field} = {value}");
        if let Refused(code) = expected {
            assert_eq!(answer.failure(), format!("422 {code}"), "{what}");
            continue;
        }
        kept += 1;
        assert_eq!(answer.status, 201, "{what}: {}", answer.body);
        let stored = answer.data().get(field);
        match &expected {
            As(normal) => assert_eq!(stored, Some(normal), "{what}"),
            Absent => assert_eq!(stored, None, "{what}"),
            Kept | Refused(_) => assert_eq!(stored, Some(&value), "{what}"),
        }
    }
    assert_eq!(admin.feed_of(kept).len(), kept);
}

#[test]
fn distribuciones() {
    let admin = Stack::shared().business();
    let base = |at| {
        json!({"vendedorId": format!("v{at}"), "puntoVenta": "Carro A", "fecha": "2026-11-22",
            "items": [{"variantId": "v1", "cantidadAsignada": "10", "unidad": "kg"}]})
    };
    let mut cases = id("vendedorId");
    cases.extend(needed("vendedorId"));
    cases.extend(required_text("puntoVenta", 2, 100));
    cases.extend(needed("fecha"));
    cases.push(("fecha", json!("2028-02-29"), Kept));
    for bad in [
        json!("2026-02-30"),
        json!("2026-02-29"),
        json!("2026-13-01"),
        json!("2026-00-10"),
        json!("2026-1-1"),
        json!("22/11/2026"),
        json!("20261122"),
        json!("2026-11-22T10:00:00Z"),
        json!("2026-11-22 "),
        json!("ayer"),
        json!(""),
        json!(20_261_122),
    ] {
        cases.push(("fecha", bad, Refused("invalid_date")));
    }
    cases.extend(words("estado", &["activo", "en_ruta", "cerrado"]));
    cases.push(("estado", left_out(), As(json!("activo"))));
    cases.extend(words("modo", &["estricto", "acumulativo", "libre"]));
    cases.push(("modo", left_out(), As(json!("estricto"))));
    cases.extend(flag("confiarEnVendedor", false));
    cases.extend(flag("pesoConfirmado", false));
    cases.extend(quantity("kilosDevueltos", Sign::NotNegative));
    cases.extend([
        ("kilosVendidos", json!("5"), Absent),
        ("montoRecaudado", json!("NaN"), Absent),
        ("kilosAsignados", json!("999"), As(json!("10.000"))),
    ]);
    cases.extend(load_items());
    check(&admin, 0, "distribuciones", base, cases);
}

fn load_items() -> Vec<Case> {
    let item = |field: &str, value: Value| {
        let mut item = json!({"variantId": "v1", "cantidadAsignada": "10.000", "unidad": "kg"});
        item[field] = value;
        json!([item])
    };
    let many = |count: usize| {
        let one = |at| json!({"variantId": format!("v{at}"), "cantidadAsignada": "1.000", "unidad": "kg"});
        Value::Array((0..count).map(one).collect())
    };
    vec![
        ("items", many(50), Kept),
        ("items", many(51), Refused("too_many_items")),
        ("items", json!([]), Kept),
        ("items", left_out(), As(json!([]))),
        ("items", json!({}), Refused("invalid_field")),
        ("items", json!("[]"), Refused("invalid_field")),
        ("items", json!([7]), Refused("invalid_field")),
        ("items", item("variantId", json!(null)), Refused("missing_field")),
        ("items", item("variantId", json!("a b")), Refused("invalid_id")),
        ("items", item("cantidadAsignada", json!("0.001")), Kept),
        ("items", item("cantidadAsignada", json!(0)), Refused("invalid_amount")),
        ("items", item("cantidadAsignada", json!("-1")), Refused("invalid_amount")),
        ("items", item("cantidadAsignada", json!("1.9999")), Refused("invalid_amount")),
        ("items", item("cantidadAsignada", json!("1e3")), Refused("invalid_amount")),
        ("items", item("unidad", json!("unidad")), Kept),
        ("items", item("unidad", json!("libra")), Refused("invalid_field")),
        ("items", item("unidad", json!(null)), Refused("missing_field")),
    ]
}
