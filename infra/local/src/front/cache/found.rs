//! How an answer came about: what `x-cache` says of it.

use axum::http::{HeaderValue, StatusCode};

/// How an answer came about: the header `x-cache`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::front) enum Found {
    Hit,
    Miss,
    RefreshHit,
    Error,
}

impl Found {
    /// Its value in the header.
    pub(in crate::front) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Hit => "Hit",
            Self::Miss => "Miss",
            Self::RefreshHit => "RefreshHit",
            Self::Error => "Error",
        })
    }

    /// Of an answer that did not come from the cache.
    pub(in crate::front) fn uncached(status: StatusCode) -> Self {
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error { Self::Error } else { Self::Miss }
    }
}
