//! Checks an access token as the edge does: HS256 by `kid`, `exp`, `biz`, and a role that may read.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use protocol::ErrorCode;
use serde::Deserialize;
use sha2::Sha256;

use crate::secrets::SigningKeys;

/// What a good token says.
#[derive(Debug)]
pub(super) struct Claims {
    /// The tenant.
    pub(super) business: String,
    /// The token itself.
    pub(super) token: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Payload {
    exp: u64,
    biz: String,
    role: String,
}

/// Checks the bearer token in `headers` at the moment `now_s`.
///
/// # Errors
///
/// `missing_token`, `invalid_token`, `token_expired`, or `forbidden` for a seller who is leaving.
pub(super) fn check(
    headers: &HeaderMap,
    keys: &SigningKeys,
    now_s: u64,
) -> Result<Claims, ErrorCode> {
    let token = bearer(headers)?;
    let payload = verified(token, keys).ok_or(ErrorCode::InvalidToken)?;
    if payload.biz.is_empty() || payload.role.is_empty() {
        return Err(ErrorCode::InvalidToken);
    }
    if payload.exp <= now_s {
        return Err(ErrorCode::TokenExpired);
    }
    if payload.role == LEAVING {
        return Err(ErrorCode::Forbidden);
    }
    Ok(Claims { business: payload.biz, token: token.into() })
}

fn bearer(headers: &HeaderMap) -> Result<&str, ErrorCode> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(ErrorCode::MissingToken)?;
    if values.next().is_some() {
        return Err(ErrorCode::InvalidToken);
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(ErrorCode::InvalidToken)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(ErrorCode::InvalidToken)
    }
}

fn verified(token: &str, keys: &SigningKeys) -> Option<Payload> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header: Header = part(header)?;
    if header.alg != "HS256" {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.get(&header.kid)?).ok()?;
    mac.update(signed.as_bytes());
    // Compares in constant time.
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    part(payload)
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// The role of a deactivated seller's last token: it pushes, and reads nothing.
const LEAVING: &str = "SALIENTE";

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const NOW_S: u64 = 1_000;

    fn keys() -> SigningKeys {
        let value = json!({"current": "k", "keys": {"k": STANDARD.encode(KEY)}});
        SigningKeys::parse(&value.to_string()).unwrap()
    }

    fn signed(header: &Value, payload: &Value, key: &[u8]) -> String {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let body = format!("{}.{}", text(header), text(payload));
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(body.as_bytes());
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn outcome(authorization: &str) -> Result<String, ErrorCode> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(authorization).unwrap());
        check(&headers, &keys(), NOW_S).map(|claims| claims.business)
    }

    fn token(payload: &Value) -> String {
        let header = json!({"alg": "HS256", "kid": "k"});
        format!("Bearer {}", signed(&header, payload, &KEY))
    }

    fn good() -> Value {
        json!({"sub": "u", "exp": NOW_S + 1, "biz": "b1", "role": "VENDEDOR"})
    }

    #[test]
    fn a_good_token_names_its_business() {
        assert_eq!(outcome(&token(&good())), Ok("b1".into()));
    }

    #[test]
    fn a_missing_token_is_told_from_a_bad_one() {
        let none = check(&HeaderMap::new(), &keys(), NOW_S).unwrap_err();
        assert_eq!(none, ErrorCode::MissingToken);
        for text in ["Bearer", "Bearer x", "Basic eDp5", "Bearer a.b.c", "Bearer ..", "Bearer "] {
            assert_eq!(outcome(text), Err(ErrorCode::InvalidToken), "{text}");
        }
    }

    #[test]
    fn a_token_that_we_did_not_sign_is_refused() {
        let header = json!({"alg": "HS256", "kid": "k"});
        let forged = signed(&header, &good(), &[8; 32]);
        assert_eq!(outcome(&format!("Bearer {forged}")), Err(ErrorCode::InvalidToken));
        for header in [
            json!({"alg": "none", "kid": "k"}),
            json!({"alg": "HS256", "kid": "other"}),
            json!({"alg": "HS512", "kid": "k"}),
            json!({"alg": "HS256"}),
        ] {
            let text = signed(&header, &good(), &KEY);
            assert_eq!(
                outcome(&format!("Bearer {text}")),
                Err(ErrorCode::InvalidToken),
                "{header}"
            );
        }
        let unsigned = token(&good());
        let unsigned = &unsigned[..=unsigned.rfind('.').unwrap()];
        assert_eq!(outcome(unsigned), Err(ErrorCode::InvalidToken));
    }

    #[test]
    fn expiry_business_and_role_are_checked() {
        let with = |field: &str, value: Value| {
            let mut payload = good();
            payload[field] = value;
            outcome(&token(&payload))
        };
        assert_eq!(with("exp", json!(NOW_S)), Err(ErrorCode::TokenExpired));
        assert_eq!(with("biz", json!("")), Err(ErrorCode::InvalidToken));
        assert_eq!(with("biz", Value::Null), Err(ErrorCode::InvalidToken));
        assert_eq!(with("role", json!("SALIENTE")), Err(ErrorCode::Forbidden));
    }
}
