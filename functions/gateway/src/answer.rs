//! An answer in the envelope: `{"success":true,"data":…}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::Success;
use serde::Serialize;

use crate::ApiError;

/// What a route answers when it succeeds.
///
/// ```
/// # use gateway::Answer;
/// # use axum::response::IntoResponse;
/// let response = Answer::created(serde_json::json!({"id": "7f1e"})).into_response();
/// assert_eq!(response.status(), 201);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    status: StatusCode,
    data: T,
}

impl<T> Answer<T> {
    /// 200.
    pub fn ok(data: T) -> Self {
        Self { status: StatusCode::OK, data }
    }

    /// 201.
    pub fn created(data: T) -> Self {
        Self { status: StatusCode::CREATED, data }
    }

    /// What is answered.
    pub fn data(&self) -> &T {
        &self.data
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&Success::new(self.data)) {
            Ok(body) => {
                let json = HeaderValue::from_static("application/json");
                (self.status, [(header::CONTENT_TYPE, json)], body).into_response()
            }
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}
