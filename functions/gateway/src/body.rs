//! JSON bodies, read with our own errors and bounds.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use protocol::{ErrorCode, json};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::ApiError;

/// More than any valid request has: 50 operations of at most 32 KB each, with room to spare, and
/// below the 6 MB that Lambda takes.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A request's body as `T`, whatever its content type says.
///
/// Not JSON (or not UTF-8, nested deeper than [`json::DEPTH_MAX`], or with a key that is private to
/// the reader): `invalid_json`. JSON of another form: `invalid_request` with `details.path` and `details.problem`. Longer than
/// [`BODY_BYTES_MAX`]: `payload_too_large`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        read(request.into_body()).await.map(Self)
    }
}

async fn read<T: DeserializeOwned>(body: Body) -> Result<T, ApiError> {
    // A Lambda event is whole: the only way to fail here is to be too long.
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| ErrorCode::PayloadTooLarge)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| ErrorCode::InvalidJson)?;
    parse(text)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let mut reader = json::reader(text).map_err(|_| ErrorCode::InvalidJson)?;
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        malformed(text, &path, error.inner())
    })?;
    reader.end().map_err(|_| ErrorCode::InvalidJson)?;
    // Serde reads a list as a struct's fields in order; no message of ours is written so.
    if text.trim_start().starts_with('[') {
        return Err(wrong_form(".", "expected an object"));
    }
    Ok(value)
}

fn malformed(text: &str, path: &str, error: &serde_json::Error) -> ApiError {
    // Reading stops at the first wrong type; what follows may still be no JSON. The error itself
    // does not say: null where an enum is expected counts as bad syntax.
    let is_json = json::from_str::<Value>(text).is_ok();
    if is_json { wrong_form(path, &error.to_string()) } else { ErrorCode::InvalidJson.into() }
}

fn wrong_form(path: &str, problem: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest)
        .with_details(json!({ "path": path, "problem": problem }))
}

#[cfg(test)]
mod tests {
    use protocol::json::hostile::{PRIVATE_KEYS, nested};
    use protocol::{BatchRequest, LoginRequest, TeamMemberRequest};

    use super::*;

    async fn code_of<T: DeserializeOwned + std::fmt::Debug>(bytes: impl Into<Body>) -> ErrorCode {
        read::<T>(bytes.into()).await.unwrap_err().code()
    }

    #[tokio::test]
    async fn a_body_that_is_no_json_is_invalid_json() {
        for text in ["", "hola", "{", "{\"email\":\"a\",}", "{} {}", "\u{feff}{}", "[1"] {
            assert_eq!(code_of::<LoginRequest>(text).await, ErrorCode::InvalidJson, "{text:?}");
        }
        assert_eq!(code_of::<LoginRequest>(vec![b'"', 0xff, b'"']).await, ErrorCode::InvalidJson);
    }

    #[tokio::test]
    async fn a_body_of_another_form_names_the_field() {
        let error = read::<LoginRequest>(r#"{"email":7,"password":"x"}"#.into()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest);
        assert!(format!("{error:?}").contains("email"), "{error:?}");
        for text in ["null", "3", "[]", r#"["a","b"]"#, r#"{"email":"a"}"#, "{\"email\":null}"] {
            assert_eq!(code_of::<LoginRequest>(text).await, ErrorCode::InvalidRequest, "{text}");
        }
    }

    #[tokio::test]
    async fn a_word_that_is_none_of_the_known_is_of_another_form() {
        for role in ["null", "7", "[]", "{}", "\"OWNER\""] {
            let body = format!(
                r#"{{"name":"Ana","email":"a@x.pe","password":"clave-segura","role":{role}}}"#
            );
            let code = code_of::<TeamMemberRequest>(body).await;
            assert_eq!(code, ErrorCode::InvalidRequest, "{role}");
        }
    }

    #[tokio::test]
    async fn deep_nesting_is_refused_without_a_panic() {
        let deep = format!("{{\"operations\":[{}1{}]}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(code_of::<BatchRequest>(deep).await, ErrorCode::InvalidJson);
    }

    #[tokio::test]
    async fn private_keys_of_the_reader_are_refused_at_any_length() {
        let sizes = |key| [(key, 52 * 1024), (key, BODY_BYTES_MAX - 100)];
        for (key, bytes) in PRIVATE_KEYS.into_iter().flat_map(sizes) {
            let value = nested(key, bytes);
            // Where the form is wrong before it, where it is of the form, and where it is skipped.
            for body in [
                format!(r#"{{"email":7,"x":{value}}}"#),
                format!(r#"{{"operations":[{{"payload":{value}}}]}}"#),
                format!(r#"{{"operations":[],"x":{value}}}"#),
            ] {
                assert_eq!(code_of::<LoginRequest>(body.clone()).await, ErrorCode::InvalidJson);
                assert_eq!(code_of::<BatchRequest>(body).await, ErrorCode::InvalidJson);
            }
        }
    }

    #[tokio::test]
    async fn a_number_is_not_written_as_an_object() {
        for key in PRIVATE_KEYS {
            let body =
                format!(r#"{{"operations":[{{"payload":{{"amount":{{"{key}":"5.00"}}}}}}]}}"#);
            assert_eq!(code_of::<BatchRequest>(body).await, ErrorCode::InvalidJson, "{key}");
        }
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_refused_before_it_is_read() {
        let long = format!("{{\"operations\":[\"{}\"]}}", "a".repeat(BODY_BYTES_MAX));
        assert_eq!(code_of::<BatchRequest>(long).await, ErrorCode::PayloadTooLarge);
    }

    #[tokio::test]
    async fn numbers_keep_their_digits() {
        let body = r#"{"operations":[{"payload":{"total":84.10}}]}"#;
        let JsonBody(batch) = JsonBody(read::<BatchRequest>(body.into()).await.unwrap());
        assert_eq!(batch.operations[0]["payload"]["total"].to_string(), "84.10");
    }
}
