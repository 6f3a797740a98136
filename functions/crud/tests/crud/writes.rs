//! Records written online: same decisions, receipts and answers as a phone's batch.

use domain::Channel;
use protocol::{Operation, OperationStatus, Role};
use serde_json::{Value, json};
use store::memory::{Fault, Script};
use store::push::{Sender, push};
use store::tables::Table;

use crate::world::{SESSION, World};

fn product() -> Value {
    json!({"name": "Pollo entero", "type": "pollo", "unit": "kg", "basePrice": 12.5})
}

#[tokio::test]
async fn health_needs_no_token_and_asks_the_store() {
    let world = World::new().await;
    let got = world.call("", "GET", "/health", &[], json!(null)).await;
    assert_eq!((got.status, &got.data()["status"]), (200, &json!("ok")));
    let dead = world.tables.with_faults(Script::new([Fault::LoseRequest; 50]));
    let got = world.call_over(dead, "", "GET", "/health", &[], json!(null)).await;
    assert_eq!(got.failure(), (503, "unavailable"));
    assert_eq!(got.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_product_and_its_variant_are_made() {
    let world = World::new().await;
    let token = world.admin().await;
    let key = [("idempotency-key", "op-1")];
    let got = world.call(&token, "POST", "/products", &key, product()).await;
    assert_eq!((got.status, &got.headers["etag"]), (201, &"\"1\"".parse().unwrap()));
    let record = got.data();
    assert_eq!(
        (&record["id"], &record["basePrice"], &record["version"], &record["createdBy"]),
        (&json!("op-1"), &json!("12.50"), &json!(1), &json!("admin"))
    );
    let variant = json!({"id": "v-1", "productId": "op-1", "name": "Entero", "price": "12.50"});
    let got = world.call(&token, "POST", "/product-variants", &[], variant).await;
    assert_eq!((got.status, &got.data()["id"]), (201, &json!("v-1")));
}

#[tokio::test]
async fn a_repeated_key_writes_once_and_another_request_under_it_is_refused() {
    let world = World::new().await;
    let token = world.admin().await;
    let key = [("idempotency-key", "op-1")];
    let first = world.call(&token, "POST", "/products", &key, product()).await;
    let again = world.call(&token, "POST", "/products", &key, product()).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.data()["id"], again.data()["id"]);
    assert_eq!(world.records(), 1);
    let mut other = product();
    other["name"] = json!("Gallina");
    let got = world.call(&token, "POST", "/products", &key, other).await;
    assert_eq!(got.failure(), (409, "operation_id_reused"));
    let without = world.call(&token, "POST", "/products", &[], product()).await;
    assert_eq!((without.status, world.records()), (201, 2));
}

#[tokio::test]
async fn one_operation_by_route_and_by_batch_takes_effect_once() {
    let world = World::new().await;
    let token = world.admin().await;
    let customer = json!({"id": "c-1", "name": "María Huamán", "phone": "987654321"});
    let key = [("idempotency-key", "op-1")];
    let got = world.call(&token, "POST", "/customers", &key, customer).await;
    assert_eq!(got.status, 201, "{}", got.body);
    let operation = Operation::from_json(&json!({
        "operationId": "op-1", "entity": "customers", "action": "insert", "entityId": "c-1",
        "payload": {"name": "María Huamán", "phone": "987654321"},
        "clientTimestamp": "2026-11-22T13:04:00.000Z",
    }));
    let sender = Sender {
        business: "b1".parse().unwrap(),
        user: "admin".parse().unwrap(),
        role: Role::AdminNegocio,
        session: Some(SESSION.into()),
    };
    let results = push(&world.tables, &world.clock, &sender, Channel::Batch, &[operation]).await;
    assert_eq!(results.unwrap()[0].status, OperationStatus::Duplicate);
    assert_eq!(world.records(), 1);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_a_delete_may_be_repeated() {
    let world = World::new().await;
    let token = world.admin().await;
    let path = "/customers/c%231";
    let customer = json!({"id": "c#1", "name": "María Huamán", "phone": "987654321"});
    world.call(&token, "POST", "/customers", &[], customer).await;
    let base = [("if-match", "\"1\"")];
    let got = world.call(&token, "PUT", path, &base, json!({"address": "Jr. Lima 12"})).await;
    assert_eq!((got.status, &got.headers["etag"]), (200, &"\"2\"".parse().unwrap()));
    assert_eq!(got.data()["phone"], "987654321");
    assert_eq!(got.data()["address"], "Jr. Lima 12");
    for _ in 0..2 {
        let got = world.call(&token, "DELETE", path, &[], json!(null)).await;
        assert_eq!((got.status, &got.headers["etag"]), (200, &"\"3\"".parse().unwrap()));
        assert!(got.data()["deletedAt"].is_string(), "{}", got.body);
    }
    let got = world.call(&token, "PUT", "/customers/c2", &[], json!({"address": "x"})).await;
    assert_eq!(got.failure(), (404, "record_not_found"));
}

#[tokio::test]
async fn what_is_wrong_with_a_write_is_named_and_stores_nothing() {
    let world = World::new().await;
    let token = world.admin().await;
    let changed = |field: &str, value: Value| {
        let mut body = product();
        body[field] = value;
        body
    };
    let none: &[(&str, &str)] = &[];
    for (headers, body, expected) in [
        (none, json!([]), (400, "invalid_request")),
        (none, json!("hola"), (400, "invalid_request")),
        (none, json!({}), (422, "missing_field")),
        (none, changed("id", json!("a b")), (400, "invalid_id")),
        (none, changed("id", json!(7)), (400, "invalid_id")),
        (none, changed("type", json!("pavo")), (422, "invalid_field")),
        (none, changed("basePrice", json!("1e3")), (422, "invalid_amount")),
        (none, changed("basePrice", json!("-1")), (422, "invalid_amount")),
        (&[("idempotency-key", "a b")], product(), (400, "invalid_id")),
        (&[("idempotency-key", "")], product(), (400, "invalid_id")),
        (&[("idempotency-key", "a"), ("idempotency-key", "b")], product(), (400, "invalid_id")),
        (&[("if-match", "*")], product(), (400, "invalid_if_match")),
    ] {
        let got = world.call(&token, "POST", "/products", headers, body.clone()).await;
        assert_eq!(got.failure(), expected, "{headers:?} {body}");
    }
    let got = world.call(&token, "PUT", "/products/p1", &[], json!({"id": "p2"})).await;
    assert_eq!(got.failure(), (400, "invalid_request"));
    let orphan = json!({"productId": "p-404", "name": "Entero"});
    let got = world.call(&token, "POST", "/product-variants", &[], orphan).await;
    assert_eq!(got.failure(), (409, "missing_reference"));
    assert_eq!(world.records(), 0);
}

#[tokio::test]
async fn who_may_not_write_is_refused() {
    let world = World::new().await;
    for (business, user, role, expected) in [
        ("b1", "rosa", Role::Vendedor, (403, "forbidden")),
        ("b1", "luis", Role::AdminNegocio, (401, "user_inactive")),
        ("b1", "luis", Role::Saliente, (403, "forbidden")),
        ("b1", "nadie", Role::AdminNegocio, (401, "user_inactive")),
        ("b2", "rosa", Role::AdminNegocio, (401, "user_inactive")),
    ] {
        let token = world.token(business, user, role).await;
        let got = world.call(&token, "POST", "/products", &[], product()).await;
        assert_eq!(got.failure(), expected, "{business} {user} {role:?}");
    }
    let got = world.call("", "POST", "/products", &[], product()).await;
    assert_eq!(got.failure(), (401, "missing_token"));
    assert_eq!(world.records(), 0);
}

#[tokio::test]
async fn a_token_of_an_ended_session_reads_and_writes_nothing() {
    let world = World::new().await;
    let token = world.admin().await;
    world.end_session("admin").await;
    for path in ["/customers", "/sales/s1", "/reports/day", "/records/sales/s1/history"] {
        assert_eq!(world.get(&token, path).await.failure(), (401, "invalid_token"), "{path}");
    }
    let load = json!({"vendedorId": "rosa", "puntoVenta": "Casa", "fecha": "2026-11-22"});
    let closing = json!({"closingDate": "2026-11-22", "cashCounted": "0.00"});
    for (path, body) in
        [("/products", product()), ("/distribuciones", load), ("/closings", closing)]
    {
        let got = world.call(&token, "POST", path, &[], body).await;
        assert_eq!(got.failure(), (401, "invalid_token"), "{path}");
    }
    assert_eq!(world.records(), 0);
}

#[tokio::test]
async fn two_businesses_with_the_same_ids_never_meet() {
    let world = World::new().await;
    let ours = world.admin().await;
    let theirs = world.token("b2", "admin", Role::AdminNegocio).await;
    let mut body = product();
    body["id"] = json!("p1");
    let key = [("idempotency-key", "op-1")];
    for token in [&ours, &theirs] {
        let got = world.call(token, "POST", "/products", &key, body.clone()).await;
        assert_eq!(got.status, 201, "{}", got.body);
    }
    let got = world.call(&theirs, "PUT", "/products/p1", &[], json!({"name": "Pato"})).await;
    assert_eq!((&got.data()["name"], &got.data()["businessId"]), (&json!("Pato"), &json!("b2")));
    let names: Vec<Value> =
        world.tables.scan(Table::Records).iter().map(|r| r["business"].clone()).collect();
    assert_eq!(names, ["b1", "b2"]);
}

#[tokio::test]
async fn a_busy_store_asks_for_patience() {
    let world = World::new().await;
    let token = world.admin().await;
    let busy = world.tables.with_faults(|call: store::memory::Call<'_>| match call {
        store::memory::Call::Transact(_) => Fault::Throttle,
        _ => Fault::None,
    });
    let got = world.call_over(busy, &token, "POST", "/products", &[], product()).await;
    assert_eq!((got.status, &got.headers["retry-after"]), (503, &"1".parse().unwrap()));
    assert_eq!(world.records(), 0);
}
