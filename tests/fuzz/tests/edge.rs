//! Two readers of one token: the edge's function, in JavaScript, and the functions' gate, in Rust.
//!
//! What the edge lets pass is given pages from its cache that no gate sees, so it may never take a
//! token that the gate would refuse, or read another business out of it. The other way round it
//! would lock phones out. Tokens are made by dice: good ones, ones that say odd things under a good
//! signature, and either with some characters changed. `AVILEO_EDGE_TOKENS` makes it long.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fuzz_tests::Bytes;
use gateway::{Claims, Gate, KeyError, KeySource, SigningKeys, TokenError, machine_clock};
use hmac::{Hmac, KeyInit, Mac};
use protocol::Role;
use serde_json::{Value, json};
use sha2::Sha256;

#[test]
fn the_edge_takes_exactly_the_tokens_that_the_gate_takes() {
    let asked = std::env::var("AVILEO_EDGE_TOKENS").ok().and_then(|text| text.parse().ok());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let tokens: Vec<String> = (0..asked.unwrap_or(TOKENS)).map(|_| token(&mut dice)).collect();
    let answers: Vec<Value> = tokens.chunks(TOKENS_PER_RUN).flat_map(edge).collect();
    assert_eq!(answers.len(), tokens.len());
    let gate = Gate::new(Keys, machine_clock());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut taken, mut refused) = (0, 0);
    for (token, answer) in tokens.iter().zip(&answers) {
        let judged = runtime.block_on(gate.verify(token));
        let business = answer["headers"]["x-avileo-business"]["value"].as_str();
        if let Some(business) = business {
            let claims = judged.unwrap_or_else(|error| panic!("the gate says {error}: {token}"));
            assert_eq!(business, claims.business.as_str(), "{token}");
            assert_ne!(claims.role, Role::Saliente, "{token}");
            taken += 1;
        } else {
            let (code, expected) = (code(answer), expected(token, &judged));
            // It looks at the time before it looks at the role.
            let is_over = code == "token_expired" && expected == "invalid_token";
            assert!(code == expected || is_over, "{code}, not {expected}: {token}");
            refused += 1;
        }
    }
    // The dice throw enough of both.
    assert!(taken > tokens.len() / 20 && refused > tokens.len() / 20, "{taken}, {refused}");
}

/// What the edge has to say of a token that it does not take.
fn expected(token: &str, judged: &Result<Claims, TokenError>) -> &'static str {
    match judged {
        Ok(Claims { role: Role::Saliente, .. }) => "forbidden",
        // Base64 has spare bits: a signature may be spelled otherwise, and the edge takes one spelling.
        Ok(_) => {
            let signature = token.rsplit('.').next().unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
            assert_ne!(URL_SAFE_NO_PAD.encode(bytes), signature, "the gate takes it: {token}");
            "invalid_token"
        }
        Err(TokenError::Expired) => "token_expired",
        Err(_) => "invalid_token",
    }
}

fn code(answer: &Value) -> String {
    let body: Value = serde_json::from_str(answer["body"]["data"].as_str().unwrap()).unwrap();
    body["error"]["code"].as_str().unwrap().to_owned()
}

/// The function under njs, which is of the family of CloudFront's engine.
fn edge(tokens: &[String]) -> Vec<Value> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/edge");
    let text = |file: &str| std::fs::read_to_string(source.join(file)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let entries = json!({"k1": STANDARD.encode(FIRST), "k2": STANDARD.encode(SECOND)});
    let module = format!("const ENTRIES = {entries};\n{}", text("tests/cloudfront.js"));
    std::fs::write(folder.path().join("cloudfront"), module).unwrap();
    let event = |token: &String| {
        json!({"viewer": {"ip": "192.0.2.7"}, "request": {"method": "GET",
            "uri": "/api/sync/changes", "querystring": {}, "cookies": {},
            "headers": {"authorization": {"value": format!("Bearer {token}")}}}})
    };
    let events: Vec<Value> = tokens.iter().map(event).collect();
    let (function, run) = (text("viewer-request.js"), text("tests/run.js"));
    let script = folder.path().join("script.js");
    std::fs::write(&script, format!("{function}\nconst EVENTS = {};\n{run}", json!(events)))
        .unwrap();
    let mut njs = Command::new("njs");
    njs.arg("-p").arg(folder.path()).arg(&script).current_dir(folder.path());
    let output = njs.output().expect("njs is there: Debian has it, `cargo xtask test` installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    let answers = std::fs::read(folder.path().join("answers.json"));
    serde_json::from_slice(&answers.unwrap_or_else(|_| panic!("{said}"))).unwrap()
}

fn token(dice: &mut Dice) -> String {
    let thrown: Vec<u8> = (0..48).map(|_| dice.byte()).collect();
    let mut bytes = Bytes::new(&thrown);
    let mut header = json!({"alg": "HS256", "kid": "k1", "typ": "JWT"});
    let mut claims =
        json!({"sub": "u1", "biz": "b1", "role": "VENDEDOR", "exp": now_s() + 3000, "sid": "s1"});
    if bytes.once_in(2) {
        let (name, value) = odd_header(&mut bytes);
        set(&mut header, name, value);
    }
    for _ in 0..bytes.below(3) {
        let (name, value) = odd_claim(&mut bytes);
        set(&mut claims, name, value);
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let key: &[u8] = match bytes.below(8) {
        0 => &[9; 32],
        1 => b"",
        _ if header["kid"] == "k2" => &SECOND,
        _ => &FIRST,
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    let mut token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    if bytes.once_in(3) {
        for _ in 0..=bytes.below(3) {
            change(&mut token, &mut bytes);
        }
    }
    token
}

/// `null` takes a field away.
fn set(object: &mut Value, name: &str, value: Value) {
    object[name] = value;
    object.as_object_mut().unwrap().retain(|_, value| !value.is_null());
}

fn odd_header(bytes: &mut Bytes<'_>) -> (&'static str, Value) {
    let algorithms = ["HS256", "none", "None", "HS384", "HS512", "RS256", "hs256", ""];
    let ids = ["k1", "k2", "k3", "", "../k1", "k1 ", "__proto__", "constructor"];
    let (name, values) = if bytes.below(2) == 0 { ("alg", algorithms) } else { ("kid", ids) };
    (name, if bytes.once_in(8) { Value::Null } else { json!(bytes.one_of(&values)) })
}

fn odd_claim(bytes: &mut Bytes<'_>) -> (&'static str, Value) {
    match bytes.below(4) {
        0 => ("biz", odd_id(bytes)),
        1 => ("sub", odd_id(bytes)),
        2 => {
            let roles = ["ADMIN_NEGOCIO", "VENDEDOR", "SALIENTE", "JEFE", "vendedor", ""];
            let odd = [json!(1), json!(["VENDEDOR"]), Value::Null, json!({})];
            let role = json!(bytes.one_of(&roles));
            ("role", if bytes.once_in(4) { odd[bytes.below(4)].clone() } else { role })
        }
        _ => {
            let moments = [
                json!(now_s() - 3000),
                json!(now_s() + 9000),
                json!(0),
                json!("9999999999"),
                json!(9_999_999_999.5),
                json!(u64::MAX),
                Value::Null,
                json!([9_999_999_999_u64]),
            ];
            ("exp", moments[bytes.below(8)].clone())
        }
    }
}

fn odd_id(bytes: &mut Bytes<'_>) -> Value {
    match bytes.below(10) {
        0 => Value::Null,
        1 => json!(5),
        2 => json!(["b1"]),
        3 => json!(""),
        4 => json!("b 1"),
        5 => json!("b1\n"),
        6 => json!("ñandú"),
        7 => json!("b".repeat(128)),
        8 => json!("b".repeat(129)),
        _ => json!({"toString": "b1"}),
    }
}

/// A character replaced, taken out or put in, anywhere.
fn change(token: &mut String, bytes: &mut Bytes<'_>) {
    let at = (usize::from(bytes.byte()) << 8 | usize::from(bytes.byte())) % token.len();
    let letter = char::from(bytes.one_of(b"AZaz09_-.+/=eyJ~"));
    match bytes.below(3) {
        0 => token.replace_range(at..=at, letter.encode_utf8(&mut [0; 4])),
        1 => drop(token.remove(at)),
        _ => token.insert(at, letter),
    }
}

fn now_s() -> i64 {
    machine_clock()().as_millis() / 1000
}

/// The keys that both know.
struct Keys;

impl KeySource for Keys {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        let keys = json!({"k1": STANDARD.encode(FIRST), "k2": STANDARD.encode(SECOND)});
        let text = json!({"current": "k1", "keys": keys}).to_string();
        Box::pin(async move { SigningKeys::from_json(&text) })
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).to_le_bytes()[0]
    }
}

const FIRST: [u8; 32] = [1; 32];
const SECOND: [u8; 32] = [2; 32];

/// In an ordinary run.
const TOKENS: usize = 1_000;

/// njs slows down with the length of its script.
const TOKENS_PER_RUN: usize = 200;
