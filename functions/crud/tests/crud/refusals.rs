//! Every route of this function against those who may not come in.

use axum::body::Body;
use protocol::Role;
use serde_json::json;
use tower::ServiceExt;

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

/// A request as API Gateway's `$default` brings it.
fn by_default(method: &str, path: &str) -> axum::http::Request<Body> {
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"host": "example.com"},
        "requestContext": {
            "routeKey": "$default", "stage": "$default", "timeEpoch": 0,
            "http": {"method": method, "path": path},
        },
        "isBase64Encoded": false,
    });
    lambda_http::request::from_str(&event.to_string()).unwrap().map(|_| Body::empty())
}

#[tokio::test]
async fn what_the_gateway_has_no_route_for_is_never_served() {
    let world = World::new().await;
    for (method, path, status, allowed) in [
        ("GET", "/sync/batch", 405, "POST"),
        ("PUT", "/team", 405, "GET, POST"),
        ("BREW", "/team/u1/reset", 405, "POST"),
        ("OPTIONS", "/customers/c1", 204, "DELETE, GET, PUT"),
        ("PATCH", "/customers", 405, "GET, POST"),
        ("POST", "/health", 405, "GET"),
        // Spelled `/heal%74h`: a path that the gateway does not know, decoded.
        ("GET", "/health", 404, ""),
        ("GET", "/customers/", 404, ""),
        ("GET", "/nada", 404, ""),
        ("GET", "/", 404, ""),
        ("GET", "//health", 404, ""),
        ("GET", "/a/../health", 404, ""),
        ("POST", "/sync/batch ", 404, ""),
        ("POST", "/sync/batch\0", 404, ""),
        ("POST", "/sync/batch#", 404, ""),
        ("GET", "/customers/%", 404, ""),
        ("GET", "/añejo/\u{fffd}", 404, ""),
    ] {
        let routes = crud::routes(world.tables.clone(), world.clock.clone(), &world.gate);
        let routes = gateway::finish(routes, &world.gate);
        let response = routes.oneshot(by_default(method, path)).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let allow = response.headers().get("allow").map_or("", |value| value.to_str().unwrap());
        assert_eq!(allow, allowed, "{method} {path}");
    }
}
