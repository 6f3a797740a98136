//! Customers, products and variants: their fields and what is unique.

use protocol::{Action, Entity, ErrorCode, OperationStatus, Version};
use serde_json::json;

use crate::fixture::{Op, Shop, admin, minute, seller};
use crate::{Channel, GuardKey};

fn insert(id: &str, payload: serde_json::Value) -> Op {
    Op::new(&format!("make-{id}"), Entity::Customers, Action::Insert, id).payload(payload)
}

fn update(operation: &str, id: &str, payload: serde_json::Value) -> Op {
    Op::new(operation, Entity::Customers, Action::Update, id).payload(payload).at(5)
}

#[test]
fn a_new_customer_is_normalised_and_stamped() {
    let mut shop = Shop::default();
    let payload = json!({"name": "  Rosa Quispe ", "phone": "", "dni": "12345678",
                         "tempId": "x", "syncStatus": "pending", "version": 9});
    let record = shop.done(&seller(), &insert("c1", payload).at(3));
    assert_eq!(
        json!(record),
        json!({"id": "c1", "businessId": "business-1", "version": 1, "name": "Rosa Quispe",
               "dni": "12345678", "createdAt": "2026-11-22T13:03:00.000Z",
               "updatedAt": "2026-11-22T23:00:00.000Z", "createdBy": "rosa", "updatedBy": "rosa",
               "syncStatus": "synced", "syncAttempts": 0})
    );
}

#[test]
fn a_wrong_field_is_refused_by_its_name() {
    for (payload, code, message) in [
        (json!({}), ErrorCode::MissingField, "Falta el nombre."),
        (json!({"name": " "}), ErrorCode::MissingField, "Falta el nombre."),
        (
            json!({"name": "R"}),
            ErrorCode::InvalidField,
            "El nombre debe tener de 2 a 255 caracteres.",
        ),
        (json!({"name": 7}), ErrorCode::InvalidField, "El nombre debe ser un texto."),
        (
            json!({"name": "Rosa", "dni": "1234567"}),
            ErrorCode::InvalidField,
            "El DNI debe tener 8 dígitos (o RUC de 11).",
        ),
        (
            json!({"name": "Rosa", "saldoInicial": "1.999"}),
            ErrorCode::InvalidAmount,
            "El saldo inicial debe ser un número con hasta 2 decimales.",
        ),
    ] {
        let decision = Shop::default().decide(&admin(), &insert("c1", payload.clone()));
        let refusal = decision.refusal.unwrap();
        assert_eq!((refusal.code, refusal.text()), (code, message), "{payload}");
        assert_eq!(decision.rows.len(), 1, "the receipt and nothing else");
    }
}

#[test]
fn null_clears_an_optional_field_and_no_other() {
    let mut shop = Shop::default();
    shop.done(&seller(), &insert("c1", json!({"name": "Rosa", "phone": "987654321"})));
    let record = shop.done(&seller(), &update("o1", "c1", json!({"phone": null})));
    assert!(!record.contains_key("phone"));
    let refused = shop.fails(&seller(), &update("o2", "c1", json!({"name": null})));
    assert_eq!(refused, (OperationStatus::Rejected, ErrorCode::MissingField));
}

#[test]
fn only_an_administrator_sets_the_debt_from_before() {
    let mut shop = Shop::default();
    let made = insert("c1", json!({"name": "Rosa", "saldoInicial": "-12.5"}));
    assert_eq!(shop.done(&admin(), &made)["saldoInicial"], "-12.50");
    let same = update("o1", "c1", json!({"saldoInicial": "-12.50", "notes": "Paga los lunes"}));
    assert_eq!(shop.done(&seller(), &same)["notes"], "Paga los lunes");
    let other = update("o2", "c1", json!({"saldoInicial": 0}));
    assert_eq!(shop.fails(&seller(), &other).1, ErrorCode::Forbidden);
    let zero = insert("c2", json!({"name": "Luis", "saldoInicial": 0}));
    assert!(!shop.done(&seller(), &zero).contains_key("saldoInicial"));
}

#[test]
fn a_second_customer_of_one_dni_is_accepted_and_flagged() {
    let mut shop = Shop::default();
    let dni = json!({"name": "Rosa", "dni": "12345678"});
    assert!(!shop.done(&seller(), &insert("c1", dni.clone())).contains_key("duplicateOf"));
    assert_eq!(shop.done(&seller(), &insert("c2", dni.clone()))["duplicateOf"], "c1");

    // The first goes: the number is free, and the next customer with it holds it.
    shop.done(&admin(), &Op::new("o1", Entity::Customers, Action::Delete, "c1").at(5));
    assert!(!shop.done(&seller(), &insert("c3", dni)).contains_key("duplicateOf"));

    // He who comes back finds it taken.
    let back = shop.done(&seller(), &update("o2", "c1", json!({"phone": "987"})).at(9));
    assert_eq!(back["duplicateOf"], "c3");
    let other = shop.done(&seller(), &update("o3", "c1", json!({"dni": "87654321"})).at(10));
    assert!(!other.contains_key("duplicateOf"));
    let guard = GuardKey::new("dni", &["87654321"]);
    assert_eq!(shop.0.guard(&guard).unwrap().unwrap().owner, "c1");
}

#[test]
fn a_changed_dni_frees_the_old_one() {
    let mut shop = Shop::default();
    shop.done(&seller(), &insert("c1", json!({"name": "Rosa", "dni": "12345678"})));
    shop.done(&seller(), &update("o1", "c1", json!({"dni": ""})));
    assert_eq!(shop.0.guard(&GuardKey::new("dni", &["12345678"])).unwrap(), None);
}

#[test]
fn a_variants_name_is_unique_within_its_product() {
    let mut shop = Shop::default();
    let mut online = admin();
    online.channel = Channel::Online;
    for id in ["p1", "p2"] {
        let product = Op::new(&format!("make-{id}"), Entity::Products, Action::Insert, id)
            .payload(json!({"name": "Pollo", "type": "pollo", "unit": "kg", "basePrice": 9.5}));
        assert_eq!(shop.fails(&admin(), &product).1, ErrorCode::ReadOnlyEntity);
        let record =
            shop.done(&online, &Op(protocol::Operation { manual_retries: 1, ..product.0 }));
        assert_eq!((&record["basePrice"], &record["isActive"]), (&json!("9.50"), &json!(true)));
    }
    let variant = |id: &str, product: &str, name: &str| {
        Op::new(&format!("make-{id}"), Entity::ProductVariants, Action::Insert, id)
            .payload(json!({"productId": product, "name": name, "price": "12"}))
    };
    assert_eq!(shop.done(&admin(), &variant("v1", "p1", "Pechuga"))["sortOrder"], 0);
    assert_eq!(shop.fails(&admin(), &variant("v2", "p1", " PECHÚGA ")).1, ErrorCode::NameTaken);
    shop.done(&admin(), &variant("v3", "p2", "Pechuga"));
    shop.done(&admin(), &variant("v4", "p1", "Pierna"));
    let rename = |operation: &str, name: &str| {
        Op::new(operation, Entity::ProductVariants, Action::Update, "v4")
            .payload(json!({"name": name}))
            .at(5)
    };
    assert_eq!(shop.fails(&admin(), &rename("o1", "pechuga")).1, ErrorCode::NameTaken);
    shop.done(&admin(), &Op::new("o2", Entity::ProductVariants, Action::Delete, "v1").at(5));
    shop.done(&admin(), &rename("o3", "pechuga"));
    let back = Op::new("o4", Entity::ProductVariants, Action::Update, "v1")
        .payload(json!({"price": 1}))
        .at(9);
    assert_eq!(shop.fails(&admin(), &back).1, ErrorCode::NameTaken);
}

#[test]
fn a_record_too_large_is_refused() {
    let mut shop = Shop::default();
    let wide = json!({"name": "Rosa", "notes": "🐔".repeat(2000), "address": "🐔".repeat(500)});
    assert_eq!(shop.done(&seller(), &insert("c1", wide))["version"], json!(Version(1)));
    let items: Vec<_> = (0..50)
        .map(|_| {
            json!({"productId": "p".repeat(128), "productName": "ñ".repeat(255),
                        "quantity": 1, "unitPrice": 1})
        })
        .collect();
    let sale = Op::new("o1", Entity::Sales, Action::Insert, "s1")
        .payload(json!({"saleType": "contado", "items": items}));
    assert_eq!(shop.fails(&seller(), &sale).1, ErrorCode::RecordTooLarge);
}

/// A sale of 50 items that has only just enough room to be written down.
fn full_sale() -> Shop {
    let shop_with = |letters: usize| {
        let item = json!({"productId": "p", "productName": "x".repeat(letters), "quantity": 1,
                          "unitPrice": 1});
        let sale = Op::new("o1", Entity::Sales, Action::Insert, "s1")
            .payload(json!({"saleType": "contado", "items": vec![item; 50]}));
        let mut shop = Shop::default();
        shop.push(&seller(), &sale).status.is_success().then_some(shop)
    };
    (1..=255).rev().find_map(shop_with).unwrap()
}

#[test]
fn a_full_record_can_be_deleted_and_corrected() {
    let long = |name: &str, n: usize| format!("{name}-{n}-{}", "x".repeat(110));
    for caller in [seller(), admin()] {
        let delete = Op::new(&long("o", 2), Entity::Sales, Action::Delete, "s1")
            .device(&long("device", 1))
            .at(9);
        let gone = full_sale().done(&caller, &delete);
        assert!(gone.contains_key("deletedAt"));

        // Many corrections, each a clock more; and then it still goes.
        let mut shop = full_sale();
        for n in 3..20 {
            let change = Op::new(&long("o", n), Entity::Sales, Action::Update, "s1")
                .payload(json!({"saleDate": format!("2026-11-22T12:{n}:00Z", n = n + 10)}))
                .device(&long("device", 1))
                .at(i64::try_from(n).unwrap());
            shop.done(&caller, &change);
        }
        let delete = Op(protocol::Operation { client_timestamp: minute(60), ..delete.0 });
        shop.done(&caller, &delete);
        assert!(shop.stored("sales#s1").clocks.contains_key("deletedAt"), "a merge needs it");
    }
}
