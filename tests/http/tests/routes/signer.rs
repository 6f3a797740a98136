//! Makes access tokens of any kind with the stack's own keys, as nobody outside could.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http_tests::{Phone, Stack};
use serde_json::{Value, json};
use sha2::Sha256;

/// The key that signs the stack's tokens.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) key_id: String,
    key: Vec<u8>,
}

impl Signer {
    /// Asks the stack's Secrets Manager for the key, as a function does.
    pub(crate) fn of(stack: &Stack) -> Self {
        let secret: Value = serde_json::from_str(&stack.signing_keys()).expect("keys");
        let key_id = secret["current"].as_str().expect("a current key").to_owned();
        let key = secret["keys"][&key_id].as_str().expect("it is among the keys");
        Self { key: STANDARD.decode(key).expect("base64"), key_id }
    }

    /// A token with these claims, signed as ours are.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": "HS256", "typ": "JWT", "kid": self.key_id}), claims)
    }

    /// A token with this header, whatever it says, and the signature of HS256 with our key.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, &self.key)
    }
}

/// A token signed with any key.
pub(crate) fn signed(header: &Value, claims: &Value, key: &[u8]) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// What is signed of a token, without a signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", part(header), part(claims))
}

/// The claims of `phone`'s user, which end `seconds` from now.
pub(crate) fn claims(phone: &Phone, seconds: i64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("past 1970").as_secs();
    let expires = i64::try_from(now).expect("in range") + seconds;
    json!({"biz": phone.business(), "sub": phone.user(), "exp": expires,
        "role": phone.session["user"]["role"], "sid": opened(phone.token()).1["sid"]})
}

/// Header and claims of a token, unchecked.
pub(crate) fn opened(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    });
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
