//! `x-avileo-client`: which app is asking, and whether we still understand it.

use std::str::FromStr;

use axum::http::HeaderMap;
use protocol::ErrorCode;

use crate::ApiError;

/// The header that carries a [`ClientVersion`].
pub const CLIENT_HEADER: &str = "x-avileo-client";

/// A version of the app: up to three numbers, `2.11.0`. Missing ones are zero.
///
/// ```
/// # use gateway::ClientVersion;
/// let version = |text: &str| text.parse::<ClientVersion>().unwrap();
/// assert!(version("2.9") < version("2.11.0"));
/// assert_eq!(version("2"), version("2.0.0"));
/// assert!("dos".parse::<ClientVersion>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientVersion([u32; 3]);

/// Why a text is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a client's version is up to three numbers, like 2.11.0")]
pub struct InvalidClientVersion;

impl FromStr for ClientVersion {
    type Err = InvalidClientVersion;

    fn from_str(text: &str) -> Result<Self, InvalidClientVersion> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for (place, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                    *number = part.parse().map_err(|_| InvalidClientVersion)?;
                }
                None if place > 0 => break,
                _ => return Err(InvalidClientVersion),
            }
        }
        if parts.next().is_some() { Err(InvalidClientVersion) } else { Ok(Self(numbers)) }
    }
}

/// Refuses an app older than `minimum`. One that does not say passes: curl is nobody's phone.
pub(crate) fn check(headers: &HeaderMap, minimum: Option<ClientVersion>) -> Result<(), ApiError> {
    let (Some(minimum), Some(sent)) = (minimum, headers.get(CLIENT_HEADER)) else {
        return Ok(());
    };
    // What is no version cannot be said to be new enough.
    let present = sent.to_str().ok().and_then(|text| text.parse::<ClientVersion>().ok());
    if present.is_some_and(|version| version >= minimum) {
        Ok(())
    } else {
        Err(ErrorCode::ClientTooOld.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(sent: Option<&str>, minimum: Option<&str>) -> Result<(), ErrorCode> {
        let mut headers = HeaderMap::new();
        if let Some(sent) = sent {
            headers.insert(CLIENT_HEADER, sent.parse().unwrap());
        }
        let minimum = minimum.map(|text| text.parse().unwrap());
        check(&headers, minimum).map_err(|error| error.code())
    }

    #[test]
    fn a_client_older_than_the_minimum_is_refused() {
        assert_eq!(outcome(Some("1.9.9"), Some("2.0.0")), Err(ErrorCode::ClientTooOld));
        assert_eq!(outcome(Some("muy viejo"), Some("2.0.0")), Err(ErrorCode::ClientTooOld));
        assert_eq!(outcome(Some("2.0"), Some("2.0.0")), Ok(()));
        assert_eq!(outcome(Some("10.0.0"), Some("2.0.0")), Ok(()));
    }

    #[test]
    fn who_does_not_say_passes() {
        assert_eq!(outcome(None, Some("2.0.0")), Ok(()));
        assert_eq!(outcome(Some("0.0.1"), None), Ok(()));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", ".", "1.", ".1", "1.2.3.4", "v1", "-1", "+1", "4294967296"] {
            assert_eq!(text.parse::<ClientVersion>(), Err(InvalidClientVersion), "{text:?}");
        }
    }
}
