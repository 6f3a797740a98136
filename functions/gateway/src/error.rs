//! Why a request fails: a code for the client, a source for the log.

use std::error::Error;
use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use protocol::{ErrorBody, ErrorCode, Failure};
use serde_json::Value;
use store::push::PushError;
use store::tables::{RetryKind, StoreError};

use crate::request_line::FailedWith;

/// Why a request fails. The client is told code, message and details; the source goes to the log
/// and nowhere else.
///
/// ```
/// # use gateway::ApiError;
/// # use protocol::ErrorCode;
/// let error = ApiError::new(ErrorCode::TooManyAttempts).retry_after(17);
/// assert_eq!(error.code(), ErrorCode::TooManyAttempts);
/// ```
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    message: Option<String>,
    details: Option<Value>,
    retry_after_seconds: Option<u64>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// A failure with the code's own message.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, message: None, details: None, retry_after_seconds: None, source: None }
    }

    /// Our own fault: answered as `internal`, logged with its source.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::Internal).caused_by(source)
    }

    /// Something that we need does not answer: sending it again later may help.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::Unavailable).retry_after(RETRY_AFTER_SECONDS).caused_by(source)
    }

    /// Says more than the code's own message, in Spanish.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Says more to a program.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Asks for a pause before the next attempt.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Keeps what brought it about, for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the client is told.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    fn log(&self) {
        let Some(source) = &self.source else { return };
        let mut causes = source.to_string();
        let mut next = source.source();
        while let Some(cause) = next {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            next = cause.source();
        }
        tracing::error!(code = self.code.as_str(), error = %causes, "request failed");
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self { message: refusal.message, ..Self::new(refusal.code) }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error.retry_kind() {
            RetryKind::Permanent => Self::internal(error),
            RetryKind::Transient | RetryKind::Reread => Self::unavailable(error),
        }
    }
}

impl From<PushError> for ApiError {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Sender(refused) => refused.code.into(),
            PushError::Store(error) => error.into(),
            PushError::Foreign(foreign) => Self::internal(foreign),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let message = self.message.unwrap_or_else(|| self.code.message().to_owned());
        let error = ErrorBody { code: self.code, message, details: self.details };
        let status = StatusCode::from_u16(self.code.status())
            .expect("the table of codes has only statuses that exist");
        let body = serde_json::to_string(&Failure { success: false, error })
            .expect("text and JSON values can always be written");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (status, headers, body).into_response();
        response.extensions_mut().insert(FailedWith(self.code));
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The pause asked for when something does not answer.
const RETRY_AFTER_SECONDS: u64 = 1;
