//! `x-avileo-origin`: what the edge shows to prove that it is the edge.
//!
//! An HTTP API can be called by anyone who knows its name, past the edge and its limits. So each
//! request carries a text that only the edge and the functions know, and CloudFront puts in the
//! place of whatever a viewer sent.

use axum::http::HeaderMap;
use protocol::ErrorCode;

use crate::{ApiError, SettingError, required_setting};

/// The texts that the edge may show: at any time the present one, and while it is being changed the
/// next one too.
#[derive(Clone, PartialEq, Eq)]
pub struct OriginKeys(Vec<String>);

impl OriginKeys {
    /// From `ORIGIN_KEYS`, separated by commas.
    ///
    /// # Errors
    /// [`SettingError`] if there is none: a function that nothing tells apart from the open
    /// internet does not start.
    pub fn from_environment() -> Result<Self, SettingError> {
        Self::parse(&required_setting("ORIGIN_KEYS")?).ok_or(SettingError::Missing("ORIGIN_KEYS"))
    }

    /// From a list separated by commas; nothing if the list is empty.
    pub fn parse(text: &str) -> Option<Self> {
        let keys: Vec<String> =
            text.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// # Errors
    /// `forbidden` for a request that does not come from the edge.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let mut sent = headers.get_all(ORIGIN_HEADER).iter();
        let (Some(shown), None) = (sent.next(), sent.next()) else {
            return Err(ErrorCode::Forbidden.into());
        };
        // Every key is compared, and each to its end: time tells nothing.
        let known = self.0.iter().fold(false, |known, key| known | is_same(key, shown.as_bytes()));
        if known { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
    }
}

impl std::fmt::Debug for OriginKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OriginKeys({})", self.0.len())
    }
}

fn is_same(key: &str, shown: &[u8]) -> bool {
    key.len() == shown.len() && key.bytes().zip(shown).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

const ORIGIN_HEADER: &str = "x-avileo-origin";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_shows_one_of_the_keys_comes_from_the_edge() {
        let keys = OriginKeys::parse("one,two").unwrap();
        let outcome = |shown: &[&str]| {
            let mut headers = HeaderMap::new();
            for text in shown {
                headers.append(ORIGIN_HEADER, text.parse().unwrap());
            }
            keys.check(&headers).map_err(|error| error.code())
        };
        assert_eq!(outcome(&["one"]), Ok(()));
        assert_eq!(outcome(&["two"]), Ok(()));
        for shown in [&[][..], &[""], &["tw"], &["twoo"], &["one,two"], &["one", "one"]] {
            assert_eq!(outcome(shown), Err(ErrorCode::Forbidden), "{shown:?}");
        }
        assert!(OriginKeys::parse(",").is_none());
    }
}
