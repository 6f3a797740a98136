//! Paths, methods and parameters that are not the API's.

use http_tests::{Answer, Stack, operation};
use serde_json::json;

use crate::effect::Before;

/// A path of each shape with the methods that it has.
const PATHS: &[(&str, &[&str])] = &[
    ("/health", &["GET"]),
    ("/sync/batch", &["POST"]),
    ("/sync/changes", &["GET"]),
    ("/sync/snapshot", &["GET"]),
    ("/auth/register", &["POST"]),
    ("/auth/login", &["POST"]),
    ("/auth/refresh", &["POST"]),
    ("/auth/logout", &["POST"]),
    ("/auth/password", &["POST"]),
    ("/auth/sessions", &["GET"]),
    ("/auth/sessions/x", &["DELETE"]),
    ("/team", &["GET", "POST"]),
    ("/team/x/deactivate", &["POST"]),
    ("/team/x/reset", &["POST"]),
    ("/customers", &["GET", "POST"]),
    ("/customers/x", &["DELETE", "GET", "PUT"]),
    ("/sales", &["GET", "POST"]),
    ("/abonos/x", &["DELETE", "GET", "PUT"]),
    ("/distribuciones/x/close", &["PATCH"]),
    ("/products", &["GET", "POST"]),
    ("/product-variants", &["GET", "POST"]),
    ("/closings", &["GET", "POST"]),
    ("/closings/x", &["GET"]),
    ("/records/customers/x/history", &["GET"]),
    ("/reports/day", &["GET"]),
    ("/openapi.json", &["GET"]),
];

#[test]
fn an_unknown_path_is_not_found_in_every_spelling() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa"}));
    let batch = json!({"operations": [insert]});
    let long = format!("/{}", "a".repeat(8000));
    for path in [
        "/",
        "/nada",
        "/sync",
        "/sync/",
        "/sync/batch/",
        "/sync/batch/x",
        "//sync/batch",
        "/sync//batch",
        "/SYNC/BATCH",
        "/sync/batch%00",
        "/sync/batch%20",
        "/sync/batch;a=1",
        "/sync/../sync/batch",
        "/%2e%2e/sync/batch",
        "/api/sync/batch",
        "/sync/%ff",
        "/sync/%zz",
        "/team/x",
        "/team//reset",
        "/auth",
        "/admin",
        "/.env",
        long.as_str(),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let answer = admin.send(method, path, Some(&batch));
            assert_eq!(answer.failure(), "404 route_not_found", "{method} {path}");
        }
        assert_eq!(admin.send("HEAD", path, None).status, 404, "HEAD {path}");
    }
    // Spelled otherwise they reach the last resort decoded, and are served all the same by nobody.
    for path in ["/sync/%62atch", "/sync%2Fbatch", "/custom%65rs"] {
        assert_eq!(
            admin.send("POST", path, Some(&batch)).failure(),
            "404 route_not_found",
            "{path}"
        );
    }
    before.nothing_has_changed(&admin);
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa"}));
    let batch = json!({"operations": [insert]});
    for (path, allowed) in PATHS {
        // The last two are refused by the edge, which knows no routes.
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if allowed.contains(&method) {
                continue;
            }
            let answer = admin.send(method, path, Some(&batch));
            assert_eq!(answer.failure(), "405 method_not_allowed", "{method} {path}");
            if !["TRACE", "BREW"].contains(&method) {
                assert_eq!(methods(&answer), *allowed, "{method} {path}");
            }
        }
    }
    before.nothing_has_changed(&admin);
}

#[test]
fn head_is_a_get_without_its_body_and_options_opens_no_door() {
    let admin = Stack::shared().business();
    for (path, allowed) in PATHS {
        let options = admin.send_with("OPTIONS", path, &[("origin", "https://otro.example")], None);
        assert!([204, 405].contains(&options.status), "{path}: {}", options.status);
        assert_eq!(methods(&options), *allowed, "{path}");
        for name in options.headers.keys() {
            assert!(!name.starts_with("access-control-"), "same origin only: {path} {name}");
        }
        let head = admin.send("HEAD", path, None);
        assert!(head.body.is_null(), "{path}");
        if allowed.contains(&"GET") {
            assert_eq!(head.status, admin.send("GET", path, None).status, "{path}");
        } else {
            assert_eq!(head.status, 405, "{path}");
        }
    }
    let bare = admin.send_raw("HEAD", "/sync/changes", &[], None);
    assert_eq!(bare.status, 401);
}

/// What `Allow` says, in the order of the alphabet; HEAD goes with GET.
fn methods(answer: &Answer) -> Vec<&str> {
    let all = answer.headers["allow"].split(',').map(str::trim);
    let mut methods: Vec<&str> = all.filter(|method| *method != "HEAD").collect();
    methods.sort_unstable();
    methods
}

#[test]
fn a_parameter_given_twice_is_refused_in_every_spelling() {
    let admin = Stack::shared().business();
    for query in
        ["since=1.0&since=1.0", "since&since", "limit=5&limit=5", "limit=5&other=1&limit=6"]
    {
        let answer = admin.send("GET", &format!("/sync/changes?{query}"), None);
        assert_eq!(answer.failure(), "400 invalid_request", "{query}");
    }
    for query in [
        "asOf=1.0&asOf=1.0",
        "asOf=1.0&%61sOf=1.0",
        "part=x&part=x",
        "asOf=1.0",
        "part=x",
        "a=1&a=1",
    ] {
        let answer = admin.send("GET", &format!("/sync/snapshot?{query}"), None);
        assert_eq!(answer.failure(), "400 invalid_request", "{query}");
    }
    for query in ["since=", "since=%ff", "since=%zz", "since=1.0%00", "since=1.0%20", "since=+1.0"]
    {
        let answer = admin.send("GET", &format!("/sync/changes?{query}"), None);
        assert_eq!(answer.failure(), "400 invalid_cursor", "{query}");
    }
    // The edge lets the feed's own two parameters through, by their plain names.
    for query in ["", "&", "&&", "nadie=1", "nadie=1&nadie=2", "SINCE=x", "limit=5&%6Cimit=6"] {
        let answer = admin.send("GET", &format!("/sync/changes?{query}"), None);
        assert_eq!(answer.data()["hasMore"], false, "{query}");
    }
}

#[test]
fn an_id_in_a_path_is_percent_decoded_once() {
    let admin = Stack::shared().business();
    let spelled = [
        ("a%20b", "400 invalid_id"),
        ("%00", "400 invalid_id"),
        ("%ff", "400 invalid_id"),
        ("a%C3%B1o", "400 invalid_id"),
        ("a%2Fb", "404 record_not_found"),
        ("a%23b", "404 record_not_found"),
        ("a%3Fb", "404 record_not_found"),
        ("a%252Fb", "404 record_not_found"),
        ("a+b", "404 record_not_found"),
        ("%2e%2e", "404 record_not_found"),
    ];
    let change = json!({"name": "Rosa"});
    for (id, expected) in spelled {
        let path = format!("/customers/{id}");
        assert_eq!(admin.send("PUT", &path, Some(&change)).failure(), expected, "PUT {id}");
        assert_eq!(admin.send("DELETE", &path, None).failure(), expected, "DELETE {id}");
    }
    let long = format!("/customers/{}", "a".repeat(129));
    assert_eq!(admin.send("PUT", &long, Some(&change)).failure(), "400 invalid_id");

    for (id, spelled) in
        [("a/b", "a%2Fb"), ("a%2Fb", "a%252Fb"), ("a#b?c=d", "a%23b%3Fc%3Dd"), ("a+b", "a+b")]
    {
        let insert = operation("customers", "insert", id, json!({"name": "Rosa"}));
        assert_eq!(admin.push_one(&insert)["status"], "applied", "{id}");
        let answer = admin.send("PUT", &format!("/customers/{spelled}"), Some(&change));
        assert_eq!(answer.data()["id"], id, "{spelled}");
    }
}
