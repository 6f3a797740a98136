//! A slow salted hash of a password or PIN: PBKDF2 with HMAC-SHA-256, by the browser's own crypto.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Recognises a secret without keeping it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    salt: Vec<u8>,
    iterations: u32,
    hash: Vec<u8>,
}

impl Verifier {
    /// Of this secret; `None` where the browser has no such crypto (a page not served securely).
    pub async fn of(secret: &str) -> Option<Self> {
        let crypto = get(&js_sys::global(), "crypto")?;
        let salt = Uint8Array::new_with_length(SALT_BYTES);
        call(&crypto, "getRandomValues", &[salt.clone().into()])?;
        let salt = salt.to_vec();
        let hash = derive(secret, &salt, ITERATIONS).await?;
        Some(Self { salt, iterations: ITERATIONS, hash })
    }

    /// This is the secret.
    pub async fn accepts(&self, secret: &str) -> bool {
        let derived = derive(secret, &self.salt, self.iterations).await;
        derived.is_some_and(|hash| hash == self.hash)
    }
}

/// <https://www.w3.org/TR/webcrypto/#pbkdf2>
async fn derive(secret: &str, salt: &[u8], iterations: u32) -> Option<Vec<u8>> {
    let subtle = get(&get(&js_sys::global(), "crypto")?, "subtle")?;
    let secret = Uint8Array::from(secret.as_bytes());
    let usages = Array::of1(&"deriveBits".into());
    let import = ["raw".into(), secret.into(), "PBKDF2".into(), JsValue::FALSE, usages.into()];
    let key = settled(call(&subtle, "importKey", &import)?).await?;
    let algorithm = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&algorithm, &name.into(), &value).ok();
    set("name", "PBKDF2".into())?;
    set("hash", "SHA-256".into())?;
    set("salt", Uint8Array::from(salt).into())?;
    set("iterations", iterations.into())?;
    let bits = settled(call(&subtle, "deriveBits", &[algorithm.into(), key, 256.into()])?).await?;
    Some(Uint8Array::new(&bits).to_vec())
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = get(object, method)?.dyn_into().ok()?;
    method.apply(object, &arguments.iter().collect::<Array>()).ok()
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(JsValue::is_truthy)
}

async fn settled(promise: JsValue) -> Option<JsValue> {
    JsFuture::from(promise.dyn_into::<Promise>().ok()?).await.ok()
}

const SALT_BYTES: u32 = 16;

/// OWASP's count for PBKDF2 with HMAC-SHA-256; about a quarter of a second on a phone.
const ITERATIONS: u32 = 600_000;
