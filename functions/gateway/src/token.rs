//! The access token: what it says, how it is signed and checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use protocol::{BusinessId, ErrorCode, Instant, Role, UserId, json};
use serde::{Deserialize, Serialize};

use crate::{ApiError, KeyError, crypto};

/// An access token lives 15 minutes at most: so long may a session that has ended still read pages
/// of the feed that the edge keeps. Every other call reads the session.
pub const TOKEN_SECONDS_MAX: u64 = 15 * 60;

/// What an access token says of its bearer.
///
/// ```json
/// {"biz":"6e0f…","sub":"a5d1…","role":"VENDEDOR","exp":1795356301,"sid":"90be…"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// His business: the only one that he may see.
    #[serde(rename = "biz")]
    pub business: BusinessId,
    /// Himself.
    #[serde(rename = "sub")]
    pub user: UserId,
    /// What he may do.
    pub role: Role,
    /// When the token ends, in seconds since 1970.
    #[serde(rename = "exp")]
    pub expires_at_seconds: u64,
    /// The login that it came from.
    #[serde(rename = "sid", default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("no token")]
    Missing,
    /// We did not sign it, or it says too little.
    #[error("not a token of ours")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// The keys to check it with could not be read.
    #[error("the signing keys could not be read")]
    KeysUnavailable(#[source] KeyError),
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Missing => ErrorCode::MissingToken.into(),
            TokenError::Invalid => ErrorCode::InvalidToken.into(),
            TokenError::Expired => ErrorCode::TokenExpired.into(),
            TokenError::KeysUnavailable(source) => Self::unavailable(source),
        }
    }
}

/// The `kid` in the token's header, if the header is one of ours: HS256 and nothing else.
pub(crate) fn key_id(token: &str) -> Result<String, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Invalid);
    }
    match read_header(token).ok_or(TokenError::Invalid)? {
        Header { alg: Algorithm::HS256, kid: Some(kid), .. } => Ok(kid),
        _ => Err(TokenError::Invalid),
    }
}

/// Reads the header as `jsonwebtoken` does, which keeps its unknown fields as JSON values: what
/// such a value may not hold is refused before, since no signature vouches for it yet.
fn read_header(token: &str) -> Option<Header> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    json::from_slice(&bytes).ok()
}

/// Checks the signature first, then what it says, then its time.
pub(crate) fn verify(token: &str, key: &[u8], now: Instant) -> Result<Claims, TokenError> {
    crypto::install();
    let mut validation = Validation::new(Algorithm::HS256);
    // Our own clock decides below; the library's check reads the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "sub"]);
    let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &validation)
        .map_err(|_| TokenError::Invalid)?
        .claims;
    let now_seconds = u64::try_from(now.as_millis() / 1000).unwrap_or(0);
    if now_seconds >= claims.expires_at_seconds { Err(TokenError::Expired) } else { Ok(claims) }
}

/// Signs.
pub(crate) fn sign(claims: &Claims, key_id: &str, key: &[u8]) -> Result<String, ApiError> {
    crypto::install();
    let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(key)).map_err(|error| {
        debug_assert!(!matches!(error.kind(), ErrorKind::InvalidAlgorithm), "HS256 is ours");
        ApiError::internal(error)
    })
}

/// Ours have some 300 bytes; a longer one is not worth decoding.
const TOKEN_BYTES_MAX: usize = 4096;
