//! The edge before real processes: the project's own function, keys and times.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{Answer, Place, Stack, request, until};

/// `Bearer …` for a seller of `business`, signed with the stack's own key.
fn bearer(stack: &Stack, business: &str, user: &str) -> String {
    let body = json!({"SecretId": stack.status["secrets"]["Keys"]}).to_string();
    let headers = [("x-amz-target", "secretsmanager.GetSecretValue")];
    let secret = request(&stack.url("secretsManager"), "POST", "/", &headers, body.as_bytes());
    let secret: Value =
        protocol::json::from_str(secret.json()["SecretString"].as_str().unwrap()).unwrap();
    let kid = secret["current"].as_str().unwrap();
    let key = STANDARD.decode(secret["keys"][kid].as_str().unwrap()).unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let exp = jiff::Timestamp::now().as_second() + 600;
    let claims = json!({"sub": user, "biz": business, "role": "VENDEDOR", "exp": exp});
    let signed = format!("{}.{}", part(json!({"alg": "HS256", "kid": kid})), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(signed.as_bytes());
    format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn feed(stack: &Stack, query: &str, headers: &[(&str, &str)]) -> Answer {
    stack.send("GET", &format!("/api/sync/changes?{query}"), headers, b"")
}

#[test]
fn the_feed_is_asked_for_in_the_token_s_name_and_shared_within_the_tenant() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let (ours, theirs) = (bearer(&stack, "b1", "u1"), bearer(&stack, "b2", "u2"));
    let forged = [("authorization", ours.as_str()), ("X_Avileo_Business", "b2")];
    let first = feed(&stack, "since=1.0&limit=100&noise=1", &forged);
    assert_eq!((first.status, first.header("x-cache")), (200, vec!["Miss"]), "{first:?}");
    let event = first.json();
    let headers = event["headers"].as_object().unwrap();
    assert_eq!(headers["x-avileo-business"], "b1");
    assert_eq!(format!("Bearer {}", headers["x-avileo-token"].as_str().unwrap()), ours);
    assert!(!headers.contains_key("authorization") && !headers.contains_key("x_avileo_business"));
    assert_eq!(event["rawQueryString"], "since=1.0&limit=100");

    let colleague = bearer(&stack, "b1", "u3");
    let second = feed(&stack, "since=1.0&limit=100", &[("authorization", &colleague)]);
    assert_eq!(second.header("x-cache"), ["Hit"]);
    assert_eq!((&second.body, second.header("date")), (&first.body, first.header("date")));

    let forged = [("authorization", theirs.as_str()), ("x-avileo-business", "b1")];
    let third = feed(&stack, "since=1.0&limit=100", &forged);
    assert_eq!(third.header("x-cache"), ["Miss"]);
    assert_eq!(third.json()["headers"]["x-avileo-business"], "b2");

    let compressed = [("authorization", ours.as_str()), ("accept-encoding", "br, gzip")];
    let compressed = feed(&stack, "since=1.0&limit=100", &compressed);
    assert_eq!(compressed.header("content-encoding"), ["br"]);
    assert!(compressed.body.len() < first.body.len());
}

#[test]
fn while_the_function_dies_the_edge_serves_what_it_has() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let ours = bearer(&stack, "b1", "u1");
    let ask = |query: &str| feed(&stack, query, &[("authorization", &ours)]);
    let (sealed, tail) = (ask("since=1.0"), ask("since=1.100"));
    std::fs::write(place.path("log.down"), "").unwrap();
    until("the tail is stale", || {
        let stale = ask("since=1.100");
        assert_eq!((stale.status, stale.header("date")), (200, tail.header("date")));
        stale.header("age")[0].parse::<u64>().unwrap() >= 3
    });
    assert_eq!(ask("since=1.0").body, sealed.body);
    for _ in 0..2 {
        let none = ask("since=1.200");
        assert_eq!((none.status, none.header("x-cache")), (500, vec!["Error"]));
    }
    std::fs::remove_file(place.path("log.down")).unwrap();
    assert_eq!(ask("since=1.200").status, 200);
}
