//! The two headers by which the edge tells the origin whose feed is asked for, and what else a
//! client may not say in the edge's place.

use axum::http::{HeaderMap, HeaderValue};
use protocol::ErrorCode;

use super::token::Claims;

/// Deletes what a client said about its tenant or its address, in any spelling (`X_Avileo_Business` too: some
/// servers read `_` as `-`).
pub(super) fn forget(headers: &mut HeaderMap) {
    let spelled: Vec<_> = headers
        .keys()
        .filter(|name| {
            let name = name.as_str().replace('_', "-");
            [BUSINESS, TOKEN, ADDRESS].contains(&name.as_str())
        })
        .cloned()
        .collect();
    for name in spelled {
        headers.remove(name);
    }
}

/// Sets both from a token that was checked.
///
/// # Errors
///
/// When its business cannot stand in a header.
pub(super) fn set(headers: &mut HeaderMap, claims: &Claims) -> Result<(), ErrorCode> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| ErrorCode::InvalidToken);
    headers.insert(BUSINESS, value(&claims.business)?);
    headers.insert(TOKEN, value(&claims.token)?);
    Ok(())
}

const BUSINESS: &str = "x-avileo-business";
const TOKEN: &str = "x-avileo-token";

/// By which wrong passwords are counted: whoever chose his own would never be stopped.
const ADDRESS: &str = "x-avileo-address";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_client_s_own_header_gets_through() {
        let mut headers = HeaderMap::new();
        for name in [
            "X-Avileo-Business",
            "x_avileo_business",
            "x-avileo_token",
            "X-AVILEO-TOKEN",
            "X-Avileo-Address",
            "x_avileo_address",
        ] {
            let name: axum::http::HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_static("other"));
        }
        headers.insert("x-avileo-client", HeaderValue::from_static("1"));
        forget(&mut headers);
        assert_eq!(headers.len(), 1);
    }
}
