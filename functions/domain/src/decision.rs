//! What becomes of one operation: the answer, and the rows to write for it.

use protocol::{ErrorCode, FieldConflict, OperationStatus, Version};
use serde_json::Value;

use crate::{GuardKey, Row, RowKey};

/// What becomes of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How it ended.
    pub status: OperationStatus,
    /// Why it failed; on failures only.
    pub refusal: Option<Refusal>,
    /// The record's version after it, or the present one.
    pub version: Option<Version>,
    /// The record after it, on success.
    pub record: Option<Value>,
    /// Fields that lost or won against another device.
    pub conflict: Vec<FieldConflict>,
    /// Rows to write in one transaction, the receipt among them; `None` removes the row. Each is
    /// conditioned on the row as loaded. Nothing for `duplicate` and `blocked`; for `retry` at most
    /// the claim of the day that a closing will count.
    pub rows: Vec<(RowKey, Option<Row>)>,
    /// Guards that must still be as loaded when the rows are written.
    pub checks: Vec<GuardKey>,
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For a program.
    pub code: ErrorCode,
    /// For a person, in Spanish, where there is more to say than the code's own message.
    pub message: Option<String>,
}

impl Refusal {
    /// With a message that says more than the code's own.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }

    /// What a person reads.
    pub fn text(&self) -> &str {
        self.message.as_deref().unwrap_or_else(|| self.code.message())
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None }
    }
}
