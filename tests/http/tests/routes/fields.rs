//! Every field of every entity, at its bounds and past them.

use http_tests::{Phone, Stack, operation};
use serde_json::{Value, json};

use Expected::{Absent, As, Kept, Refused};

/// What becomes of a value.
#[derive(Debug, Clone)]
enum Expected {
    /// It is kept as it is.
    Kept,
    /// It is kept in this form.
    As(Value),
    /// The record has no such field.
    Absent,
    /// The operation is rejected with this code.
    Refused(&'static str),
}

type Case = (&'static str, Value, Expected);

/// Inserts one record per case; each is `base` with one field set (null as null), unless the value
/// is [`left_out`]. The feed has `before` changes already.
fn check(
    admin: &Phone,
    before: usize,
    entity: &str,
    base: impl Fn(usize) -> Value,
    cases: &[Case],
) {
    let mut kept = 0;
    let insert = |(at, (field, value, _)): (usize, &Case)| {
        let mut payload = base(at);
        if *value == left_out() {
            payload.as_object_mut().expect("an object").remove(*field);
        } else {
            payload[*field] = value.clone();
        }
        operation(entity, "insert", &format!("{entity}-{at}"), payload)
    };
    let operations: Vec<Value> = cases.iter().enumerate().map(insert).collect();
    for (operations, cases) in operations.chunks(25).zip(cases.chunks(25)) {
        for (result, (field, value, expected)) in admin.push(operations).iter().zip(cases) {
            let shown: String = value.to_string().chars().take(50).collect();
            let what = format!("{entity}.{field} = {shown}");
            kept += usize::from(!matches!(expected, Refused(_)));
            judge(result, field, value, expected, &what);
        }
    }
    let feed = admin.feed_of(before + kept);
    assert_eq!(feed.len(), before + kept, "what was refused is in no feed: {entity}");
}

fn judge(result: &Value, field: &str, value: &Value, expected: &Expected, what: &str) {
    if let Refused(code) = expected {
        assert_eq!(result["status"], "rejected", "{what}: {result}");
        assert_eq!(result["code"], *code, "{what}: {result}");
        assert!(result["error"].as_str().is_some_and(|text| text.ends_with('.')), "{what}");
        return;
    }
    assert_eq!(result["status"], "applied", "{what}: {result}");
    compare(&result["record"], field, value, expected, what);
}

fn compare(record: &Value, field: &str, value: &Value, expected: &Expected, what: &str) {
    let stored = record.get(field);
    match expected {
        Kept => assert_eq!(stored, Some(value), "{what}"),
        As(normal) => assert_eq!(stored, Some(normal), "{what}"),
        Absent | Refused(_) => assert_eq!(stored, None, "{what}"),
    }
}

/// Stands for a field that is not sent at all.
fn left_out() -> Value {
    json!({"left": "out"})
}

fn characters(count: usize) -> Value {
    json!("ñ".repeat(count))
}

/// A text of `min` to `max` characters that may be absent.
fn optional_text(field: &'static str, max: usize) -> Vec<Case> {
    vec![
        (field, left_out(), Absent),
        (field, json!(null), Absent),
        (field, json!(""), Absent),
        (field, json!(" \t\n "), Absent),
        (field, json!("  x  "), As(json!("x"))),
        (field, characters(max), Kept),
        (field, json!(format!(" {} ", "x".repeat(max))), As(json!("x".repeat(max)))),
        (field, characters(max + 1), Refused("invalid_field")),
        (field, json!("x".repeat(33 * 1024)), Refused("invalid_field")),
        (field, json!(7), Refused("invalid_field")),
        (field, json!(true), Refused("invalid_field")),
        (field, json!(["x"]), Refused("invalid_field")),
        (field, json!({"a": "x"}), Refused("invalid_field")),
    ]
}

fn required_text(field: &'static str, min: usize, max: usize) -> Vec<Case> {
    let mut cases = vec![
        (field, characters(min), Kept),
        (field, characters(max), Kept),
        (field, characters(max + 1), Refused("invalid_field")),
        (field, json!(7), Refused("invalid_field")),
        (field, json!([]), Refused("invalid_field")),
    ];
    if min > 1 {
        cases.push((field, characters(min - 1), Refused("invalid_field")));
        cases.push((field, json!(" x "), Refused("invalid_field")));
    }
    cases.extend(needed(field));
    cases.push((field, json!(""), Refused("missing_field")));
    cases.push((field, json!("   "), Refused("missing_field")));
    cases
}

fn needed(field: &'static str) -> Vec<Case> {
    vec![
        (field, left_out(), Refused("missing_field")),
        (field, json!(null), Refused("missing_field")),
    ]
}

/// What is no plain decimal number, whatever it is for.
fn no_amounts(field: &'static str) -> Vec<Case> {
    let float: Value = serde_json::from_str("1e3").expect("a number");
    let mut bad = vec![json!(true), json!([]), json!({}), json!([1]), float];
    for text in [
        "1e3",
        "NaN",
        "inf",
        "-inf",
        "",
        " ",
        "+1",
        "--1",
        "1.",
        ".5",
        "1,5",
        "1 ",
        " 1",
        "0x10",
        "1_000",
        "٣",
        "-",
        "1000000000000",
        "99999999999999999999999999999999",
    ] {
        bad.push(json!(text));
    }
    bad.into_iter().map(|value| (field, value, Refused("invalid_amount"))).collect()
}

/// Money of at least `min`: "any", "zero" or "more".
fn money(field: &'static str, sign: Sign) -> Vec<Case> {
    let number = |text: &str| -> Value { serde_json::from_str(text).expect("a number") };
    let mut cases = vec![
        (field, json!("0.01"), Kept),
        (field, json!("7"), As(json!("7.00"))),
        (field, json!("7.5"), As(json!("7.50"))),
        (field, json!(7), As(json!("7.00"))),
        (field, number("7.10"), As(json!("7.10"))),
        (field, json!("007.10"), As(json!("7.10"))),
        (field, json!("999999999999.99"), Kept),
        (field, json!("1.999"), Refused("invalid_amount")),
        (field, number("0.30000000000000004"), Refused("invalid_amount")),
    ];
    cases.extend(no_amounts(field));
    cases.extend(signs(field, sign, "-0.01", "0.00"));
    cases
}

fn quantity(field: &'static str, sign: Sign) -> Vec<Case> {
    let mut cases = vec![
        (field, json!("0.001"), Kept),
        (field, json!("7.5"), As(json!("7.500"))),
        (field, json!(12), As(json!("12.000"))),
        (field, json!("999999999999.999"), Kept),
        (field, json!("1.9999"), Refused("invalid_amount")),
    ];
    cases.extend(no_amounts(field));
    cases.extend(signs(field, sign, "-0.001", "0.000"));
    cases
}

/// Which sign an amount may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Any,
    NotNegative,
    Positive,
}

fn signs(field: &'static str, sign: Sign, least: &str, zero: &str) -> Vec<Case> {
    let refused = || Refused("invalid_amount");
    let (negative, nothing) = match sign {
        Sign::Any => (Kept, As(json!(zero))),
        Sign::NotNegative => (refused(), As(json!(zero))),
        Sign::Positive => (refused(), refused()),
    };
    vec![
        (field, json!(least), negative),
        (field, json!("-0"), nothing.clone()),
        (field, json!(0), nothing),
    ]
}

fn id(field: &'static str) -> Vec<Case> {
    let mut cases = vec![(field, json!("x".repeat(128)), Kept), (field, json!("!~#/"), Kept)];
    for bad in [json!(""), json!("a b"), json!("año"), json!("x".repeat(129)), json!(7), json!([])]
    {
        cases.push((field, bad, Refused("invalid_id")));
    }
    cases
}

fn words(field: &'static str, words: &[&str]) -> Vec<Case> {
    let mut cases: Vec<Case> = words.iter().map(|word| (field, json!(word), Kept)).collect();
    for bad in
        [json!(""), json!("otra"), json!(words[0].to_uppercase()), json!(1), json!([words[0]])]
    {
        cases.push((field, bad, Refused("invalid_field")));
    }
    cases
}

fn flag(field: &'static str, otherwise: bool) -> Vec<Case> {
    vec![
        (field, json!(true), Kept),
        (field, json!(false), Kept),
        (field, left_out(), As(json!(otherwise))),
        (field, json!(null), As(json!(otherwise))),
        (field, json!("true"), Refused("invalid_field")),
        (field, json!(1), Refused("invalid_field")),
    ]
}

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
    check(&admin, 0, "customers", |_| json!({"name": "Rosa Quispe"}), &cases);
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
    check(&admin, 3, "abonos", base, &cases);
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
    check(&admin, 1, "product_variants", base, &cases);
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
        compare(answer.data(), field, &value, &expected, &what);
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
    check(&admin, 0, "distribuciones", base, &cases);
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
