//! Nothing that is secret or personal ever stands in a log, whatever goes wrong.

use std::thread;

use http_tests::{Fate, Phone, Stack, StackOptions, operation};
use serde_json::json;

const PASSWORD: &str = "clave-MARCA-1";
const OTHER_PASSWORD: &str = "clave-MARCA-2";
const NAME: &str = "Rosa MARCA Quispe";
const PHONE: &str = "98MARCA21";
const NOTE: &str = "Debe MARCA soles";
const EMAIL: &str = "ana.MARCA@example.pe";

#[test]
fn no_log_holds_a_token_a_password_or_a_customers_name() {
    let (stack, proxy) = Stack::behind_proxy(&StackOptions::default());
    let mut secrets = vec!["MARCA".to_owned(), "marca".to_owned()];
    let admin = stack.business();
    let member = json!({"name": NAME, "email": EMAIL, "password": PASSWORD, "role": "VENDEDOR"});
    assert_eq!(admin.send("POST", "/team", Some(&member)).status, 201);
    let rosa = Phone::login(stack.url(), EMAIL, PASSWORD);
    sell(&rosa);
    assert_eq!(admin.feed_of(2).len(), 2);
    fail(&rosa);
    knock_everywhere(&admin);

    proxy.rule(|_, _| Fate::Fail);
    let refresh = json!({"refreshToken": rosa.session["refreshToken"]});
    let login = json!({"email": EMAIL, "password": PASSWORD});
    let customer = json!({"name": NAME, "phone": PHONE, "notes": NOTE});
    let insert = operation("customers", "insert", "c9", customer.clone());
    let batch = json!({"operations": [insert]});
    // At once, since each waits until its function gives up.
    thread::scope(|scope| {
        for (method, path, body) in [
            ("POST", "/sync/batch", Some(&batch)),
            ("GET", "/sync/changes", None),
            ("POST", "/customers", Some(&customer)),
            ("POST", "/auth/refresh", Some(&refresh)),
            ("POST", "/auth/login", Some(&login)),
        ] {
            let rosa = &rosa;
            scope.spawn(move || {
                let answer = rosa.send(method, path, body);
                assert_eq!(answer.failure(), "503 unavailable", "{method} {path}");
            });
        }
    });
    for phone in [&admin, &rosa] {
        secrets.push(phone.token().to_owned());
        secrets.extend(phone.token().split('.').skip(1).map(str::to_owned));
        secrets.push(phone.session["refreshToken"].as_str().expect("a token").to_owned());
    }
    let log = stack.log();
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} stands in the log");
    }
    assert!(log.contains("/api/sync/batch"), "it is the log of these requests:\n{log}");
    assert!(log.contains("request failed"), "and of what went wrong:\n{log}");
}

/// Every route of the description with personal data in its path, query, headers and body, and in
/// the wrong place each: whoever repeats what he was given repeats this.
fn knock_everywhere(admin: &Phone) {
    let description = admin.send("GET", "/openapi.json", None).body;
    let paths = description["paths"].as_object().expect("paths");
    assert!(paths.len() > 25, "the description names every route");
    let person = json!({"id": "MARCA", "name": NAME, "dni": "MARCA456", "phone": PHONE,
        "notes": NOTE, "email": EMAIL, "password": PASSWORD, "currentPassword": PASSWORD,
        "newPassword": OTHER_PASSWORD, "refreshToken": "MARCA-token", "clientId": "MARCA",
        "amount": "MARCA", "items": [{"productName": NAME, "MARCA": "MARCA"}], "MARCA": NAME});
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            // Ids are ours and may be logged; what a person typed into their place is percent-encoded.
            let path = path.replace("{entity}", "customers").replace("{id}", "c1");
            let path = format!("{path}?search=MARCA&cursor=MARCA&limit=MARCA&token=MARCA");
            let headers = [
                ("idempotency-key", "MARCA MARCA"),
                ("if-match", "MARCA"),
                ("x-avileo-client", "MARCA"),
                ("user-agent", "MARCA"),
                ("cookie", "sesion=MARCA"),
            ];
            let is_spoken = method != "get" && method != "delete";
            let body = is_spoken.then_some(&person);
            admin.send_with(&method.to_uppercase(), &path, &headers[..2], body);
            admin.send_with(&method.to_uppercase(), &path, &headers[2..], body);
        }
    }
}

/// What goes well, and personal data in every place of a payload.
fn sell(rosa: &Phone) {
    let payload = json!({"name": NAME, "phone": PHONE, "notes": NOTE, "campoMARCA": "MARCA"});
    let insert = operation("customers", "insert", &rosa.unique(), payload);
    let batch = json!({"operations": [insert]});
    rosa.send_with("POST", "/sync/batch", &[("x-marca", "MARCA")], Some(&batch));
    rosa.send("POST", "/customers", Some(&json!({"name": NAME, "phone": PHONE})));
    rosa.send("GET", "/sync/changes?since=MARCA&nombre=MARCA", None);
}

/// What goes wrong in every function, with personal data where it hurts.
fn fail(rosa: &Phone) {
    let bad = [
        operation("customers", "insert", "c1", json!({"name": "M", "notes": NOTE.repeat(500)})),
        operation("customers", "insert", "c2", json!({"name": NAME, "saldoInicial": "MARCA"})),
        operation("sales", "insert", "s1", json!({"clientId": "MARCA dos", "saleType": NAME})),
        json!({"operationId": "con MARCA", "entity": NAME, "payload": NOTE}),
        json!(NAME),
    ];
    rosa.send("POST", "/sync/batch", Some(&json!({"operations": bad})));
    for path in ["/sync/batch", "/customers", "/auth/login", "/auth/register"] {
        let broken = format!("{{\"name\":\"{NAME}\",\"password\":\"{PASSWORD}\"");
        rosa.send_raw("POST", path, &[], Some(broken.as_bytes()));
        let other =
            json!({"operations": NAME, "name": [NAME], "email": [EMAIL], "password": PASSWORD});
        rosa.send("POST", path, Some(&other));
    }
    let wrong = json!({"email": EMAIL, "password": OTHER_PASSWORD}).to_string();
    rosa.send_raw("POST", "/auth/login", &[], Some(wrong.as_bytes()));
    let change = json!({"currentPassword": OTHER_PASSWORD, "newPassword": PASSWORD});
    rosa.send("POST", "/auth/password", Some(&change));
    let forged = format!("Bearer {}MARCA", rosa.token());
    for path in ["/sync/changes", "/sync/snapshot", "/team"] {
        rosa.send_raw("GET", path, &[("authorization", &forged)], None);
    }
}
