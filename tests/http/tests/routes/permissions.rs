//! Who may write what.

use http_tests::{Phone, Stack, operation, sale};
use serde_json::{Value, json};

fn refused(result: &Value) -> (&str, &str) {
    (result["status"].as_str().unwrap(), result["code"].as_str().unwrap_or(""))
}

/// An administrator, two sellers, and a record of each kind.
fn business() -> (Phone, Phone, Phone) {
    let admin = Stack::shared().business();
    let (rosa, luis) = (admin.seller(), admin.seller());
    let product = json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    assert_eq!(admin.send("POST", "/products", Some(&product)).status, 201);
    let variant =
        operation("product_variants", "insert", "v1", json!({"productId": "p1", "name": "Entero"}));
    let made =
        admin.push(&[variant, operation("customers", "insert", "c1", json!({"name": "Rosa"}))]);
    assert!(made.iter().all(|result| result["status"] == "applied"), "{made:?}");
    (admin, rosa, luis)
}

#[test]
fn what_has_no_offline_form_is_read_only_in_a_batch_even_for_an_administrator() {
    let (admin, rosa, _) = business();
    for phone in [&admin, &rosa] {
        for entity in ["products", "closings"] {
            for action in ["insert", "update", "delete"] {
                let fields = json!({"name": "Huevo", "type": "huevo", "unit": "unidad"});
                let result = phone.push_one(&operation(entity, action, "p1", fields));
                assert_eq!(refused(&result), ("rejected", "read_only_entity"), "{entity} {action}");
            }
        }
    }
}

#[test]
fn a_seller_may_not_do_what_is_the_administrator_s() {
    let (admin, rosa, _) = business();
    let distribucion = json!({"vendedorId": rosa.user(), "puntoVenta": "Carro A",
        "fecha": "2026-11-22", "items": [{"variantId": "v1", "cantidadAsignada": "10.000",
        "unidad": "kg"}]});
    let forbidden = [
        operation("customers", "delete", "c1", json!({})),
        operation("customers", "update", "c1", json!({"saldoInicial": "50.00"})),
        operation("customers", "insert", "c9", json!({"name": "Nueva", "saldoInicial": "50.00"})),
        operation("product_variants", "insert", "v2", json!({"productId": "p1", "name": "Medio"})),
        operation("product_variants", "update", "v1", json!({"price": "12.00"})),
        operation("product_variants", "delete", "v1", json!({})),
        operation("distribuciones", "insert", "d1", distribucion.clone()),
    ];
    for operation in &forbidden {
        let result = rosa.push_one(operation);
        assert_eq!(refused(&result), ("rejected", "forbidden"), "{operation}");
    }
    assert_eq!(admin.feed_of(3).len(), 3);
    let allowed = [
        operation("customers", "update", "c1", json!({"saldoInicial": "50.00"})),
        operation("product_variants", "update", "v1", json!({"price": "12.00"})),
        operation("distribuciones", "insert", "d1", distribucion),
        operation("product_variants", "delete", "v1", json!({})),
        operation("customers", "delete", "c1", json!({})),
    ];
    for operation in &allowed {
        let result = admin.push_one(operation);
        assert_eq!(result["status"], "applied", "{operation}: {result}");
    }
}

#[test]
fn a_seller_writes_his_own_sales_and_abonos_and_the_administrator_all() {
    let (admin, rosa, luis) = business();
    let abono = json!({"clientId": "c1", "amount": "5.00", "paymentMethod": "yape"});
    let made = rosa.push(&[
        operation("sales", "insert", "s1", sale("c1")),
        operation("abonos", "insert", "a1", abono.clone()),
    ]);
    assert!(made.iter().all(|result| result["status"] == "applied"), "{made:?}");
    let mut in_her_name = sale("c1");
    in_her_name["sellerId"] = rosa.user().into();
    for operation in [
        operation("sales", "update", "s1", json!({"amountPaid": "30.00"})),
        operation("sale_items", "update", "i1", json!({"saleId": "s1", "quantity": 1})),
        operation("sales", "delete", "s1", json!({})),
        operation("abonos", "update", "a1", json!({"notes": "mío"})),
        operation("abonos", "delete", "a1", json!({})),
        operation("sales", "insert", "s2", in_her_name.clone()),
    ] {
        let result = luis.push_one(&operation);
        assert_eq!(refused(&result), ("rejected", "forbidden"), "{operation}");
    }
    let by_admin = admin.push(&[
        operation("sales", "insert", "s3", in_her_name),
        operation("sales", "update", "s1", json!({"amountPaid": "30.00"})),
        operation("abonos", "delete", "a1", json!({})),
    ]);
    assert!(by_admin.iter().all(|result| result["status"] == "applied"), "{by_admin:?}");
    assert_eq!(by_admin[0]["record"]["sellerId"], rosa.user());
}

#[test]
fn every_record_of_a_business_reaches_every_phone_of_it() {
    let (admin, rosa, luis) = business();
    rosa.push(&[operation("sales", "insert", "s1", sale("c1"))]);
    let feed = admin.feed_of(4);
    assert_eq!(rosa.feed(), feed);
    assert_eq!(luis.feed(), feed);
}
