//! Records read online, reports, history, and the API's description, through the whole stack.

use http_tests::{Phone, Stack, operation, sale, until};
use serde_json::{Value, json};

fn ids(phone: &Phone, path: &str) -> Vec<String> {
    let answer = phone.send("GET", path, None);
    let items = answer.data()["items"].as_array().expect("a page").clone();
    let mut ids: Vec<String> =
        items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn what_phones_pushed_is_listed_and_counted_online() {
    let admin = Stack::shared().business();
    let rosa = admin.seller();
    let paid = json!({"clientId": "c1", "amount": "10.00", "paymentMethod": "yape"});
    let results = rosa.push(&[
        operation("customers", "insert", "c1", json!({"name": "Ñusta Huamán", "dni": "45678912"})),
        operation("customers", "insert", "c2", json!({"name": "José Quispe"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation("abonos", "insert", "a1", paid),
    ]);
    assert!(results.iter().all(|result| result["status"] == "applied"), "{results:?}");
    let seller = rosa.user();
    assert_eq!(ids(&admin, "/customers?search=NUSTA%20huaman"), ["c1"]);
    assert_eq!(ids(&admin, "/customers?debt=con_deuda"), ["c1"]);
    assert_eq!(ids(&admin, "/customers?debt=al_dia"), ["c2"]);
    assert_eq!(ids(&admin, "/sales?saleType=credito"), ["s1"]);
    // By the index of sellers' days.
    assert_eq!(ids(&admin, &format!("/sales?sellerId={seller}&from=2026-01-01")), ["s1"]);
    assert_eq!(ids(&admin, &format!("/abonos?sellerId={seller}")), ["a1"]);
    assert_eq!(ids(&admin, &format!("/sales?sellerId={}", admin.user())), [""; 0]);
    let owed = admin.send("GET", "/reports/accounts-receivable", None);
    assert_eq!(owed.data()["total"], "54.00", "64 less 10: {}", owed.body);
    let day = admin.send("GET", "/reports/day", None);
    assert_eq!(day.data()["figures"]["totalAmount"], "84.00");
    assert_eq!(day.data()["sellers"][0]["sellerId"], seller);
    let one = admin.send("GET", "/sales/s1", None);
    assert_eq!((one.status, one.headers["etag"].as_str()), (200, "\"1\""));
}

#[test]
fn pages_go_on_by_cursor_and_only_in_their_own_list() {
    let admin = Stack::shared().business();
    for number in 0..5 {
        let customer = json!({"id": format!("c{number}"), "name": "Rosa Quispe"});
        assert_eq!(admin.send("POST", "/customers", Some(&customer)).status, 201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let answer = admin.send("GET", &format!("/customers?limit=2{cursor}"), None);
        seen.extend(answer.data()["items"].as_array().expect("a page").clone());
        match answer.data()["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(!cursor.is_empty());
    let elsewhere = admin.send("GET", &format!("/sales?limit=2{cursor}"), None);
    assert_eq!(elsewhere.failure(), "400 invalid_cursor");
}

#[test]
fn one_operation_by_route_and_by_batch_takes_effect_once() {
    let admin = Stack::shared().business();
    let payload = json!({"name": "Rosa Quispe"});
    let pushed = operation("customers", "insert", "c1", payload);
    let key = pushed["operationId"].as_str().expect("an id").to_owned();
    assert_eq!(admin.push_one(&pushed)["status"], "applied");
    let body = json!({"id": "c1", "name": "Rosa Quispe"});
    let headers = [("idempotency-key", key.as_str())];
    let again = admin.send_with("POST", "/customers", &headers, Some(&body));
    assert_eq!((again.status, &again.data()["version"]), (200, &json!(1)));
    let change = operation("customers", "update", "c1", json!({"phone": "999888777"}));
    let key = change["operationId"].as_str().expect("an id").to_owned();
    let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
    let body = json!({"phone": "999888777"});
    assert_eq!(admin.send_with("PUT", "/customers/c1", &headers, Some(&body)).status, 200);
    assert_eq!(admin.push_one(&change)["status"], "duplicate");
    assert_eq!(admin.feed_of(2).len(), 2);
}

#[test]
fn a_load_is_closed_and_a_day_is_settled_by_its_seller() {
    let admin = Stack::shared().business();
    let rosa = admin.seller();
    let day = admin.send("GET", "/reports/day", None).data()["date"].clone();
    let load = json!({"id": "d1", "vendedorId": rosa.user(), "puntoVenta": "Carro A", "fecha": day,
        "items": [{"variantId": "v1", "cantidadAsignada": "12.5", "unidad": "kg"}]});
    assert_eq!(admin.send("POST", "/distribuciones", Some(&load)).status, 201);
    assert_eq!(ids(&rosa, "/distribuciones/mine"), ["d1"]);
    assert!(ids(&admin, "/distribuciones/mine").is_empty());
    let closed =
        rosa.send("PATCH", "/distribuciones/d1/close", Some(&json!({"kilosDevueltos": "2"})));
    assert_eq!(closed.data()["estado"], "cerrado", "{}", closed.body);
    let closing = json!({"id": "k1", "closingDate": day, "cashCounted": "0"});
    let settled = rosa.send("POST", "/closings", Some(&closing));
    assert_eq!((settled.status, &settled.data()["totalSales"]), (201, &json!(0)));
    let twice = json!({"id": "k2", "closingDate": day});
    assert_eq!(rosa.send("POST", "/closings", Some(&twice)).failure(), "409 closing_exists");
    assert_eq!(ids(&admin, &format!("/closings?sellerId={}", rosa.user())), ["k1"]);
}

#[test]
fn a_record_tells_what_became_of_it() {
    let admin = Stack::shared().business();
    let customer = json!({"id": "c#1", "name": "Rosa"});
    assert_eq!(admin.send("POST", "/customers", Some(&customer)).status, 201);
    let path = "/records/customers/c%231/history";
    let versions = |answer: &Value| -> Vec<u64> {
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|change| change["version"].as_u64()).collect()
    };
    // Each version reaches the feed before the next is written, or they would be one change.
    for (version, name) in [(1, "Rosa Q."), (2, "Rosa Quispe")] {
        until("the change in the history", || {
            let history = admin.send("GET", path, None);
            versions(history.data()).contains(&version).then_some(())
        });
        let change = json!({"name": name});
        assert_eq!(admin.send("PUT", "/customers/c%231", Some(&change)).status, 200);
    }
    let told = until("all of its changes", || {
        let history = admin.send("GET", path, None).data().clone();
        (versions(&history).len() == 3).then_some(history)
    });
    assert_eq!((versions(&told), &told["nextCursor"]), (vec![3, 2, 1], &Value::Null));
    assert_eq!(told["items"][0]["record"]["name"], "Rosa Quispe");
}

#[test]
fn the_description_is_there_for_anybody() {
    let admin = Stack::shared().business();
    let answer = admin.send_raw("GET", "/openapi.json", &[], None);
    assert_eq!((answer.status, &answer.body["openapi"]), (200, &json!("3.1.0")));
    assert!(answer.body["paths"]["/sync/batch"]["post"].is_object());
    assert_eq!(answer.body["x-error-codes"]["closing_exists"]["status"], 409);
}
