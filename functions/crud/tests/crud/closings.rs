//! A settled day, by its route.

use serde_json::{Value, json};

use crate::world::World;

async fn sell(world: &World, token: &str) {
    let sale = json!({"saleType": "contado", "items": [{"id": "i1", "productId": "p1",
        "productName": "Pollo", "quantity": "2", "unitPrice": "10.00", "subtotal": "20.00"}]});
    world.made(token, "/sales", sale).await;
}

fn today() -> Value {
    json!({"id": "k1", "closingDate": "2026-11-22", "cashCounted": "19.00"})
}

#[tokio::test]
async fn a_seller_closes_his_day_once_and_reads_it() {
    let world = World::new().await;
    let rosa = world.rosa().await;
    sell(&world, &rosa).await;
    let key = [("idempotency-key", "op-1")];
    let got = world.call(&rosa, "POST", "/closings", &key, today()).await;
    assert_eq!(got.status, 201, "{}", got.body);
    assert_eq!(
        (&got.data()["totalAmount"], &got.data()["cashDifference"], &got.data()["sellerId"]),
        (&json!("20.00"), &json!("-1.00"), &json!("rosa"))
    );
    let again = world.call(&rosa, "POST", "/closings", &key, today()).await;
    assert_eq!((again.status, &again.data()["id"]), (200, &json!("k1")));
    let mut second = today();
    second["id"] = json!("k2");
    let got = world.call(&rosa, "POST", "/closings", &[], second).await;
    assert_eq!(got.failure(), (409, "closing_exists"));
    assert_eq!(world.get(&rosa, "/closings/k1").await.data()["totalSales"], 1);
    for (query, expected) in [
        ("", &["k1"][..]),
        ("?sellerId=rosa", &["k1"]),
        ("?sellerId=luis", &[]),
        ("?from=2026-11-22&to=2026-11-22", &["k1"]),
        ("?to=2026-11-21", &[]),
    ] {
        assert_eq!(world.listed(&rosa, &format!("/closings{query}")).await, expected, "{query}");
    }
    // The index of the seller's day holds the closing beside the sale: a list keeps to its kind.
    assert_eq!(world.listed(&rosa, "/sales?sellerId=rosa").await.len(), 1);
}

#[tokio::test]
async fn what_may_not_be_closed_is_refused() {
    let world = World::new().await;
    let (rosa, admin) = (world.rosa().await, world.admin().await);
    for (token, body, expected) in [
        (&rosa, json!({}), (422, "missing_field")),
        (&rosa, json!({"closingDate": "ayer"}), (422, "invalid_date")),
        (&rosa, json!({"closingDate": "2026-11-21"}), (422, "closing_not_allowed")),
        (&rosa, json!({"closingDate": "2026-11-22", "sellerId": "luis"}), (403, "forbidden")),
        (&admin, json!({"closingDate": "2026-11-21"}), (422, "closing_not_allowed")),
        (&admin, json!({"closingDate": "2026-11-23"}), (422, "closing_not_allowed")),
    ] {
        let got = world.call(token, "POST", "/closings", &[], body.clone()).await;
        assert_eq!(got.failure(), expected, "{body}");
    }
    for method in ["PUT", "DELETE"] {
        let got = world.call(&admin, method, "/closings/k1", &[], json!({})).await;
        assert_eq!(got.failure(), (405, "method_not_allowed"), "what is signed stays");
    }
}

#[tokio::test]
async fn a_sale_after_the_close_flags_the_closing_and_all_its_fields_are_described() {
    let world = World::new().await;
    let rosa = world.rosa().await;
    world.made(&rosa, "/closings", today()).await;
    sell(&world, &rosa).await;
    let closing = world.get(&rosa, "/closings/k1").await.data().clone();
    assert_eq!((&closing["totalSales"], &closing["lateEntriesCount"]), (&json!(0), &json!(1)));
    assert_eq!(closing["lateEntries"][0]["entity"], "sales");
    let schemas = crud::document()["components"]["schemas"].clone();
    for (name, object) in [("Closing", &closing), ("LateEntry", &closing["lateEntries"][0])] {
        let described = &schemas[name]["properties"];
        for field in object.as_object().unwrap().keys() {
            assert!(described[field].is_object(), "{name}.{field} is not described");
        }
    }
}
