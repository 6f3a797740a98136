//! Passwords: their length, and Argon2id.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use gateway::ApiError;
use protocol::ErrorCode;

use crate::secret;

/// A new password of bearable length, in the clear.
pub(crate) struct NewPassword<'a>(&'a str);

impl<'a> NewPassword<'a> {
    /// Accepts 8 to 128 characters.
    pub(crate) fn parse(text: &'a str) -> Result<Self, ErrorCode> {
        let in_bounds = (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&text.chars().count());
        if in_bounds { Ok(Self(text)) } else { Err(ErrorCode::InvalidPassword) }
    }

    /// Its hash as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$…`.
    pub(crate) fn hash(&self) -> Result<String, ApiError> {
        let salt: [u8; SALT_BYTES] = secret::random_bytes()?;
        let hash = hasher()?.hash_password_with_salt(self.0.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| ApiError::internal(error.to_string()))
    }
}

/// Whether `password` is the one behind `hash`. Without a hash (no such user) the answer is no,
/// after the same work: how long it takes tells nothing.
///
/// The work blocks the thread for some 30 ms. A Lambda sandbox has one request at a time, so nobody
/// waits behind it.
pub(crate) fn is_right(password: &str, hash: Option<&str>) -> Result<bool, ApiError> {
    // Nobody's password is this long: refused before it is hashed, for everyone alike.
    if password.len() > PASSWORD_CHARS_MAX * CHAR_BYTES_MAX {
        return Ok(false);
    }
    let parsed = PasswordHash::new(hash.unwrap_or(HASH_OF_NOBODY))
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let matches = hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(matches && hash.is_some())
}

fn hasher() -> Result<Argon2<'static>, ApiError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Source: OWASP Password Storage Cheat Sheet, Argon2id with 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const SALT_BYTES: usize = 16;

const PASSWORD_CHARS_MIN: usize = 8;
const PASSWORD_CHARS_MAX: usize = 128;
/// Of a character in UTF-8.
const CHAR_BYTES_MAX: usize = 4;

/// A hash with our parameters that belongs to no password.
const HASH_OF_NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUh$\
                              AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_for_its_own_hash_only() {
        let hash = NewPassword::parse("avileo-demo").ok().unwrap().hash().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_right("avileo-demo", Some(&hash)).unwrap());
        assert!(!is_right("avileo-dem", Some(&hash)).unwrap());
        assert!(!is_right("", Some(&hash)).unwrap());
        assert!(!is_right("avileo-demo", None).unwrap());
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        let hash = || NewPassword::parse("avileo-demo").ok().unwrap().hash().unwrap();
        assert_ne!(hash(), hash());
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let somebody = NewPassword::parse("avileo-demo").ok().unwrap().hash().unwrap();
        let parsed = [HASH_OF_NOBODY, &somebody].map(|text| PasswordHash::new(text).unwrap());
        assert_eq!(parsed[0].algorithm, parsed[1].algorithm);
        assert_eq!(parsed[0].version, parsed[1].version);
        assert_eq!(parsed[0].params, parsed[1].params);
        let lengths = parsed.map(|hash| hash.hash.map(|output| output.len()));
        assert_eq!(lengths[0], lengths[1]);
    }

    #[test]
    fn length_is_counted_in_characters() {
        for (text, fits) in [
            ("1234567".to_owned(), false),
            ("12345678".to_owned(), true),
            ("ñ".repeat(8), true),
            ("ñ".repeat(128), true),
            ("ñ".repeat(129), false),
            (String::new(), false),
        ] {
            assert_eq!(NewPassword::parse(&text).is_ok(), fits, "{text}");
        }
    }
}
