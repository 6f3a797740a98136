//! What a phone shows before the server has answered is what the server answers.

use protocol::{Action, Entity, ErrorCode, JsonObject, Role};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, object, seller};
use crate::{check, preview};

/// The server's record and the phone's, without what only the server says.
fn shown(record: &JsonObject) -> Value {
    let mut shown = record.clone();
    for field in ["version", "updatedAt", "updatedBy"] {
        shown.remove(field);
    }
    Value::Object(shown)
}

#[test]
fn a_queue_on_top_looks_as_the_server_will_answer() {
    let mut shop = Shop::default();
    let customer = Op::new("o1", Entity::Customers, Action::Insert, "c1");
    let item = json!({"id": "i1", "productId": "p1", "quantity": "1.5", "unitPrice": 10});
    let sale = json!({"clientId": "c1", "saleType": "credito", "items": [item]});
    let queue = [
        customer.payload(json!({"name": " Rosa ", "phone": "987"})),
        Op::new("o2", Entity::Customers, Action::Update, "c1").payload(json!({"phone": ""})),
        Op::new("o3", Entity::Sales, Action::Insert, "s1").payload(sale),
        Op::new("o4", Entity::Sales, Action::Update, "s1").payload(json!({"amountPaid": 5})),
        Op::new("o5", Entity::SaleItems, Action::Insert, "i2").payload(
            json!({"saleId": "s1", "productId": "p2", "quantity": 1, "unitPrice": "2.50"}),
        ),
        Op::new("o6", Entity::SaleItems, Action::Delete, "i1").payload(json!({"saleId": "s1"})),
        Op::new("o7", Entity::Abonos, Action::Insert, "a1")
            .payload(json!({"clientId": "c1", "amount": 2, "paymentMethod": "plin"})),
    ];
    let mut phone = std::collections::BTreeMap::new();
    for (minute, op) in (0..).zip(queue) {
        let op = op.at(minute);
        let key = crate::record_named_by(&op.0);
        let synced = shop.push(&seller(), &op);
        let overlay = preview(phone.get(&key), &op.0, &seller());
        let Some(record) = synced.record else {
            // Removing what is worth more than was paid is refused in both places.
            assert_eq!(overlay.unwrap_err(), synced.refusal.unwrap());
            continue;
        };
        let overlay = overlay.unwrap();
        assert_eq!(shown(&overlay), shown(&object(record)), "{:?}", op.0);
        phone.insert(key, overlay);
    }
    assert_eq!(phone.len(), 3);
    let delete = Op::new("o8", Entity::Customers, Action::Delete, "c1");
    let customer = phone.values().next().unwrap();
    assert!(preview(Some(customer), &delete.0, &admin()).unwrap().contains_key("deletedAt"));
}

#[test]
fn a_screen_is_refused_with_the_servers_words() {
    let id = "x".parse().unwrap();
    let said = |entity, action, payload: Value, role| {
        check(entity, action, &id, &object(payload), role).unwrap_err()
    };
    let refusal = said(Entity::Customers, Action::Insert, json!({"name": "R"}), Role::Vendedor);
    assert_eq!(refusal.text(), "El nombre debe tener de 2 a 255 caracteres.");
    let refusal = said(Entity::Customers, Action::Delete, json!({}), Role::Vendedor);
    assert_eq!(refusal.code, ErrorCode::Forbidden);
    let named = check(
        Entity::Customers,
        Action::Update,
        &id,
        &object(json!({"phone": " 987 ", "x": 1})),
        Role::Vendedor,
    );
    assert_eq!(json!(named.unwrap()), json!({"phone": "987"}));
}

#[test]
fn fields_of_a_later_version_stay_as_they_came() {
    let record = object(json!({"id": "c1", "name": "Rosa", "loyalty": {"points": 3}}));
    let op = Op::new("o1", Entity::Customers, Action::Update, "c1").payload(json!({"phone": "1"}));
    let overlay = preview(Some(&record), &op.0, &seller()).unwrap();
    assert_eq!(overlay["loyalty"], json!({"points": 3}));
}
