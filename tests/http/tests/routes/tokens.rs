//! Access tokens that are absent, ended, altered or made by others, on every kind of route.

use http_tests::{Answer, Phone, Stack, operation};
use serde_json::{Value, json};

use crate::effect::Before;
use crate::signer::{self, Signer};

/// Routes of each function that asks who is there.
const ROUTES: &[(&str, &str)] = &[
    ("POST", "/sync/batch"),
    ("GET", "/sync/changes"),
    ("GET", "/sync/snapshot"),
    ("GET", "/team"),
    ("POST", "/team"),
    ("GET", "/auth/sessions"),
    ("POST", "/customers"),
    ("POST", "/products"),
];

#[test]
fn a_token_that_is_not_ours_is_refused_everywhere_and_does_nothing() {
    let stack = Stack::shared();
    let admin = stack.business();
    let before = Before::of(&admin, 0);
    for (what, authorization, expected) in bad_authorizations(stack, &admin) {
        for (method, path) in ROUTES {
            let answer = ask(&admin, method, path, authorization.as_deref());
            assert_eq!(answer.failure(), expected, "{method} {path}: {what}");
            assert_eq!(answer.headers["cache-control"], "no-store", "{method} {path}: {what}");
        }
    }
    before.nothing_has_changed(&admin);
}

/// The signer of these tests makes tokens that work, or the test above would show nothing.
#[test]
fn a_token_signed_with_the_stacks_key_is_accepted_everywhere() {
    let stack = Stack::shared();
    let admin = stack.business();
    let token = Signer::of(stack).token(&signer::claims(&admin, 60));
    for (method, path) in ROUTES {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let answer = ask(&admin, method, path, Some(&format!("{scheme} {token}")));
            assert_ne!(answer.status, 401, "{method} {path} {scheme}: {}", answer.body);
        }
    }
}

#[test]
fn two_tokens_in_one_request_are_none() {
    let admin = Stack::shared().business();
    let bearer = format!("Bearer {}", admin.token());
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    for (method, path) in ROUTES {
        let answer = admin.send_raw(method, path, &twice, Some(&body(path)));
        assert_eq!(answer.failure(), "401 invalid_token", "{method} {path}");
    }
}

#[test]
fn a_token_in_the_query_or_a_cookie_is_none() {
    let admin = Stack::shared().business();
    let token = admin.token();
    let cookie = format!("token={token}; authorization=Bearer {token}");
    for (method, path) in ROUTES {
        let path = format!("{path}?token={token}&authorization=Bearer%20{token}");
        let answer = admin.send_raw(method, &path, &[("cookie", &cookie)], Some(b"{}"));
        assert_eq!(answer.failure(), "401 missing_token", "{method} {path}");
    }
}

#[test]
fn a_user_who_is_in_no_business_may_not_write() {
    let stack = Stack::shared();
    let (admin, other) = (stack.business(), stack.business());
    let mut claims = signer::claims(&admin, 60);
    claims["sub"] = other.user().into();
    let bearer = format!("Bearer {}", Signer::of(stack).token(&claims));
    let before = Before::of(&admin, 0);
    for path in ["/sync/batch", "/customers", "/products"] {
        let answer = ask(&admin, "POST", path, Some(&bearer));
        assert_eq!(answer.failure(), "401 user_inactive", "{path}");
    }
    before.nothing_has_changed(&admin);
}

fn bad_authorizations(
    stack: &Stack,
    admin: &Phone,
) -> Vec<(&'static str, Option<String>, &'static str)> {
    let signer = Signer::of(stack);
    let claims = signer::claims(admin, 600);
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": signer.key_id});
    let with_header =
        |field: &str, value: Value| signer.token_with(&put(&header, field, value), &claims);
    let with_claim = |field: &str, value: Value| signer.token(&put(&claims, field, value));
    let good = admin.token();
    let (start, signature) = good.rsplit_once('.').expect("three parts");
    let altered = signer::unsigned(&header, &put(&claims, "role", json!("ADMIN_NEGOCIO")));
    let none = signer::unsigned(&put(&header, "alg", json!("none")), &claims);
    let mut list = vec![
        ("no header", None, "401 missing_token"),
        ("ended a second ago", Some(signer.token(&signer::claims(admin, -1))), "401 token_expired"),
        ("ended in 1970", Some(with_claim("exp", json!(1))), "401 token_expired"),
    ];
    let invalid = [
        ("nothing", String::new()),
        ("one word", "x".to_owned()),
        ("only dots", "..".to_owned()),
        ("four parts", format!("{good}.x")),
        ("no end", with_claim("exp", Value::Null)),
        ("an end that is a text", with_claim("exp", json!("9999999999"))),
        ("no business", with_claim("biz", Value::Null)),
        ("an empty business", with_claim("biz", json!(""))),
        ("a list as business", with_claim("biz", json!([admin.business()]))),
        ("alg none", none.clone()),
        ("alg none, our signature", with_header("alg", json!("none"))),
        ("alg None, a signature kept", format!("{none}{signature}")),
        ("alg HS512", with_header("alg", json!("HS512"))),
        ("alg RS256", with_header("alg", json!("RS256"))),
        ("alg hs256", with_header("alg", json!("hs256"))),
        ("no alg", with_header("alg", Value::Null)),
        ("unknown kid", with_header("kid", json!("another"))),
        ("no kid", with_header("kid", Value::Null)),
        ("a kid that is a number", with_header("kid", json!(1))),
        ("an empty kid", with_header("kid", json!(""))),
        ("another key", signer::signed(&header, &claims, &[7; 32])),
        ("an empty key", signer::signed(&header, &claims, &[])),
        ("no signature", format!("{start}.")),
        ("half a signature", format!("{start}.{}", &signature[..signature.len() / 2])),
        ("claims altered", format!("{altered}{signature}")),
        ("longer than any of ours", "a".repeat(5000)),
    ];
    list.extend(invalid.map(|(what, token)| (what, Some(token), "401 invalid_token")));
    let mut list: Vec<_> = list
        .into_iter()
        .map(|(what, token, code)| (what, token.map(|token| format!("Bearer {token}")), code))
        .collect();
    for (what, authorization) in [
        ("another scheme", format!("Basic {good}")),
        ("no scheme", good.to_owned()),
        ("a scheme alone", "Bearer".to_owned()),
        ("an empty header", String::new()),
    ] {
        list.push((what, Some(authorization), "401 invalid_token"));
    }
    list
}

fn put(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    let fields = object.as_object_mut().expect("an object");
    if value.is_null() {
        fields.remove(field);
    } else {
        fields.insert(field.to_owned(), value);
    }
    object
}

fn ask(admin: &Phone, method: &str, path: &str, authorization: Option<&str>) -> Answer {
    let headers: Vec<(&str, &str)> =
        authorization.map(|value| ("authorization", value)).into_iter().collect();
    let body = (method == "POST").then(|| body(path));
    admin.send_raw(method, path, &headers, body.as_deref())
}

/// What would be written if the request were let through.
fn body(path: &str) -> Vec<u8> {
    let body = match path {
        "/sync/batch" => {
            let insert = operation("customers", "insert", "stolen", json!({"name": "Robado"}));
            json!({"operations": [insert]})
        }
        "/team" => json!({"name": "x"}),
        _ => json!({"name": "Robado", "id": "stolen", "type": "pollo", "unit": "kg"}),
    };
    body.to_string().into_bytes()
}
