//! What a person recognises a device by: the browser's own description.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

/// `User-Agent`, cut to a bearable length; shown in the list of sessions, trusted for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let text = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        Ok(Self(text.map(|text| text.chars().take(DEVICE_CHARS_MAX).collect())))
    }
}

const DEVICE_CHARS_MAX: usize = 200;
