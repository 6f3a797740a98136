//! The one place where JSON from outside is read: bodies, answers, the feed, rows.
//!
//! `serde_json` transports numbers and unread JSON through objects with a private key. Its `Value`
//! obeys such a key in a text from outside too: `{"$serde_json::private::RawValue":"[…]"}` parses
//! the string in it by a new reader, whose recursion limit starts again. Sixty such strings inside
//! each other (52 KB) overflow the stack, and an overflow ends the process: nothing can catch it.
//! `serde_json`'s feature cannot be switched off, since `lambda_http` needs it.
//!
//! So every text passes [`scan`] before any type reads it. Clippy's `disallowed-methods` forbids
//! `serde_json`'s own readers everywhere else.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that calls serde_json's readers"
)]

use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::de::StrRead;
use serde_json::{Deserializer, Value};

/// Lists and objects in each other, at most: what `serde_json` allows where it limits them.
/// It does not limit what a type skips, and starts again in what is kept unread.
pub const DEPTH_MAX: usize = 127;

/// Reads a text.
///
/// ```
/// use protocol::{JsonObject, json};
///
/// assert_eq!(json::from_str::<JsonObject>(r#"{"amount":5.00}"#)?["amount"].to_string(), "5.00");
/// assert!(json::from_str::<JsonObject>(r#"{"\u0024serde_json::private::RawValue":"5"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// When it is no JSON, has another form, is nested deeper than [`DEPTH_MAX`], or has a key that is
/// private to `serde_json`.
pub fn from_str<'text, T: Deserialize<'text>>(text: &'text str) -> serde_json::Result<T> {
    scan(text).map_err(serde_json::Error::custom)?;
    serde_json::from_str(text)
}

/// Reads a text that is not known to be UTF-8.
///
/// # Errors
/// As [`from_str`], and when it is not UTF-8.
pub fn from_slice<'text, T: Deserialize<'text>>(bytes: &'text [u8]) -> serde_json::Result<T> {
    from_str(std::str::from_utf8(bytes).map_err(serde_json::Error::custom)?)
}

/// Reads a value out of JSON that was parsed already, by way of its text: so a phone needs one
/// reader of JSON and none of floats.
///
/// # Errors
/// As [`from_str`].
pub fn from_value<T: DeserializeOwned>(value: &Value) -> serde_json::Result<T> {
    from_str(&value.to_string())
}

/// A reader of a text that passed the scan, for who must see more than [`from_str`] tells.
///
/// # Errors
/// [`Refused`].
pub fn reader(text: &str) -> Result<Deserializer<StrRead<'_>>, Refused> {
    scan(text)?;
    Ok(Deserializer::from_str(text))
}

/// Why a text is not read, whatever is expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// A key that is private to `serde_json`.
    #[error("a key that begins with {PRIVATE_PREFIX}")]
    PrivateKey,
}

/// Looks at every byte once, without recursion.
///
/// It finds strings and brackets as every reader of JSON does; whether the rest is JSON is left to
/// the reader. A string is a key where a colon follows: where none does, no reader takes it as one.
fn scan(text: &str) -> Result<(), Refused> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' if depth == DEPTH_MAX => return Err(Refused::TooDeep),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                let start = at;
                at = string_end(bytes, start);
                if is_private(&bytes[start..at]) && colon_follows(bytes, at + 1) {
                    return Err(Refused::PrivateKey);
                }
                at += 1;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The place of the quote that ends a string, or the text's end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn colon_follows(bytes: &[u8], from: usize) -> bool {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().find(|byte| !b" \t\n\r".contains(byte)) == Some(&b':')
}

/// Whether a string, as written between its quotes, begins with the private prefix.
fn is_private(written: &[u8]) -> bool {
    let mut rest = written;
    PRIVATE_PREFIX.bytes().all(|wanted| {
        let (read, tail) = match rest {
            // The only way to escape a character of the prefix, which has no quote, slash or control.
            [b'\\', b'u', a, b, c, d, tail @ ..] => (code_unit([*a, *b, *c, *d]), tail),
            [byte, tail @ ..] => (Some(u32::from(*byte)), tail),
            [] => return false,
        };
        rest = tail;
        read == Some(u32::from(wanted))
    })
}

fn code_unit(digits: [u8; 4]) -> Option<u32> {
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// What all of `serde_json`'s private keys begin with.
const PRIVATE_PREFIX: &str = "$serde_json::private::";

#[cfg(any(test, feature = "hostile"))]
pub mod hostile;
#[cfg(test)]
mod tests;
