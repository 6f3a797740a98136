//! The gate as a route sees it: tokens good and bad, and what surrounds every answer.

#![expect(clippy::unwrap_used, reason = "a test fails where its set-up does")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gateway::{
    Admin, Answer, Claims, FeedReader, Gate, JsonBody, KeyError, KeySource, Member, Parts,
    SignedIn, SigningKeys, TOKEN_SECONDS_MAX, Writer, finish,
};
use hmac::{Hmac, KeyInit, Mac};
use protocol::json::hostile::{PRIVATE_KEYS, nested};
use protocol::{Instant, LoginRequest, Role};
use serde_json::{Value, json};
use sha2::Sha256;
use store::memory::{MemoryTables, VirtualSurroundings};
use store::tables::{Condition, Table, Tables, Write};
use tower::ServiceExt;

const NOW_SECONDS: u64 = 1_795_352_700;
const KEY: [u8; 32] = [7; 32];
const OTHER_KEY: [u8; 32] = [8; 32];

/// Two keys, the first current.
struct TwoKeys;

impl KeySource for TwoKeys {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        let secret = json!({
            "current": "new",
            "keys": {"new": STANDARD.encode(KEY), "old": STANDARD.encode(OTHER_KEY)},
        });
        Box::pin(async move { SigningKeys::from_json(&secret.to_string()) })
    }
}

/// Secrets Manager on a bad day.
struct NoKeys;

impl KeySource for NoKeys {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        Box::pin(async { Err(KeyError::Unreadable("no answer".into())) })
    }
}

/// A business with one user, in session `s1`.
async fn tables() -> MemoryTables {
    let tables = MemoryTables::new();
    for item in [
        json!({"account": "business#b1", "item": "user#u1", "active": true}),
        json!({"account": "user#u1", "item": "session#s1", "expiresAt": NOW_SECONDS + 60}),
    ] {
        let item = item.as_object().unwrap().clone();
        let put = Write::Put { table: Table::Accounts, item, condition: Condition::Absent };
        tables.write(&put).await.unwrap();
    }
    tables
}

fn gate(keys: impl KeySource + 'static) -> Gate {
    let now = i64::try_from(NOW_SECONDS * 1000).unwrap();
    Gate::new(keys, Arc::new(move || Instant::from_millis(now)))
}

async fn routes(gate: &Gate) -> Router {
    let surroundings = VirtualSurroundings::new(gate.now(), 7);
    let routes = Router::new()
        .route("/push", post(async |SignedIn(claims): SignedIn| Answer::ok(claims)))
        .route("/write", post(async |Writer(claims): Writer| Answer::ok(claims)))
        .route("/read", get(async |Member(claims): Member| Answer::ok(claims)))
        .route("/team", get(async |Admin(claims): Admin| Answer::created(claims)))
        .route("/changes", get(async |FeedReader(claims): FeedReader| Answer::ok(claims)))
        .route(
            "/login",
            post(async |JsonBody(body): JsonBody<LoginRequest>| Answer::ok(body.email)),
        )
        .route("/panic", get(async || -> Answer<()> { panic!("la clave es rosa") }))
        .with_state(Parts::new(tables().await, surroundings, gate));
    finish(routes, gate)
}

struct Got {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Got {
    fn code(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or("none"))
    }
}

async fn call(routes: Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 100_000).await.unwrap();
    let body = protocol::json::from_slice(&bytes).unwrap();
    Got { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn read(token: &str) -> Got {
    let authorization = format!("Bearer {token}");
    call(routes(&gate(TwoKeys)).await, Method::GET, "/read", &[("authorization", &authorization)])
        .await
}

fn claims(role: &str) -> Value {
    let exp = NOW_SECONDS + TOKEN_SECONDS_MAX;
    json!({"biz": "b1", "sub": "u1", "role": role, "exp": exp, "sid": "s1"})
}

/// A token with any header and any claims, signed with any key.
fn forge(header: &Value, claims: &Value, key: &[u8]) -> String {
    forge_text(&header.to_string(), claims, key)
}

fn forge_text(header: &str, claims: &Value, key: &[u8]) -> String {
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn signed(claims: &Value) -> String {
    forge(&json!({"alg": "HS256", "typ": "JWT", "kid": "new"}), claims, &KEY)
}

/// No signature vouches for a header while it is read.
#[tokio::test]
async fn a_header_with_private_keys_of_the_reader_is_refused() {
    for key in PRIVATE_KEYS {
        for value in [format!(r#"{{"{key}":"5"}}"#), nested(key, 2800)] {
            let header = format!(r#"{{"alg":"HS256","kid":"new","x":{value}}}"#);
            let token = forge_text(&header, &claims("VENDEDOR"), &KEY);
            assert_eq!(read(&token).await.code(), (401, "invalid_token"), "{header}");
        }
    }
}

#[tokio::test]
async fn a_token_of_ours_is_accepted_by_each_key_it_may_be_signed_with() {
    let got = read(&signed(&claims("VENDEDOR"))).await;
    assert_eq!((got.status, &got.body["data"]["biz"]), (200, &json!("b1")));
    let old = forge(&json!({"alg": "HS256", "kid": "old"}), &claims("VENDEDOR"), &OTHER_KEY);
    assert_eq!(read(&old).await.status, 200);

    let claims = Claims {
        business: "b1".parse().unwrap(),
        user: "u1".parse().unwrap(),
        role: Role::AdminNegocio,
        expires_at_seconds: NOW_SECONDS + 1,
        session: Some("s1".into()),
    };
    let token = gate(TwoKeys).sign(&claims).await.unwrap();
    assert_eq!(gate(TwoKeys).verify(&token).await.unwrap(), claims);
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header: Value = protocol::json::from_slice(&header.unwrap()).unwrap();
    assert_eq!(header, json!({"alg": "HS256", "typ": "JWT", "kid": "new"}));
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_invalid() {
    let good = claims("VENDEDOR");
    let header = json!({"alg": "HS256", "kid": "new"});
    let unsigned = forge(&json!({"alg": "none", "kid": "new"}), &good, &KEY);
    let cut = unsigned.rsplit_once('.').unwrap().0;
    let other_claims = signed(&claims("ADMIN_NEGOCIO"));
    let mut swapped = signed(&good);
    let payload = other_claims.split('.').nth(1).unwrap().to_owned();
    let parts: Vec<String> = swapped.split('.').map(str::to_owned).collect();
    swapped = format!("{}.{payload}.{}", parts[0], parts[2]);
    for (what, token) in [
        ("another key", forge(&header, &good, &OTHER_KEY)),
        ("no algorithm", unsigned.clone()),
        ("no signature", format!("{cut}.")),
        ("two parts", cut.to_owned()),
        ("another algorithm", forge(&json!({"alg": "HS512", "kid": "new"}), &good, &KEY)),
        ("an asymmetric one", forge(&json!({"alg": "RS256", "kid": "new"}), &good, &KEY)),
        ("an unknown kid", forge(&json!({"alg": "HS256", "kid": "newer"}), &good, &KEY)),
        ("no kid", forge(&json!({"alg": "HS256"}), &good, &KEY)),
        ("other claims", swapped),
        ("no token at all", "hola".to_owned()),
        ("an empty one", String::new()),
        ("a long one", "a".repeat(5000)),
    ] {
        assert_eq!(read(&token).await.code(), (401, "invalid_token"), "{what}");
    }
}

#[tokio::test]
async fn each_claim_is_required_and_has_its_type() {
    for name in ["biz", "sub", "role", "exp"] {
        for wrong in [None, Some(json!(null)), Some(json!("")), Some(json!(1.5)), Some(json!([]))] {
            let mut claims = claims("VENDEDOR");
            match wrong {
                Some(value) => claims[name] = value,
                None => drop(claims.as_object_mut().unwrap().remove(name)),
            }
            assert_eq!(read(&signed(&claims)).await.code(), (401, "invalid_token"), "{claims}");
        }
    }
    assert_eq!(read(&signed(&claims("DUEÑO"))).await.code(), (401, "invalid_token"));
}

#[tokio::test]
async fn a_token_ends_with_the_second_that_it_names() {
    for (exp, status) in [(NOW_SECONDS + 1, 200), (NOW_SECONDS, 401), (0, 401)] {
        let mut claims = claims("VENDEDOR");
        claims["exp"] = json!(exp);
        let got = read(&signed(&claims)).await;
        assert_eq!(got.status, status, "{exp}");
        if status == 401 {
            assert_eq!(got.code(), (401, "token_expired"));
        }
    }
}

#[tokio::test]
async fn the_header_is_read_strictly_and_its_scheme_in_any_case() {
    let token = signed(&claims("VENDEDOR"));
    let bearer = format!("bEARER {token}");
    let routes = routes(&gate(TwoKeys)).await;
    let code = async |headers: &[(&str, &str)]| {
        let got = call(routes.clone(), Method::GET, "/read", headers).await;
        (got.status, got.body["error"]["code"].as_str().unwrap_or("none").to_owned())
    };
    assert_eq!(code(&[("authorization", &bearer)]).await.0, 200);
    assert_eq!(code(&[]).await, (401, "missing_token".into()));
    for value in [token.as_str(), "Basic cm9zYTpyb3Nh", "Bearer", "Bearer "] {
        assert_eq!(code(&[("authorization", value)]).await, (401, "invalid_token".into()));
    }
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    assert_eq!(code(&twice).await, (401, "invalid_token".into()));
}

#[tokio::test]
async fn a_role_opens_what_it_may_use() {
    for (role, push, read, team) in
        [("ADMIN_NEGOCIO", 200, 200, 201), ("VENDEDOR", 200, 200, 403), ("SALIENTE", 200, 403, 403)]
    {
        let authorization = format!("Bearer {}", signed(&claims(role)));
        for (method, path, status) in [
            (Method::POST, "/push", push),
            (Method::GET, "/read", read),
            (Method::GET, "/team", team),
        ] {
            let headers = [("authorization", authorization.as_str())];
            let got = call(routes(&gate(TwoKeys)).await, method, path, &headers).await;
            assert_eq!(got.status, status, "{role} {path}");
            assert!(got.status < 400 || got.code().1 == "forbidden");
        }
    }
}

#[tokio::test]
async fn the_feed_answers_503_to_whatever_is_wrong_with_its_headers() {
    let good = signed(&claims("VENDEDOR"));
    let mut old = claims("VENDEDOR");
    old["exp"] = json!(1);
    let routes = routes(&gate(TwoKeys)).await;
    let business = ("x-avileo-business", "b1");
    let token = ("x-avileo-token", good.as_str());
    let got = call(routes.clone(), Method::GET, "/changes", &[business, token]).await;
    assert_eq!(got.status, 200);
    let (expired, leaving) = (signed(&old), signed(&claims("SALIENTE")));
    let bearer = format!("Bearer {good}");
    let cases: [&[(&str, &str)]; 9] = [
        &[],
        &[business],
        &[token],
        &[("x-avileo-business", "b2"), token],
        &[business, business, token],
        &[business, token, token],
        &[business, ("x-avileo-token", &expired)],
        &[business, ("x-avileo-token", &leaving)],
        &[business, ("authorization", &bearer)],
    ];
    for headers in cases {
        let got = call(routes.clone(), Method::GET, "/changes", headers).await;
        assert_eq!(got.code(), (503, "tenant_mismatch"), "{headers:?}");
        assert_eq!(got.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn without_keys_nobody_is_refused_for_good() {
    let authorization = format!("Bearer {}", signed(&claims("VENDEDOR")));
    let headers = [("authorization", authorization.as_str())];
    let got = call(routes(&gate(NoKeys)).await, Method::GET, "/read", &headers).await;
    assert_eq!(got.code(), (503, "unavailable"));
    assert_eq!(got.headers["retry-after"], "1");
    assert!(!got.body.to_string().contains("no answer"), "the source is for the log");
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_answer_in_the_envelope() {
    let routes = routes(&gate(TwoKeys)).await;
    let got = call(routes.clone(), Method::GET, "/nada", &[]).await;
    assert_eq!(got.code(), (404, "route_not_found"));
    assert_eq!(
        (&got.body["success"], &got.headers["cache-control"]),
        (&json!(false), &"no-store".parse().unwrap())
    );
    let got = call(routes, Method::DELETE, "/push", &[]).await;
    assert_eq!(got.code(), (405, "method_not_allowed"));
    assert_eq!(got.headers["allow"], "POST");
    assert_eq!(got.headers["content-type"], "application/json");
}

#[tokio::test]
async fn a_panic_is_answered_without_its_words() {
    let got = call(routes(&gate(TwoKeys)).await, Method::GET, "/panic", &[]).await;
    assert_eq!(got.code(), (500, "internal"));
    assert!(!got.body.to_string().contains("rosa"));
}

#[tokio::test]
async fn an_app_that_is_too_old_is_told_so_on_every_path() {
    let gate = gate(TwoKeys).with_client_minimum("1.4".parse().unwrap());
    let routes = routes(&gate).await;
    for (version, path, expected) in [
        ("1.3.9", "/read", (426, "client_too_old")),
        ("1.3.9", "/nada", (426, "client_too_old")),
        ("1.4.0", "/read", (401, "missing_token")),
    ] {
        let headers = [("x-avileo-client", version)];
        let got = call(routes.clone(), Method::GET, path, &headers).await;
        assert_eq!(got.code(), expected, "{version} {path}");
    }
}
