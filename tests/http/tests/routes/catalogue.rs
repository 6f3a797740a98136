//! What is written online reaches the same feed by the same rules.

use http_tests::{Stack, operation};
use serde_json::json;

#[test]
fn products_and_variants_written_online_reach_the_feed() {
    let admin = Stack::shared().business();
    let product = json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg",
        "basePrice": 11.2});
    let made = admin.send("POST", "/products", Some(&product));
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.headers["etag"], "\"1\"");
    assert_eq!(made.data()["basePrice"], "11.20");
    assert_eq!(made.data()["isActive"], true);
    let variant = json!({"id": "v1", "productId": "p1", "name": "Entero", "price": "11.20"});
    assert_eq!(admin.send("POST", "/product-variants", Some(&variant)).status, 201);
    let same_name = json!({"id": "v2", "productId": "p1", "name": " entero "});
    let refused = admin.send("POST", "/product-variants", Some(&same_name));
    assert_eq!(refused.failure(), "409 name_taken");
    let feed = admin.feed_of(2);
    let told: Vec<_> = feed.iter().map(|c| (c["entity"].clone(), c["action"].clone())).collect();
    assert_eq!(
        told,
        [(json!("products"), json!("insert")), (json!("product_variants"), json!("insert"))]
    );
    assert_eq!(&feed[0]["record"], made.data());
}

#[test]
fn an_idempotency_key_is_an_operation_id_by_either_way() {
    let admin = Stack::shared().business();
    let body = json!({"name": "Huevo", "type": "huevo", "unit": "unidad"});
    let key = [("idempotency-key", "clave-1")];
    let first = admin.send_with("POST", "/products", &key, Some(&body));
    assert_eq!(first.status, 201);
    assert_eq!(first.data()["id"], "clave-1", "without an id, the key names the record");
    let again = admin.send_with("POST", "/products", &key, Some(&body));
    assert_eq!((again.status, again.data()), (200, first.data()));
    let other = json!({"name": "Pato", "type": "otro", "unit": "kg"});
    let reused = admin.send_with("POST", "/products", &key, Some(&other));
    assert_eq!(reused.failure(), "409 operation_id_reused");
    // What a batch has done is a duplicate online.
    let variant = json!({"productId": "clave-1", "name": "Jaba"});
    let pushed = operation("product_variants", "insert", "v1", variant.clone());
    assert_eq!(admin.push_one(&pushed)["status"], "applied");
    let mut named = variant;
    named["id"] = json!("v1");
    let key = [("idempotency-key", pushed["operationId"].as_str().unwrap())];
    let online = admin.send_with("POST", "/product-variants", &key, Some(&named));
    assert_eq!(online.status, 200, "{online:?}");
    assert_eq!(admin.feed_of(2).len(), 2);
}

#[test]
fn only_an_administrator_writes_the_catalogue() {
    let seller = Stack::shared().business().seller();
    let product = json!({"name": "Pollo", "type": "pollo", "unit": "kg"});
    let refused = seller.send("POST", "/products", Some(&product));
    assert_eq!(refused.failure(), "403 forbidden");
    let variant = json!({"productId": "p1", "name": "Entero"});
    let refused = seller.send("POST", "/product-variants", Some(&variant));
    assert_eq!(refused.failure(), "403 forbidden");
    assert!(seller.feed().is_empty());
}
