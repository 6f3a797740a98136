//! What became of a record.

use serde_json::{Value, json};
use store::record_changes::{StreamRecord, record_changes};
use store::tables::{Item, Key, Table};

use crate::world::World;

/// Publishes all records as they are now.
async fn publish(world: &World) {
    let images = world.tables.scan(Table::Records).into_iter();
    let records: Vec<StreamRecord> = images
        .filter(|item| !item["record"].as_str().unwrap().starts_with("unique#"))
        .map(|item| StreamRecord {
            sequence: item["record"].to_string(),
            keys: Key::of(Table::Records, &item).unwrap().to_item(),
            new_image: Some(Item::clone(&item)),
        })
        .collect();
    let report = record_changes(&world.tables, &world.clock, records).await;
    assert!(report.failed.is_empty());
}

async fn rename(world: &World, token: &str, name: &str) {
    let got = world.call(token, "PUT", "/customers/c%231", &[], json!({"name": name})).await;
    assert_eq!(got.status, 200, "{}", got.body);
    publish(world).await;
}

fn versions(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|change| change["version"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_record_s_changes_come_newest_first_and_in_pages() {
    let world = World::new().await;
    let token = world.admin().await;
    let path = "/records/customers/c%231/history";
    assert_eq!(world.get(&token, path).await.failure(), (404, "record_not_found"));
    world.made(&token, "/customers", json!({"id": "c#1", "name": "Rosa"})).await;
    let got = world.get(&token, path).await;
    assert_eq!(got.data(), &json!({"items": [], "nextCursor": null}), "not in the feed yet");
    publish(&world).await;
    world.made(&token, "/customers", json!({"id": "c2", "name": "Luis"})).await;
    for name in ["Rosa Quispe", "Rosa Huamán"] {
        rename(&world, &token, name).await;
    }
    world.call(&token, "DELETE", "/customers/c%231", &[], json!(null)).await;
    publish(&world).await;
    let got = world.get(&token, path).await;
    assert_eq!((versions(got.data()), &got.data()["nextCursor"]), (vec![4, 3, 2, 1], &Value::Null));
    let newest = &got.data()["items"][0];
    assert_eq!((&newest["action"], &newest["changedBy"]), (&json!("delete"), &json!("admin")));
    assert_eq!(got.data()["items"][1]["record"]["name"], "Rosa Huamán");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..4 {
        let got = world.get(&token, &format!("{path}?limit=1{cursor}")).await;
        seen.extend(versions(got.data()));
        match got.data()["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [4, 3, 2, 1]);
    let theirs = world.token("b2", "admin", protocol::Role::AdminNegocio).await;
    assert_eq!(world.get(&theirs, path).await.failure(), (404, "record_not_found"));
    for cursor in ["8.1", "7.99"] {
        let got = world.get(&token, &format!("{path}?cursor={cursor}")).await;
        assert_eq!(got.failure(), (400, "invalid_cursor"), "{cursor}");
    }
}

#[tokio::test]
async fn what_has_no_history_is_told_apart() {
    let world = World::new().await;
    let token = world.admin().await;
    for (path, expected) in [
        ("/records/clientes/c1/history", (400, "unknown_entity")),
        ("/records/sale_items/i1/history", (400, "unknown_entity")),
        ("/records/customers/a%20b/history", (400, "invalid_id")),
        ("/records/customers/%FF/history", (400, "invalid_id")),
        ("/records/customers/c1", (404, "route_not_found")),
    ] {
        assert_eq!(world.get(&token, path).await.failure(), expected, "{path}");
    }
}
