//! Each entity written by a phone's batch and online: both reach one feed, numbered alike, and an
//! operation that comes by both ways is done once.

use http_tests::{Phone, Stack, operation, sale};
use serde_json::{Value, json};

/// A business whose feed is followed write by write.
struct Followed {
    admin: Phone,
    seen: usize,
}

impl Followed {
    fn new() -> Self {
        Self { admin: Stack::shared().business(), seen: 0 }
    }

    /// The one change that the last write has led to.
    fn next(&mut self) -> Value {
        self.seen += 1;
        let feed = self.admin.feed_of(self.seen);
        assert_eq!(feed.len(), self.seen, "{:?}", feed.last());
        let change = feed[self.seen - 1].clone();
        assert_eq!(change["number"], self.seen);
        change
    }

    /// Checks the one change that a write of `record` has led to.
    fn has_published(&mut self, what: (&str, &str, &str), version: u64, record: &Value) {
        let change = self.next();
        let told = ["entity", "action", "entityId"].map(|name| change[name].as_str().unwrap());
        assert_eq!(told, [what.0, what.1, what.2], "{change}");
        assert_eq!(change["version"], version, "{change}");
        let gone = what.1 == "delete";
        assert_eq!(&change["record"], if gone { &Value::Null } else { record });
    }

    /// Pushes one operation and checks its change, which may be one of another record.
    fn pushes(&mut self, operation: &Value, shown_as: (&str, &str), version: u64) {
        let result = self.admin.push_one(operation);
        assert_eq!(result["status"], "applied", "{result}");
        assert_eq!(result["version"], version, "{result}");
        let action = operation["action"].as_str().unwrap();
        let action = if shown_as.0 == operation["entity"] { action } else { "update" };
        self.has_published((shown_as.0, action, shown_as.1), version, &result["record"]);
    }

    /// Writes online and checks the change.
    fn calls(&mut self, method: &str, path: &str, body: Option<&Value>, entity: &str) -> Value {
        let answer = self.admin.send(method, path, body);
        let record = answer.data().clone();
        let (action, status) = match method {
            "POST" => ("insert", 201),
            "DELETE" => ("delete", 200),
            _ => ("update", 200),
        };
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        let version = record["version"].as_u64().unwrap();
        assert_eq!(answer.headers["etag"], format!("\"{version}\""), "{method} {path}");
        let id = record["id"].as_str().unwrap().to_owned();
        self.has_published((entity, action, &id), version, &record);
        record
    }
}

/// Entity, route, what makes one, what changes it. Products have no form for a phone's batch.
fn table(seller: &str) -> Vec<(&'static str, &'static str, Value, Value)> {
    let load = json!({"vendedorId": seller, "puntoVenta": "Carro A", "fecha": "2026-01-02"});
    vec![
        ("customers", "/customers", json!({"name": "Elena"}), json!({"phone": "987654321"})),
        (
            "products",
            "/products",
            json!({"name": "Pollo", "type": "pollo", "unit": "kg"}),
            json!({"basePrice": "11.20"}),
        ),
        (
            "product_variants",
            "/product-variants",
            json!({"productId": "products-1", "name": "Entero"}),
            json!({"price": "12.00"}),
        ),
        ("sales", "/sales", sale("customers-1"), json!({"tara": "0.500"})),
        (
            "abonos",
            "/abonos",
            json!({"clientId": "customers-1", "amount": "5.00", "paymentMethod": "plin"}),
            json!({"notes": "En dos partes"}),
        ),
        ("distribuciones", "/distribuciones", load, json!({"puntoVenta": "Casa"})),
    ]
}

#[test]
fn each_entity_is_inserted_changed_and_deleted_online() {
    let mut shop = Followed::new();
    let table = table(shop.admin.user());
    for (entity, path, insert, update) in &table {
        let mut insert = insert.clone();
        insert["id"] = format!("{entity}-1").into();
        let made = shop.calls("POST", path, Some(&insert), entity);
        let one = format!("{path}/{entity}-1");
        let changed = shop.calls("PUT", &one, Some(update), entity);
        assert_eq!((&made["version"], &changed["version"]), (&json!(1), &json!(2)));
        let (name, value) = update.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&changed[name], value, "{entity}");
    }
    for (entity, path, ..) in table.iter().rev() {
        let one = format!("{path}/{entity}-1");
        let gone = shop.calls("DELETE", &one, None, entity);
        assert_eq!(gone["version"], 3, "{entity}");
        assert!(gone["deletedAt"].is_string(), "{entity}");
    }
}

#[test]
fn each_entity_is_inserted_changed_and_deleted_by_a_batch() {
    let mut shop = Followed::new();
    let product = json!({"id": "products-1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    shop.calls("POST", "/products", Some(&product), "products");
    let table: Vec<_> =
        table(shop.admin.user()).into_iter().filter(|row| row.0 != "products").collect();
    for (entity, _, insert, update) in &table {
        let id = format!("{entity}-1");
        let alone = (*entity, id.as_str());
        shop.pushes(&operation(entity, "insert", &id, insert.clone()), alone, 1);
        shop.pushes(&operation(entity, "update", &id, update.clone()), alone, 2);
    }
    let item = json!({"saleId": "sales-1", "productId": "products-1", "quantity": "1",
        "unitPrice": "2"});
    let in_sale = ("sales", "sales-1");
    shop.pushes(&operation("sale_items", "insert", "i9", item), in_sale, 3);
    let more = json!({"saleId": "sales-1", "quantity": "2"});
    shop.pushes(&operation("sale_items", "update", "i9", more), in_sale, 4);
    let of_sale = json!({"saleId": "sales-1"});
    shop.pushes(&operation("sale_items", "delete", "i9", of_sale), in_sale, 5);
    let close = json!({"estado": "cerrado", "kilosDevueltos": "2.500"});
    let load = ("distribuciones", "distribuciones-1");
    shop.pushes(&operation("distribuciones", "update", load.1, close), load, 3);
    for (entity, ..) in table.iter().rev() {
        let id = format!("{entity}-1");
        let version = match *entity {
            "sales" => 6,
            "distribuciones" => 4,
            _ => 3,
        };
        shop.pushes(&operation(entity, "delete", &id, json!({})), (entity, &id), version);
    }
}

#[test]
fn a_day_is_closed_online_and_reaches_the_feed() {
    let mut shop = Followed::new();
    let today = shop.admin.send("GET", "/reports/day", None).data()["date"].clone();
    let counted = json!({"closingDate": today, "cashCounted": "0"});
    let closing = shop.calls("POST", "/closings", Some(&counted), "closings");
    assert_eq!(closing["totalAmount"], "0.00");
    let twice = shop.admin.send("POST", "/closings", Some(&counted));
    assert_eq!(twice.failure(), "409 closing_exists");
    let late = shop.admin.push_one(&operation("sales", "insert", "s1", cash_sale()));
    assert_eq!(late["status"], "applied", "a sale is never refused for a closed day: {late}");
    let feed = shop.admin.feed_of(3);
    assert_eq!(feed.len(), 3, "the sale, and the closing that it has flagged");
    let flagged = feed.iter().rfind(|change| change["entity"] == "closings").unwrap();
    assert_eq!(flagged["record"]["totalAmount"], "0.00", "as it was signed");
    assert!(!flagged["record"]["lateEntries"].is_null(), "{flagged}");
}

fn cash_sale() -> Value {
    json!({"saleType": "contado", "items": [
        {"id": "i1", "productId": "p1", "quantity": "1", "unitPrice": "5"}]})
}

#[test]
fn an_operation_that_comes_by_both_ways_is_done_once() {
    let shop = Followed::new();
    let product = json!({"id": "products-1", "name": "Pollo", "type": "pollo", "unit": "kg"});
    shop.admin.send("POST", "/products", Some(&product)).data();
    let table = table(shop.admin.user());
    let mut written = 1;
    for (entity, path, insert, update) in table.iter().filter(|row| row.0 != "products") {
        let id = format!("{entity}-1");
        let mut body = insert.clone();
        body["id"] = id.clone().into();
        // First online, then by the phone.
        let pushed = operation(entity, "insert", &id, insert.clone());
        let key = [("idempotency-key", pushed["operationId"].as_str().unwrap())];
        assert_eq!(shop.admin.send_with("POST", path, &key, Some(&body)).status, 201, "{entity}");
        assert_eq!(shop.admin.push_one(&pushed)["status"], "duplicate", "{entity}");
        // First by the phone, then online.
        let pushed = operation(entity, "update", &id, update.clone());
        let key = [("idempotency-key", pushed["operationId"].as_str().unwrap())];
        assert_eq!(shop.admin.push_one(&pushed)["status"], "applied", "{entity}");
        let one = format!("{path}/{id}");
        let online = shop.admin.send_with("PUT", &one, &key, Some(update));
        assert_eq!((online.status, &online.data()["version"]), (200, &json!(2)), "{entity}");
        let deleted = operation(entity, "delete", &id, json!({}));
        if *entity != "customers" && *entity != "product_variants" {
            let key = [("idempotency-key", deleted["operationId"].as_str().unwrap())];
            assert_eq!(shop.admin.send_with("DELETE", &one, &key, None).status, 200, "{entity}");
            assert_eq!(shop.admin.push_one(&deleted)["status"], "duplicate", "{entity}");
        }
        written += 2;
    }
    Stack::shared().stream_is_worked_off();
    let feed = shop.admin.feed_of(written);
    assert!(feed.iter().all(|change| change["version"].as_u64() <= Some(3)));
}
