//! Refresh tokens: opaque to a phone, a chain to us.
//!
//! A token's successor is an HMAC of it under its session's own salt. So the very same successor
//! can be given twice (a reply may be lost) although only hashes are stored: who has read the table
//! lacks the token, who has stolen a token lacks the salt. And whether a token is an old one of
//! this session, or none at all, is seen by walking the chain.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::ApiError;
use hmac::{Hmac, KeyInit, Mac};
use protocol::UserId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::secret;

/// `base64url(user id · session id · 32 secret bytes)`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    user: Uuid,
    session: Uuid,
    secret: [u8; SECRET_BYTES],
}

/// What a session's chain is made with.
pub(crate) type Salt = [u8; SECRET_BYTES];

impl RefreshToken {
    /// The first of a new session.
    pub(crate) fn first(user: Uuid, session: Uuid) -> Result<Self, ApiError> {
        Ok(Self { user, session, secret: secret::random_bytes()? })
    }

    /// Reads what a phone sent; `None` if we never wrote such a thing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != TEXT_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (user, rest) = bytes.split_first_chunk()?;
        let (session, secret) = rest.split_first_chunk()?;
        Some(Self {
            user: Uuid::from_bytes(*user),
            session: Uuid::from_bytes(*session),
            secret: secret.try_into().ok()?,
        })
    }

    /// What the phone gets.
    pub(crate) fn to_text(&self) -> String {
        let parts = [self.user.as_bytes().as_slice(), self.session.as_bytes(), &self.secret];
        URL_SAFE_NO_PAD.encode(parts.concat())
    }

    /// Whose it says it is.
    pub(crate) fn user_id(&self) -> Result<UserId, ApiError> {
        self.user.to_string().parse().map_err(ApiError::internal)
    }

    /// Of which session.
    pub(crate) fn session_id(&self) -> String {
        self.session.to_string()
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.secret))
    }

    /// The one that replaces it.
    pub(crate) fn successor(&self, salt: &Salt) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(salt)
            .expect("HMAC takes a key of any length")
            .chain_update(self.session.as_bytes())
            .chain_update(self.secret);
        Self { secret: mac.finalize().into_bytes().into(), ..self.clone() }
    }

    /// Whether `hash` is that of a token that came after this one, within `steps`.
    pub(crate) fn leads_to(&self, hash: &str, salt: &Salt, steps: u64) -> bool {
        let mut token = self.clone();
        for _ in 0..steps.min(STEPS_WALKED_MAX) {
            token = token.successor(salt);
            if token.hash() == hash {
                return true;
            }
        }
        false
    }
}

const SECRET_BYTES: usize = 32;

/// 64 bytes in base64 without padding.
const TEXT_BYTES: usize = 86;

/// A refresh each quarter of an hour for 60 days is 5,760; each step costs a microsecond or two.
const STEPS_WALKED_MAX: u64 = 8_192;

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> RefreshToken {
        RefreshToken::first(secret::new_id().unwrap(), secret::new_id().unwrap()).unwrap()
    }

    #[test]
    fn a_token_is_read_back_as_written() {
        let token = token();
        assert_eq!(token.to_text().len(), TEXT_BYTES);
        assert!(RefreshToken::parse(&token.to_text()) == Some(token));
    }

    #[test]
    fn what_we_never_wrote_is_no_token() {
        let text = token().to_text();
        for text in [
            "",
            "hola",
            &text[1..],
            &format!("{text}A"),
            &text.replace(&text[..1], "é"),
            &"=".repeat(86),
        ] {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_successor_is_the_same_every_time_and_depends_on_token_and_salt() {
        let first = token();
        assert!(first.successor(&[1; 32]) == first.successor(&[1; 32]));
        assert!(first.successor(&[1; 32]) != first.successor(&[2; 32]));
        assert!(first.successor(&[1; 32]) != token().successor(&[1; 32]));
    }

    #[test]
    fn an_old_token_leads_to_the_present_one_and_a_forged_one_does_not() {
        let salt = [3; 32];
        let old = token();
        let present = old.successor(&salt).successor(&salt).successor(&salt);
        assert!(old.leads_to(&present.hash(), &salt, 3));
        assert!(!old.leads_to(&present.hash(), &salt, 2));
        let forged = RefreshToken { secret: [0; 32], ..old };
        assert!(!forged.leads_to(&present.hash(), &salt, 3));
    }
}
