//! Least privilege: what each function's policy allows is what its calls need, no more and no less.
//!
//! The store's proxy notes what every call would need leave for while the functions do all that they
//! can. Of DynamoDB only: the other two statements, `GetSecretValue` of the one secret and Lambda's own
//! `SendMessage` to the failure queue, name one action on one resource each.

use std::collections::BTreeSet;

use http_tests::{Permission, Phone, Stack, StackOptions, operation, sale, until};
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

#[test]
fn every_function_may_do_what_it_does_and_nothing_else() {
    let (stack, proxy) = Stack::behind_proxy(&StackOptions::default());
    let admin = stack.business();
    write_by_batch(&stack, &admin);
    write_online(&admin);
    read(&admin);
    live_an_account(&stack, &admin);
    maintain(&stack, &admin);
    let (used, granted) = (proxy.used_permissions(), granted());
    let only = |one: &BTreeSet<Permission>, other: &BTreeSet<Permission>| {
        let lines = one.difference(other);
        let lines = lines.map(|p| format!("{} {} {}", p.function, p.action, p.resource));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(only(&used, &granted), "", "used, but not granted");
    assert_eq!(only(&granted, &used), "", "granted, but never used");
}

fn write_by_batch(stack: &Stack, admin: &Phone) {
    let customer = json!({"name": "Rosa Quispe", "dni": "45678912"});
    let load = json!({"vendedorId": admin.user(), "puntoVenta": "Casa", "fecha": "2026-11-20",
        "estado": "activo", "modo": "libre",
        "items": [{"variantId": "v1", "cantidadAsignada": "10.000", "unidad": "kg"}]});
    let paid = json!({"clientId": "c1", "amount": "10.00", "paymentMethod": "yape"});
    let first = [
        operation("customers", "insert", "c1", customer),
        operation("sales", "insert", "s1", sale("c1")),
        operation("abonos", "insert", "a1", paid),
        operation("distribuciones", "insert", "d1", load),
        operation("customers", "update", "none", json!({"name": "Nadie"})),
    ];
    let results = admin.push(&first);
    assert!(results[..4].iter().all(|result| result["success"] == true), "{results:?}");
    // What a guard held is let go of.
    let second = [
        operation("customers", "update", "c1", json!({"dni": "45678913"})),
        operation("customers", "delete", "c1", json!({})),
        operation("distribuciones", "delete", "d1", json!({})),
    ];
    let results = admin.push(&second);
    assert!(results.iter().all(|result| result["success"] == true), "{results:?}");
    stack.stream_is_worked_off();
    admin.feed_of(4);
}

fn write_online(admin: &Phone) {
    let made = |path: &str, body: Value| {
        let answer = admin.send("POST", path, Some(&body));
        answer.data()["id"].as_str().unwrap().to_owned()
    };
    let customer = made("/customers", json!({"name": "José", "dni": "11112222"}));
    let path = format!("/customers/{customer}");
    admin.send("PUT", &path, Some(&json!({"dni": "11113333"}))).data();
    let sold = json!({"clientId": customer, "saleType": "credito", "totalAmount": "84.00",
        "amountPaid": "0.00", "balanceDue": "84.00", "items": sale("x")["items"]});
    made("/sales", sold);
    admin.send("DELETE", &path, None).data();
    let today = admin.send("GET", "/reports/day", None).data()["date"].clone();
    let closing = json!({"closingDate": today, "cashCounted": "0.00"});
    let closed = admin.send("POST", "/closings", Some(&closing));
    assert_eq!(closed.status, 201, "{}", closed.body);
}

fn read(admin: &Phone) {
    for path in [
        "/customers",
        "/customers/c1",
        "/sales",
        "/abonos",
        "/distribuciones/mine",
        "/closings",
        "/records/sales/s1/history",
        "/reports/accounts-receivable",
        "/reports/day",
        "/health",
        "/sync/snapshot",
    ] {
        let answer = admin.send("GET", path, None);
        assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.body);
    }
    let seller = format!("/sales?sellerId={}&from=2026-01-01", admin.user());
    admin.send("GET", &seller, None).data();
}

fn live_an_account(stack: &Stack, admin: &Phone) {
    let rosa = admin.seller();
    rosa.push(&[operation("customers", "insert", "c9", json!({"name": "De Rosa"}))]);
    let email = rosa.session["user"]["email"].as_str().unwrap();
    let wrong = json!({"email": email, "password": "equivocada"});
    assert_eq!(admin.send("POST", "/auth/login", Some(&wrong)).status, 401);
    let again = Phone::login(stack.url(), email, "clave-segura");
    let token = json!({"refreshToken": rosa.session["refreshToken"]});
    let refreshed = rosa.send("POST", "/auth/refresh", Some(&token)).data().clone();
    let token = json!({"refreshToken": refreshed["refreshToken"]});
    rosa.send("POST", "/auth/refresh", Some(&token)).data();
    let password = json!({"password": "clave-segura", "newPassword": "otra-clave-segura"});
    let changed = again.send("POST", "/auth/password", Some(&password));
    assert!(changed.status < 500, "{}", changed.body);
    let sessions = again.send("GET", "/auth/sessions", None);
    if let Some(id) = sessions.body["data"]["items"][0]["id"].as_str() {
        again.send("DELETE", &format!("/auth/sessions/{id}"), None);
    }
    admin.send("GET", "/team", None).data();
    let reset = json!({"password": "nueva-clave-segura"});
    admin.send("POST", &format!("/team/{}/reset", rosa.user()), Some(&reset));
    admin.send("POST", &format!("/team/{}/deactivate", rosa.user()), None);
    let last = json!({"refreshToken": admin.session["refreshToken"]});
    admin.send("POST", "/auth/logout", Some(&last));
}

fn maintain(stack: &Stack, admin: &Phone) {
    let business = admin.business();
    // As a restore does that brings this table back from a moment too early.
    for receipt in stack.items_of("OperationsTable", admin) {
        let key = json!({"business": receipt["business"], "operation": receipt["operation"]});
        stack.dynamodb("DeleteItem", json!({"TableName": "OperationsTable", "Key": key}));
    }
    for event in [
        json!({"repair": {"every": true}}),
        json!({"repair": {}}),
        json!({"rebuild": {"business": business}}),
    ] {
        until("a repair", || stack.invoke("RecordChangesFunction", &event).ok());
    }
}

/// Every action on every table, as the template grants them.
fn granted() -> BTreeSet<Permission> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
    let template: Yaml = serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut granted = BTreeSet::new();
    for (id, resource) in template["Resources"].as_mapping().unwrap() {
        let Some(policies) = resource["Properties"]["Policies"].as_sequence() else { continue };
        for statement in policies.iter().flat_map(|p| p["Statement"].as_sequence().unwrap()) {
            for action in texts(&statement["Action"]) {
                for resource in texts(&statement["Resource"]) {
                    if action.starts_with("dynamodb:") {
                        granted.insert(Permission {
                            function: id.as_str().unwrap().into(),
                            action: action.clone(),
                            resource: resource
                                .replace("${", "")
                                .replace(".Arn", "")
                                .replace('}', ""),
                        });
                    }
                }
            }
        }
    }
    assert!(granted.len() > 10, "the policies were found");
    granted
}

/// A text, a list of texts, or what a tag as `!GetAtt` stands before.
fn texts(value: &Yaml) -> Vec<String> {
    match value {
        Yaml::Sequence(parts) => parts.iter().flat_map(texts).collect(),
        Yaml::Tagged(tagged) => texts(&tagged.value),
        other => vec![other.as_str().unwrap().to_owned()],
    }
}
