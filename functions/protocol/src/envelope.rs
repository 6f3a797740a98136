//! The frame of every answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ErrorCode;

/// `{"success":true,"data":…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success<T> {
    /// Always true.
    pub success: bool,
    /// What was asked for.
    pub data: T,
}

/// `{"success":false,"error":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// Always false.
    pub success: bool,
    /// Why.
    pub error: ErrorBody,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// For a program: stable.
    pub code: ErrorCode,
    /// For a person: in Spanish.
    pub message: String,
    /// What more there is to say, by code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub details: Option<Value>,
}

impl<T> Success<T> {
    /// Frames `data`.
    pub fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

impl Failure {
    /// Frames `code` with its own message.
    pub fn new(code: ErrorCode, details: Option<Value>) -> Self {
        Self { success: false, error: ErrorBody { code, message: code.message().into(), details } }
    }
}
