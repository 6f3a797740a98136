//! Who may do what: entity × action × who asks, by phone and online.

use http_tests::{Phone, Stack, operation, sale};
use serde_json::{Value, json};

use crate::effect::Before;

/// Who asks about a record that Rosa, a seller, has made (or that is hers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Admin,
    Rosa,
    Luis,
}

const EVERYONE: [Who; 3] = [Who::Admin, Who::Rosa, Who::Luis];

/// One row of the table: entity, action, payload, and what each of the three is answered
/// (`applied`, or the code of the refusal).
type Row = (&'static str, &'static str, Value, [&'static str; 3]);

const YES: &str = "applied";
const NO: &str = "forbidden";
const ONLINE: &str = "read_only_entity";

fn table() -> Vec<Row> {
    let load = json!({"puntoVenta": "Carro A", "fecha": "2026-11-22"});
    let item = json!({"productId": "p1", "quantity": "1", "unitPrice": "2"});
    vec![
        ("customers", "insert", json!({"name": "Nueva"}), [YES, YES, YES]),
        ("customers", "update", json!({"phone": "987654321"}), [YES, YES, YES]),
        ("customers", "update", json!({"saldoInicial": "10"}), [YES, NO, NO]),
        ("customers", "delete", json!({}), [YES, NO, NO]),
        ("sales", "insert", sale("c1"), [YES, YES, YES]),
        ("sales", "update", json!({"tara": "0.500"}), [YES, YES, NO]),
        ("sales", "delete", json!({}), [YES, YES, NO]),
        ("sale_items", "insert", item, [YES, YES, NO]),
        ("sale_items", "update", json!({"variantName": "Trozado"}), [YES, YES, NO]),
        ("sale_items", "delete", json!({}), [YES, YES, NO]),
        (
            "abonos",
            "insert",
            json!({"clientId": "c1", "amount": "5", "paymentMethod": "plin"}),
            [YES, YES, YES],
        ),
        ("abonos", "update", json!({"notes": "En dos partes"}), [YES, YES, NO]),
        ("abonos", "delete", json!({}), [YES, YES, NO]),
        ("distribuciones", "insert", load, [YES, NO, NO]),
        ("distribuciones", "update", json!({"puntoVenta": "Casa"}), [YES, NO, NO]),
        ("distribuciones", "update", json!({"estado": "en_ruta"}), [YES, NO, NO]),
        (
            "distribuciones",
            "update",
            json!({"estado": "cerrado", "puntoVenta": "Casa"}),
            [YES, NO, NO],
        ),
        (
            "distribuciones",
            "update",
            json!({"estado": "cerrado", "kilosDevueltos": "2.5"}),
            [YES, YES, NO],
        ),
        ("distribuciones", "delete", json!({}), [YES, NO, NO]),
        ("product_variants", "insert", json!({"productId": "p1", "name": "Otra"}), [YES, NO, NO]),
        ("product_variants", "update", json!({"price": "12"}), [YES, NO, NO]),
        ("product_variants", "delete", json!({}), [YES, NO, NO]),
        ("products", "insert", json!({"name": "Pavo", "type": "otro", "unit": "kg"}), [ONLINE; 3]),
        ("products", "update", json!({"name": "Pavo"}), [ONLINE; 3]),
        ("products", "delete", json!({}), [ONLINE; 3]),
        ("closings", "insert", json!({"closingDate": "2026-11-22"}), [ONLINE; 3]),
        ("closings", "update", json!({"cashCounted": "1"}), [ONLINE; 3]),
        ("closings", "delete", json!({}), [ONLINE; 3]),
    ]
}

#[test]
fn each_role_may_do_what_the_domain_says_and_no_more() {
    let admin = Stack::shared().business();
    let (rosa, luis) = (admin.seller(), admin.seller());
    let product = json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    admin.send("POST", "/products", Some(&product)).data();
    admin.push_one(&operation("customers", "insert", "c1", json!({"name": "Clara"})));
    let mut allowed = 2 + make_records(&admin, &rosa);
    for (row, (entity, action, payload, expected)) in table().into_iter().enumerate() {
        for (who, expected) in EVERYONE.into_iter().zip(expected) {
            let id = format!("r{row}-{who:?}");
            let phone = match who {
                Who::Admin => &admin,
                Who::Rosa => &rosa,
                Who::Luis => &luis,
            };
            let result = phone.push_one(&asked(&rosa, entity, action, &id, &payload, row));
            let answered = if result["status"] == "merged" {
                YES.into()
            } else {
                result["code"].as_str().or(result["status"].as_str()).unwrap_or_default().to_owned()
            };
            assert_eq!(answered, expected, "{who:?} {action} {entity} {payload}: {result}");
            allowed += usize::from(expected == YES);
        }
    }
    // Several writes of a record may be one change; nothing that was refused is any.
    let feed = admin.feed();
    assert!(feed.len() <= allowed, "{} changes of {allowed} writes", feed.len());
    assert!(feed.iter().all(|change| change["entity"] != "closings"));
}

/// What is asked: the row's payload, with the parts that differ from record to record.
fn asked(rosa: &Phone, entity: &str, action: &str, id: &str, payload: &Value, row: usize) -> Value {
    let mut payload = payload.clone();
    let mut name = id.to_owned();
    match (entity, action) {
        ("sale_items", _) => {
            payload["saleId"] = id.into();
            name = if action == "insert" { "i9".into() } else { "i1".into() };
        }
        ("distribuciones", "insert") => {
            payload["vendedorId"] = rosa.user().into();
            payload["fecha"] = format!("2025-01-{:02}", row % 28 + 1).into();
        }
        ("product_variants", "insert") => payload["name"] = id.into(),
        _ => {}
    }
    operation(entity, action, &name, payload)
}

/// Makes the records that will be touched; how many.
fn make_records(admin: &Phone, rosa: &Phone) -> usize {
    let (mut of_admin, mut of_rosa) = (Vec::new(), Vec::new());
    for (row, (entity, action, ..)) in table().into_iter().enumerate() {
        for who in EVERYONE {
            if action != "insert" || entity == "sale_items" {
                let id = format!("r{row}-{who:?}");
                match made(rosa, entity, &id) {
                    Some((Who::Admin, insert)) => of_admin.push(insert),
                    Some((_, insert)) => of_rosa.push(insert),
                    None => {}
                }
            }
        }
    }
    for (phone, inserts) in [(admin, &of_admin), (rosa, &of_rosa)] {
        for result in inserts.chunks(25).flat_map(|inserts| phone.push(inserts)) {
            assert_eq!(result["status"], "applied", "{result}");
        }
    }
    of_admin.len() + of_rosa.len()
}

/// What makes the record that will be touched, and who does it.
fn made(rosa: &Phone, entity: &str, id: &str) -> Option<(Who, Value)> {
    let (maker, entity, payload) = match entity {
        "customers" => (Who::Rosa, entity, json!({"name": "Elena"})),
        "sales" => (Who::Rosa, entity, sale("c1")),
        "sale_items" => {
            let mut two = sale("c1");
            two["items"] = json!([
                {"id": "i1", "productId": "p1", "quantity": "1", "unitPrice": "50"},
                {"id": "i2", "productId": "p1", "quantity": "1", "unitPrice": "50"}]);
            for figure in ["totalAmount", "balanceDue"] {
                two.as_object_mut().expect("an object").remove(figure);
            }
            (Who::Rosa, "sales", two)
        }
        "abonos" => {
            (Who::Rosa, entity, json!({"clientId": "c1", "amount": "5", "paymentMethod": "yape"}))
        }
        "distribuciones" => {
            let day = id.bytes().fold(0_u32, |sum, byte| sum * 31 % 9973 + u32::from(byte));
            let date = format!(
                "20{:02}-{:02}-{:02}",
                day % 90 + 10,
                day / 90 % 12 + 1,
                day / 1080 % 28 + 1
            );
            (
                Who::Admin,
                entity,
                json!({"vendedorId": rosa.user(), "puntoVenta": "Carro B", "fecha": date}),
            )
        }
        "product_variants" => (Who::Admin, entity, json!({"productId": "p1", "name": id})),
        _ => return None,
    };
    Some((maker, operation(entity, "insert", id, payload)))
}

#[test]
fn a_seller_sells_and_collects_in_his_own_name_only() {
    let admin = Stack::shared().business();
    let (rosa, luis) = (admin.seller(), admin.seller());
    admin.push_one(&operation("customers", "insert", "c1", json!({"name": "Clara"})));
    let named = |seller: &Phone, mut payload: Value| {
        payload["sellerId"] = seller.user().into();
        payload
    };
    let abono = json!({"clientId": "c1", "amount": "5", "paymentMethod": "yape"});
    for (entity, payload) in [("sales", sale("c1")), ("abonos", abono)] {
        for (phone, owner, expected) in [
            (&rosa, &rosa, "applied"),
            (&rosa, &luis, "forbidden"),
            (&rosa, &admin, "forbidden"),
            (&admin, &luis, "applied"),
        ] {
            let id = phone.unique();
            let insert = operation(entity, "insert", &id, named(owner, payload.clone()));
            let result = phone.push_one(&insert);
            let answered = result["code"].as_str().or(result["status"].as_str());
            assert_eq!(answered, Some(expected), "{entity}: {result}");
            if expected != "applied" {
                continue;
            }
            assert_eq!(result["record"]["sellerId"], owner.user());
            let given = operation(entity, "update", &id, json!({"sellerId": "otro"}));
            assert_eq!(phone.push_one(&given)["code"], "invalid_field", "an owner stays the owner");
        }
    }
}

#[test]
fn the_catalogue_and_the_team_are_changed_by_administrators_only() {
    let admin = Stack::shared().business();
    let rosa = admin.seller();
    let product = json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    admin.send("POST", "/products", Some(&product)).data();
    let variant = json!({"id": "v1", "productId": "p1", "name": "Entero"});
    admin.send("POST", "/product-variants", Some(&variant)).data();
    let before = Before::of(&admin, 2);
    for (method, path, body) in [
        ("POST", "/products", json!({"name": "Pavo", "type": "otro", "unit": "kg"})),
        ("PUT", "/products/p1", json!({"name": "Pavo"})),
        ("DELETE", "/products/p1", json!({})),
        ("POST", "/product-variants", json!({"productId": "p1", "name": "Medio"})),
        ("PUT", "/product-variants/v1", json!({"name": "Medio"})),
        ("DELETE", "/product-variants/v1", json!({})),
        ("GET", "/team", json!({})),
        (
            "POST",
            "/team",
            json!({"name": "Otro", "email": "x@y.pe", "password": "clave-segura", "role": "VENDEDOR"}),
        ),
        ("POST", &format!("/team/{}/deactivate", admin.user()), json!({})),
        ("POST", &format!("/team/{}/reset", admin.user()), json!({"password": "clave-segura"})),
        ("DELETE", "/customers/nadie", json!({})),
    ] {
        let body = (method != "GET").then_some(&body);
        let answer = rosa.send(method, path, body);
        assert_eq!(answer.failure(), "403 forbidden", "{method} {path}");
    }
    before.nothing_has_changed(&admin);
    assert_eq!(admin.send("GET", "/team", None).data().as_array().map(Vec::len), Some(2));
}
