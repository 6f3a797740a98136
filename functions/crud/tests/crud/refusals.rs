//! Every route of this function against those who may not come in.

use protocol::Role;
use serde_json::{Value, json};

use crate::world::World;

/// Method and path of every route of this function that wants a token, by its description.
fn guarded() -> Vec<(String, String)> {
    let document = crud::document();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["tags"] == json!(["crud"]) && operation["security"] != json!([]) {
                let path = path.replace("{entity}", "customers").replace("{id}", "x1");
                routes.push((method.to_uppercase(), path));
            }
        }
    }
    assert!(routes.len() > 30, "{routes:?}");
    routes
}

fn forged(token: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[2] = "AAAA";
    parts.join(".")
}

#[tokio::test]
async fn nobody_comes_in_without_a_good_token_and_nothing_is_written() {
    let world = World::new().await;
    let (admin, gone) = (world.admin().await, world.token("b1", "luis", Role::Saliente).await);
    let forged = forged(&admin);
    for (method, path) in guarded() {
        for (token, expected) in [
            ("", (401, "missing_token")),
            (forged.as_str(), (401, "invalid_token")),
            (gone.as_str(), (403, "forbidden")),
        ] {
            let got = world.call(token, &method, &path, &[], json!({})).await;
            assert_eq!(got.failure(), expected, "{method} {path}");
        }
    }
    world.clock.advance(std::time::Duration::from_mins(2));
    for (method, path) in guarded() {
        let got = world.call(&admin, &method, &path, &[], json!({})).await;
        assert_eq!(got.failure(), (401, "token_expired"), "{method} {path}");
    }
    assert_eq!(world.records(), 0);
}

#[tokio::test]
async fn other_functions_paths_are_told_from_paths_that_do_not_exist() {
    let world = World::new().await;
    for (method, path, expected, allowed) in [
        ("GET", "/sync/batch", (405, "method_not_allowed"), "POST"),
        ("PUT", "/team", (405, "method_not_allowed"), "GET,POST"),
        ("GET", "/team/u1/reset", (405, "method_not_allowed"), "POST"),
        ("POST", "/auth/sessions/s1", (405, "method_not_allowed"), "DELETE"),
        ("PATCH", "/customers", (405, "method_not_allowed"), "GET,HEAD,POST"),
        ("GET", "/nada", (404, "route_not_found"), ""),
        ("GET", "/", (404, "route_not_found"), ""),
        ("GET", "/customers/", (404, "route_not_found"), ""),
        ("POST", "/sync", (404, "route_not_found"), ""),
    ] {
        let got = world.call("", method, path, &[], Value::Null).await;
        assert_eq!(got.failure(), expected, "{method} {path}");
        let allow = got.headers.get("allow").map_or("", |value| value.to_str().unwrap());
        assert_eq!(allow, allowed, "{method} {path}");
    }
}
