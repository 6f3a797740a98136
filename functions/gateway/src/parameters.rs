//! What a URL says besides its path's fixed words.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use protocol::ErrorCode;
use serde_json::json;

use crate::ApiError;

/// The query's parameters, each given at most once: `invalid_request` names one given twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

/// The one identifier in a path, percent-decoded; `invalid_id` if it is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathId<T>(pub T);

impl Parameters {
    /// Reads the text behind `?`.
    ///
    /// # Errors
    /// `invalid_request` if a parameter is given twice.
    pub fn parse(query: &str) -> Result<Self, ApiError> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if parameters.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(ApiError::new(ErrorCode::InvalidRequest)
                    .with_details(json!({ "path": name, "problem": "given twice" })));
            }
        }
        Ok(Self(parameters))
    }

    /// The parameter of that name; an empty one is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names of all that were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The parameter of that name as `T`.
    ///
    /// # Errors
    /// `code`, with the name in its details, if it is there and is no `T`.
    pub fn read<T: FromStr>(&self, name: &str, code: ErrorCode) -> Result<Option<T>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let wrong = || ApiError::new(code).with_details(json!({ "path": name }));
        text.parse().map(Some).map_err(|_| wrong())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| ErrorCode::InvalidId)?;
        text.parse().map(Self).map_err(|_| ErrorCode::InvalidId.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_each_is_given_once() {
        let parameters = Parameters::parse("since=7.120&limit=&search=Jos%C3%A9+Q").unwrap();
        assert_eq!(parameters.get("since"), Some("7.120"));
        assert_eq!(parameters.get("limit"), Some(""));
        assert_eq!(parameters.get("search"), Some("José Q"));
        assert_eq!(parameters.get("other"), None);
        for query in ["a=1&a=1", "a=1&%61=2", "a&a"] {
            let error = Parameters::parse(query).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidRequest, "{query}");
        }
    }

    #[test]
    fn a_parameter_of_the_wrong_type_has_the_code_that_was_asked_for() {
        let parameters = Parameters::parse("limit=abc&since=1.2").unwrap();
        let error = parameters.read::<u32>("limit", ErrorCode::InvalidRequest).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest);
        let since = parameters.read::<protocol::Cursor>("since", ErrorCode::InvalidCursor).unwrap();
        assert_eq!(since.unwrap().to_string(), "1.2");
    }
}
