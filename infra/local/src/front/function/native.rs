//! What the platform's part in JavaScript leaves to us: HMAC, and texts as bytes and back.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use rquickjs::{Ctx, Exception, Function, Object, Result};
use sha2::Sha256;

use super::KeyStore;

/// The object `native` with its functions, of which `value` and `count` ask `store` as it then is.
pub(super) fn object<'js>(ctx: &Ctx<'js>, store: &KeyStore) -> Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    native.set("hmac", Function::new(ctx.clone(), hmac)?)?;
    native.set("decode", Function::new(ctx.clone(), decode)?)?;
    native.set("encode", Function::new(ctx.clone(), encode)?)?;
    native.set("log", Function::new(ctx.clone(), log)?)?;
    let asked = store.clone();
    native.set("value", Function::new(ctx.clone(), move |kid: String| asked.value(&kid))?)?;
    let counted = store.clone();
    native.set("count", Function::new(ctx.clone(), move || counted.count())?)?;
    Ok(native)
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over its copies")]
fn hmac(ctx: Ctx<'_>, key: Vec<u8>, data: Vec<u8>) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)
        .map_err(|error| Exception::throw_message(&ctx, &error.to_string()))?;
    mac.update(&data);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// As lenient as Node's `Buffer`: of base64, either alphabet, anything else left out, ended by `=`.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands over its copies")]
fn decode(ctx: Ctx<'_>, text: String, encoding: String) -> Result<Vec<u8>> {
    match encoding.as_str() {
        "utf8" => Ok(text.into_bytes()),
        "base64" | "base64url" => {
            let mut kept: String = text
                .chars()
                .take_while(|c| *c != '=')
                .map(|c| if c == '-' { '+' } else { c })
                .map(|c| if c == '_' { '/' } else { c })
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'))
                .collect();
            if kept.len() % 4 == 1 {
                kept.pop();
            }
            LENIENT.decode(kept).map_err(|error| Exception::throw_message(&ctx, &error.to_string()))
        }
        _ => Err(Exception::throw_message(&ctx, "this encoding is not read here")),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over its copies")]
fn encode(bytes: Vec<u8>, encoding: String) -> String {
    match encoding.as_str() {
        "hex" => {
            use std::fmt::Write;
            bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").expect("a text takes every write");
                text
            })
        }
        "base64" => STANDARD.encode(bytes),
        "base64url" => URL_SAFE_NO_PAD.encode(bytes),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over its copies")]
fn log(line: String) {
    crate::console::line(&format!("edge function: {line}"));
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
