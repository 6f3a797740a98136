//! Every route against everybody who may not use it: no token, a token that has ended, another
//! business's administrator, a seller where only administrators may, and someone who has left.

use http_tests::{Answer, Phone, Stack, operation, sale};
use serde_json::{Value, json};

use crate::effect::Before;
use crate::signer::{self, Signer};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Anybody, with a token or without.
    Open,
    /// Anybody who has a token, also who has left.
    SignedIn,
    /// Whoever works for the business.
    Member,
    /// Its administrators.
    Admin,
}

use Access::{Admin, Member, Open, SignedIn};

/// Who may use which route: written down here by hand, not taken from the program.
const ROUTES: &[(&str, &str, Access)] = &[
    ("GET", "/health", Open),
    ("GET", "/openapi.json", Open),
    ("POST", "/auth/register", Open),
    ("POST", "/auth/login", Open),
    ("POST", "/auth/refresh", Open),
    ("POST", "/auth/logout", Open),
    ("POST", "/auth/password", Member),
    ("GET", "/auth/sessions", Member),
    ("DELETE", "/auth/sessions/{id}", Member),
    ("GET", "/team", Admin),
    ("POST", "/team", Admin),
    ("POST", "/team/{id}/deactivate", Admin),
    ("POST", "/team/{id}/reset", Admin),
    ("POST", "/sync/batch", SignedIn),
    ("GET", "/sync/changes", Member),
    ("GET", "/sync/snapshot", Member),
    ("GET", "/customers", Member),
    ("POST", "/customers", Member),
    ("GET", "/customers/{id}", Member),
    ("PUT", "/customers/{id}", Member),
    ("DELETE", "/customers/{id}", Admin),
    ("GET", "/sales", Member),
    ("POST", "/sales", Member),
    ("GET", "/sales/{id}", Member),
    ("PUT", "/sales/{id}", Member),
    ("DELETE", "/sales/{id}", Member),
    ("GET", "/abonos", Member),
    ("POST", "/abonos", Member),
    ("GET", "/abonos/{id}", Member),
    ("PUT", "/abonos/{id}", Member),
    ("DELETE", "/abonos/{id}", Member),
    ("GET", "/distribuciones", Member),
    ("GET", "/distribuciones/mine", Member),
    ("POST", "/distribuciones", Admin),
    ("GET", "/distribuciones/{id}", Member),
    ("PUT", "/distribuciones/{id}", Admin),
    ("PATCH", "/distribuciones/{id}/close", Member),
    ("DELETE", "/distribuciones/{id}", Admin),
    ("GET", "/products", Member),
    ("POST", "/products", Admin),
    ("GET", "/products/{id}", Member),
    ("PUT", "/products/{id}", Admin),
    ("DELETE", "/products/{id}", Admin),
    ("GET", "/product-variants", Member),
    ("POST", "/product-variants", Admin),
    ("GET", "/product-variants/{id}", Member),
    ("PUT", "/product-variants/{id}", Admin),
    ("DELETE", "/product-variants/{id}", Admin),
    ("GET", "/closings", Member),
    ("POST", "/closings", Member),
    ("GET", "/closings/{id}", Member),
    ("GET", "/reports/accounts-receivable", Member),
    ("GET", "/reports/day", Member),
    ("GET", "/records/{entity}/{id}/history", Member),
];

/// What the attacked business's customer is called, to be found in no stranger's answer.
const SECRET: &str = "Clienta Reservada";

/// A business with one record of each kind, its administrator, and its seller Rosa.
struct Victim {
    admin: Phone,
    rosa: Phone,
}

impl Victim {
    fn new() -> Self {
        let admin = Stack::shared().business();
        let rosa = admin.seller();
        let product = json!({"id": "v", "name": "Pollo", "type": "pollo", "unit": "kg"});
        admin.send("POST", "/products", Some(&product)).data();
        let load = json!({"vendedorId": rosa.user(), "puntoVenta": "Carro A",
            "fecha": "2026-01-02"});
        let abono = json!({"clientId": "v", "amount": "5", "paymentMethod": "yape",
            "sellerId": rosa.user()});
        let mut sold = sale("v");
        sold["sellerId"] = rosa.user().into();
        let made = admin.push(&[
            operation("customers", "insert", "v", json!({"name": SECRET})),
            operation("product_variants", "insert", "v", json!({"productId": "v", "name": "x"})),
            operation("distribuciones", "insert", "v", load),
            operation("sales", "insert", "v", sold),
            operation("abonos", "insert", "v", abono),
        ]);
        assert!(made.iter().all(|result| result["status"] == "applied"), "{made:?}");
        Self { admin, rosa }
    }

    /// What is there before an attack.
    fn before(&self) -> Before {
        Before::of(&self.admin, 6)
    }

    /// The route with this business's own ids in its path.
    fn path(&self, route: &str) -> String {
        let id = if route.starts_with("/team") { self.rosa.user() } else { "v" };
        route.replace("{entity}", "customers").replace("{id}", id)
    }

    /// A body that the route would take from one who may.
    fn body(&self, method: &str, route: &str) -> Option<Value> {
        let body = match (method, route) {
            ("GET" | "DELETE", _) | (_, "/team/{id}/deactivate") => return None,
            (_, "/sync/batch") => {
                let theft = json!({"name": "Robada"});
                json!({"operations": [operation("customers", "update", "v", theft)]})
            }
            ("POST", "/team") => json!({"name": "Intruso", "role": "VENDEDOR",
                "email": format!("{}@example.pe", self.admin.unique()),
                "password": "clave-segura"}),
            (_, "/team/{id}/reset") => json!({"password": "clave-robada"}),
            (_, "/auth/password") => {
                json!({"currentPassword": "clave-segura", "newPassword": "clave-robada"})
            }
            (_, "/customers" | "/customers/{id}") => json!({"name": "Robada"}),
            ("POST", "/sales") => sale("v"),
            ("PUT", "/sales/{id}") => json!({"tara": "0.100"}),
            ("POST", "/abonos") => {
                json!({"clientId": "v", "amount": "1", "paymentMethod": "yape"})
            }
            ("PUT", "/abonos/{id}") => json!({"notes": "robado"}),
            ("POST", "/distribuciones") => json!({"vendedorId": self.rosa.user(),
                "puntoVenta": "Carro B", "fecha": "2026-01-03"}),
            ("PUT", "/distribuciones/{id}") => json!({"puntoVenta": "Robado"}),
            ("PATCH", _) => json!({"kilosDevueltos": "1"}),
            ("POST", "/products") => json!({"name": "Pavo", "type": "otro", "unit": "kg"}),
            ("POST", "/product-variants") => json!({"productId": "v", "name": "Medio"}),
            ("PUT", _) => json!({"name": "Robado"}),
            ("POST", "/closings") => json!({"cashCounted": "0"}),
            other => panic!("no body for {other:?}"),
        };
        Some(body)
    }
}

/// The guarded routes.
fn guarded() -> impl Iterator<Item = (&'static str, &'static str, Access)> {
    ROUTES.iter().copied().filter(|(_, _, access)| *access != Open)
}

fn ask(victim: &Victim, token: Option<&str>, method: &str, route: &str) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> =
        bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let body = victim.body(method, route).map(|body| body.to_string());
    victim.admin.send_raw(method, &victim.path(route), &headers, body.as_deref().map(str::as_bytes))
}

#[test]
fn the_table_names_every_route_that_is_served() {
    let admin = Stack::shared().business();
    let document = admin.send("GET", "/openapi.json", None).body;
    let mut served = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let open = operation["security"] == json!([]);
            served.push((method.to_uppercase(), path.clone(), open));
        }
    }
    let mut known: Vec<_> = ROUTES
        .iter()
        .map(|(method, path, access)| ((*method).to_owned(), (*path).to_owned(), *access == Open))
        .collect();
    served.sort();
    known.sort();
    assert_eq!(served, known);
}

#[test]
fn no_route_lets_in_who_has_no_token_or_one_that_has_ended() {
    let victim = Victim::new();
    let before = victim.before();
    let ended = Signer::of(Stack::shared()).token(&signer::claims(&victim.admin, -1));
    for (method, route, _) in guarded() {
        let answer = ask(&victim, None, method, route);
        assert_eq!(answer.failure(), "401 missing_token", "{method} {route}");
        let answer = ask(&victim, Some(&ended), method, route);
        assert_eq!(answer.failure(), "401 token_expired", "{method} {route}");
    }
    before.nothing_has_changed(&victim.admin);
}

#[test]
fn another_businesss_administrator_reaches_nothing_by_any_route() {
    let victim = Victim::new();
    let stranger = Stack::shared().business();
    let before = victim.before();
    let sessions = victim.rosa.send("GET", "/auth/sessions", None);
    for (method, route, _) in guarded() {
        if route == "/auth/password" {
            continue; // Names nobody but the caller.
        }
        let answer = ask(&victim, Some(stranger.token()), method, route);
        let text = answer.body.to_string();
        assert!(!text.contains(SECRET), "{method} {route}: {text}");
        assert!(!text.contains(victim.admin.business()), "{method} {route}: {text}");
        let told = method == "GET" && text.contains(victim.rosa.user());
        assert!(!told, "{method} {route}: {text}");
        let by_id = route.contains("/{id}") && !route.ends_with("/history");
        if by_id && !route.starts_with("/auth/sessions") {
            assert_eq!(answer.failure(), "404 record_not_found", "{method} {route}");
        }
        if route == "/sync/batch" {
            assert_eq!(answer.data()["results"][0]["status"], "blocked", "{text}");
        }
    }
    let session = sessions.data()[0]["id"].as_str().unwrap();
    let foreign = stranger.send("DELETE", &format!("/auth/sessions/{session}"), None);
    assert_eq!(foreign.failure(), "404 record_not_found");
    let cursor = victim.admin.changes("", 1);
    assert_eq!(cursor.failure(), "400 invalid_cursor");
    let page = victim.admin.send("GET", "/sync/changes", None);
    let since = page.data()["nextSince"].as_str().unwrap().to_owned();
    assert_eq!(stranger.changes(&since, 100).failure(), "410 cursor_expired");
    before.nothing_has_changed(&victim.admin);
    assert_eq!(victim.rosa.send("GET", "/auth/sessions", None).status, 200);
}

#[test]
fn a_seller_is_refused_on_every_administrators_route() {
    let victim = Victim::new();
    let before = victim.before();
    let mut refused = 0;
    for (method, route, access) in guarded() {
        if access == Admin {
            let answer = ask(&victim, Some(victim.rosa.token()), method, route);
            assert_eq!(answer.failure(), "403 forbidden", "{method} {route}");
            refused += 1;
        }
    }
    assert_eq!(refused, 14);
    before.nothing_has_changed(&victim.admin);
}

#[test]
fn one_who_has_left_may_push_and_nothing_else() {
    let victim = Victim::new();
    let before = victim.before();
    let mut claims = signer::claims(&victim.rosa, 60);
    claims["role"] = "SALIENTE".into();
    let token = Signer::of(Stack::shared()).token(&claims);
    let path = format!("/team/{}/deactivate", victim.rosa.user());
    victim.admin.send("POST", &path, None).data();
    for (method, route, access) in guarded() {
        let answer = ask(&victim, Some(&token), method, route);
        if access == SignedIn {
            let result = &answer.data()["results"][0];
            assert_eq!(result["code"], "after_deactivation", "{method} {route}: {result}");
        } else {
            assert_eq!(answer.failure(), "403 forbidden", "{method} {route}");
        }
    }
    before.nothing_has_changed(&victim.admin);
}
