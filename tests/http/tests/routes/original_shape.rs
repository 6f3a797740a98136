//! What the first version of the app sends, literally: no base version, no device, numbers as they
//! come out of JavaScript, ids of its own making.

use http_tests::{Phone, Stack};
use serde_json::{Value, json};

/// The queue's `payload.map(...)` of the original, for one operation.
fn operation(phone: &Phone, entity: &str, action: &str, id: &str, data: Value) -> Value {
    json!({
        "operationId": format!("sync-1732280700000-{}", phone.unique()),
        "entity": entity,
        "action": action,
        "entityId": id,
        "payload": data,
        "clientTimestamp": "2026-11-22T13:05:00.000Z",
    })
}

/// Sends without putting in a device, which the original does not know.
fn push(phone: &Phone, operations: &[Value]) -> Vec<Value> {
    let body = json!({"operations": operations});
    let answer = phone.send("POST", "/sync/batch", Some(&body));
    assert_eq!(answer.status, 200);
    answer.data()["results"].as_array().unwrap().clone()
}

#[test]
fn numbers_may_be_json_numbers_or_strings_and_ids_need_not_be_uuids() {
    let phone = Stack::shared().business().seller();
    let customer = "temp_1732280700000_k3j9x";
    let sale = json!({
        "tempId": "temp_1732280700001_ab12c",
        "clientId": customer,
        "saleType": "credito",
        "totalAmount": 84,
        "amountPaid": 20.5,
        "balanceDue": "63.5",
        "tara": 0.25,
        "netWeight": 7.5,
        "syncStatus": "pending",
        "syncAttempts": 0,
        "items": [{"tempId": "temp_i1", "productId": "p-1", "variantId": "v-1",
            "productName": "Pollo", "variantName": "Entero", "quantity": 7.5,
            "unitPrice": "11.2", "subtotal": 84.0}],
    });
    let abono = json!({"clientId": customer, "amount": 10, "paymentMethod": "efectivo"});
    let results = push(
        &phone,
        &[
            operation(
                &phone,
                "customers",
                "insert",
                customer,
                json!({"name": "Rosa", "phone": ""}),
            ),
            operation(&phone, "sales", "insert", "temp_1732280700001_ab12c", sale),
            operation(&phone, "abonos", "insert", "temp_1732280700002_zz", abono),
            operation(&phone, "customers", "update", customer, json!({"name": "Rosa Quispe"})),
        ],
    );
    for result in &results {
        assert_eq!(result["status"], "applied", "{result}");
        assert_eq!(result["success"], true);
    }
    let sale = &results[1]["record"];
    assert_eq!(sale["totalAmount"], "84.00");
    assert_eq!(sale["amountPaid"], "20.50");
    assert_eq!(sale["balanceDue"], "63.50");
    assert_eq!(sale["items"][0]["quantity"], "7.500");
    assert_eq!(sale["sellerId"], phone.user());
    assert_eq!(sale["syncStatus"], "synced");
    assert!(results[0]["record"].get("phone").is_none(), "an empty text is an absent one");
    assert_eq!(results[2]["record"]["amount"], "10.00");
    assert_eq!(results[3]["version"], 2);
    let feed = phone.feed_of(3);
    let last = feed.iter().rfind(|change| change["entity"] == "customers").unwrap();
    assert_eq!(last["record"]["name"], "Rosa Quispe");
}

#[test]
fn an_update_without_a_base_version_is_decided_by_time() {
    let phone = Stack::shared().business();
    let named = |name: &str, time: &str| {
        let mut named = operation(&phone, "customers", "update", "c1", json!({"name": name}));
        named["clientTimestamp"] = time.into();
        named
    };
    push(
        &phone,
        &[
            operation(&phone, "customers", "insert", "c1", json!({"name": "Rosa"})),
            named("Rosa de la tarde", "2026-11-22T15:00:00.000Z"),
            named("Rosa de la mañana", "2026-11-22T14:00:00.000Z"),
        ],
    );
    let feed = phone.feed_of(1);
    assert_eq!(feed.last().unwrap()["record"]["name"], "Rosa de la tarde");
}
