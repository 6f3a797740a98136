//! Makes the recording of the present version: a day of everything that phones and screens ask.

use std::collections::BTreeMap;
use std::fs;

use http_tests::Stack;
use protocol::PROTOCOL_VERSION;
use serde_json::{Value, json};

use super::exchange::{kept, say};
use super::file_of;
use super::replay::fingerprint;

/// With `AVILEO_RECORD_WIRE=1` it records; else it holds that what would be recorded now is what the
/// file's requests are, so that the file can be made again at all.
#[test]
fn the_present_version_can_be_recorded() {
    let phone = Stack::shared().business();
    let mut names = BTreeMap::from([("unique".to_owned(), phone.unique())]);
    let exchanges: Vec<Value> = script()
        .into_iter()
        .map(|request| {
            let answer = without_tokens(kept(&say(&phone, &request, &mut names)));
            json!({"request": request, "answer": answer})
        })
        .collect();
    let schema = fingerprint(PROTOCOL_VERSION);
    let recording = json!({"protocol": PROTOCOL_VERSION, "schema": schema, "exchanges": exchanges});
    let file = file_of(PROTOCOL_VERSION);
    if std::env::var_os("AVILEO_RECORD_WIRE").is_some() {
        assert!(!file.exists(), "version {PROTOCOL_VERSION} is recorded already: raise it first");
        let text = serde_json::to_string_pretty(&recording).expect("JSON") + "\n";
        fs::write(&file, text).expect("the recording can be written");
    }
    for exchange in recording["exchanges"].as_array().expect("a list") {
        let status = exchange["answer"]["status"].as_u64().expect("a status");
        let expected = exchange["request"]["answers"].as_u64().unwrap_or(200);
        assert_eq!(status, expected, "{exchange}");
    }
}

/// They are worth nothing any more, and look as if they were.
fn without_tokens(mut answer: Value) -> Value {
    for name in ["token", "refreshToken"] {
        // Not by `[…]`, which puts a null where a failure has no data.
        if let Some(token) = answer.pointer_mut(&format!("/body/data/{name}")) {
            *token = "(omitido)".into();
        }
    }
    answer
}

fn script() -> Vec<Value> {
    [arriving(), pushing(), reading(), online(), leaving()].concat()
}

fn arriving() -> Vec<Value> {
    let email = "compat-{{unique}}@example.pe";
    let register = json!({"businessName": "Avícola Compatible", "name": "Ana Torres",
        "email": email, "password": "clave-segura"});
    vec![
        open(201, "POST", "/auth/register", &register),
        open(200, "POST", "/auth/login", &json!({"email": email, "password": "clave-segura"})),
        open(401, "POST", "/auth/login", &json!({"email": email, "password": "clave-falsa"})),
        open(200, "POST", "/auth/refresh", &json!({"refreshToken": "{{refreshToken}}"})),
        open(401, "POST", "/auth/refresh", &json!({"refreshToken": "ninguno"})),
        open(401, "GET", "/sync/changes", &Value::Null),
        open(200, "GET", "/health", &Value::Null),
        get(200, "/auth/sessions"),
        get(200, "/team"),
    ]
}

/// Every entity with every action, every status that an operation may have.
fn pushing() -> Vec<Value> {
    [customers(), sales(), abonos_and_loads(), catalogue(), refused()].concat()
}

fn customers() -> Vec<Value> {
    let mut phone_a = update("o-6", "customers", "c1", json!({"phone": "911111111"}));
    (phone_a["baseVersion"], phone_a["deviceId"]) = (1.into(), "a".into());
    let mut phone_b = update("o-7", "customers", "c1", json!({"phone": "922222222"}));
    (phone_b["baseVersion"], phone_b["deviceId"]) = (1.into(), "b".into());
    let mut merged = update("o-8", "customers", "c1", json!({"address": "Puno"}));
    (merged["baseVersion"], merged["deviceId"]) = (1.into(), "c".into());
    let first = insert("o-1", "customers", "c1", json!({"name": "Rosa Quispe", "dni": "45678912"}));
    vec![
        batch(&[first.clone(), insert("o-2", "customers", "c2", json!({"name": "Luis"}))]),
        batch(&[first, insert("o-1", "customers", "c1", json!({"name": "Otra"}))]),
        batch(&[phone_a]),
        batch(&[phone_b]),
        batch(&[merged, delete("o-9", "customers", "c2", json!({}))]),
        batch(&[update("o-10", "customers", "c2", json!({"name": "Luis Rojas"}))]),
    ]
}

fn sales() -> Vec<Value> {
    let sale = json!({"clientId": "c1", "saleType": "credito", "totalAmount": "84.00",
        "amountPaid": "20.00", "balanceDue": "64.00", "items": [item("i1")]});
    vec![
        batch(&[insert("o-11", "sales", "s1", sale.clone())]),
        batch(&[update("o-12", "sales", "s1", json!({"amountPaid": "30.00"}))]),
        batch(&[insert("o-13", "sale_items", "i2", with_sale(item("i2")))]),
        batch(&[update("o-14", "sale_items", "i2", json!({"saleId": "s1", "quantity": "1.000"}))]),
        batch(&[delete("o-15", "sale_items", "i2", json!({"saleId": "s1"}))]),
        batch(&[insert("o-16", "sales", "s2", sale), delete("o-17", "sales", "s2", json!({}))]),
    ]
}

fn abonos_and_loads() -> Vec<Value> {
    let load = json!({"vendedorId": "{{admin}}", "puntoVenta": "Carro A", "fecha": "2026-11-20",
        "modo": "acumulativo", "items": [{"variantId": "v1", "cantidadAsignada": "10.000", "unidad": "kg"}]});
    vec![
        batch(&[insert(
            "o-18",
            "abonos",
            "a1",
            json!({"clientId": "c1", "amount": 10, "paymentMethod": "yape"}),
        )]),
        batch(&[update("o-19", "abonos", "a1", json!({"notes": "Pagó su hijo"}))]),
        batch(&[delete("o-20", "abonos", "a1", json!({}))]),
        batch(&[insert("o-21", "distribuciones", "d1", load)]),
        batch(&[update("o-22", "distribuciones", "d1", json!({"estado": "en_ruta"}))]),
        batch(&[update(
            "o-23",
            "distribuciones",
            "d1",
            json!({"estado": "cerrado", "kilosDevueltos": "2.500"}),
        )]),
        batch(&[delete("o-24", "distribuciones", "d1", json!({}))]),
    ]
}

fn catalogue() -> Vec<Value> {
    vec![
        request(
            201,
            "POST",
            "/products",
            &json!({"id": "p1", "name": "Pollo", "type": "pollo", "unit": "kg"}),
        ),
        batch(&[insert(
            "o-25",
            "product_variants",
            "v1",
            json!({"productId": "p1", "name": "Entero", "unitQuantity": "1.000", "price": "11.20"}),
        )]),
        batch(&[update("o-26", "product_variants", "v1", json!({"price": "11.50"}))]),
        batch(&[delete("o-27", "product_variants", "v1", json!({}))]),
    ]
}

/// What is refused, waits, or is no operation at all.
fn refused() -> Vec<Value> {
    vec![
        batch(&[
            insert("o-28", "products", "p9", json!({"name": "Pavo"})),
            insert("o-29", "closings", "k9", json!({})),
            insert("o-30", "ventas", "x", json!({})),
            insert("o-31", "sales", "s3", json!({"saleType": "contado", "items": []})),
            insert(
                "o-32",
                "abonos",
                "a2",
                json!({"clientId": "nadie", "amount": "1.00", "paymentMethod": "yape"}),
            ),
            json!({"entity": "sales"}),
            json!("texto"),
        ]),
        request(400, "POST", "/sync/batch", &json!({"operations": []})),
        request(400, "POST", "/sync/batch", &json!({"operations": "texto"})),
    ]
}

fn reading() -> Vec<Value> {
    let mut whole = get(200, "/sync/changes");
    // The last of the above; the feed is written just after a push is answered.
    whole["until"] = "\"operationId\":\"o-27\"".into();
    vec![
        whole,
        get(200, "/sync/changes?since={{epoch}}.0&limit=5"),
        get(200, "/sync/changes?since={{cursor}}&limit=100"),
        get(200, "/sync/snapshot"),
        get(410, "/sync/changes?since=1.0"),
        get(410, "/sync/changes?since={{epoch}}.999999"),
        get(400, "/sync/changes?since=texto"),
        get(400, "/sync/changes?limit=0"),
        get(400, "/sync/changes?limit=5&limit=6"),
        get(404, "/sync"),
        request(405, "DELETE", "/sync/changes", &Value::Null),
    ]
}

fn online() -> Vec<Value> {
    let mut based = request(200, "PUT", "/customers/c3", &json!({"phone": "933333333"}));
    based["headers"] = json!({"if-match": "\"1\"", "idempotency-key": "o-40"});
    vec![
        request(201, "POST", "/customers", &json!({"id": "c3", "name": "Marta"})),
        based.clone(),
        based,
        request(422, "PUT", "/customers/c3", &json!({"name": ""})),
        request(404, "PUT", "/customers/nadie", &json!({"name": "Nadie"})),
        get(200, "/customers/c3"),
        get(200, "/customers?search=marta"),
        get(200, "/sales"),
        get(200, "/sales/s1"),
        get(200, "/abonos"),
        get(200, "/distribuciones"),
        get(200, "/distribuciones/mine"),
        get(200, "/products"),
        get(200, "/product-variants"),
        get(200, "/records/customers/c1/history"),
        get(200, "/reports/accounts-receivable"),
        get(200, "/reports/day"),
        get(200, "/closings"),
        get(404, "/closings/nada"),
        request(200, "DELETE", "/customers/c3", &Value::Null),
    ]
}

fn leaving() -> Vec<Value> {
    let member = json!({"name": "Luis Rojas", "email": "luis-{{unique}}@example.pe",
        "password": "clave-segura", "role": "VENDEDOR", "salesPoint": "Carro A"});
    vec![
        request(201, "POST", "/team", &member),
        request(409, "POST", "/team", &member),
        request(
            422,
            "POST",
            "/auth/password",
            &json!({"currentPassword": "clave-segura", "newPassword": "corta"}),
        ),
        open(200, "POST", "/auth/logout", &json!({"refreshToken": "{{refreshToken}}"})),
    ]
}

fn item(id: &str) -> Value {
    json!({"id": id, "productId": "p1", "variantId": "v1", "productName": "Pollo",
        "variantName": "Entero", "quantity": "7.500", "unitPrice": "11.20", "subtotal": "84.00"})
}

fn with_sale(mut item: Value) -> Value {
    item["saleId"] = "s1".into();
    item
}

fn insert(id: &str, entity: &str, record: &str, payload: Value) -> Value {
    operation(id, entity, "insert", record, payload)
}

fn update(id: &str, entity: &str, record: &str, payload: Value) -> Value {
    operation(id, entity, "update", record, payload)
}

fn delete(id: &str, entity: &str, record: &str, payload: Value) -> Value {
    operation(id, entity, "delete", record, payload)
}

fn operation(id: &str, entity: &str, action: &str, record: &str, payload: Value) -> Value {
    json!({"operationId": id, "entity": entity, "action": action, "entityId": record,
        "payload": payload, "clientTimestamp": "2026-11-20T15:00:00.000Z", "manualRetries": 0})
}

fn batch(operations: &[Value]) -> Value {
    request(200, "POST", "/sync/batch", &json!({"operations": operations}))
}

fn get(answers: u16, path: &str) -> Value {
    request(answers, "GET", path, &Value::Null)
}

fn request(answers: u16, method: &str, path: &str, body: &Value) -> Value {
    json!({"answers": answers, "method": method, "path": path, "body": body})
}

fn open(answers: u16, method: &str, path: &str, body: &Value) -> Value {
    let mut request = request(answers, method, path, body);
    request["open"] = true.into();
    request
}
