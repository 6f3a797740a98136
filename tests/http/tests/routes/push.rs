//! `POST /sync/batch`.

use http_tests::{Stack, operation, sale};
use serde_json::json;

#[test]
fn a_customer_a_credit_sale_and_an_abono_made_offline_reach_the_feed() {
    let admin = Stack::shared().business();
    let seller = admin.seller();
    let results = seller.push(&[
        operation("customers", "insert", "c1", json!({"name": "Rosa Quispe", "dni": "45678912"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation(
            "abonos",
            "insert",
            "a1",
            json!({"clientId": "c1", "amount": "10.00", "paymentMethod": "yape"}),
        ),
    ]);
    for result in &results {
        assert_eq!(result["status"], "applied", "{result}");
    }
    let feed = admin.feed_of(3);
    assert_eq!(feed.len(), 3);
}
