//! A write that waits for its answer: one operation, pushed like a phone's.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Channel;
use gateway::{Answer, ApiError, Claims, Parts, note_operation, note_results};
use protocol::{Action, ErrorCode, Operation, OperationResult, OperationStatus, Role, UserId};
use serde_json::{Value, json};
use store::closing;
use store::push::{Sender, push};
use store::reading::read_items;
use store::tables::{Surroundings, Tables};

/// What a write gives: the record, its version as `ETag`; 201 where it has been made now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    status: StatusCode,
    result: OperationResult,
}

/// Pushes `operation` in the name of `claims`.
///
/// # Errors
/// The operation's own code where it was refused, blocked, or could not be settled.
pub(crate) async fn write<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    operation: Operation,
) -> Result<Written, ApiError> {
    note_operation(&operation);
    let action = operation.action;
    let sender = claims.sender();
    let (tables, surroundings) = (&*parts.tables, &*parts.surroundings);
    let results = push(tables, surroundings, &sender, Channel::Online, &[Ok(operation)]).await?;
    let result = results.into_iter().next();
    let result = result.ok_or_else(|| ApiError::internal("a push without a result"))?;
    written(action, result)
}

/// As [`write`], once it is known that the seller is of the business, active or not.
///
/// A phone offers nobody else, and what it has in its queue is decided without this question: a load
/// for nobody is seen by the administrator and deleted, while one that is refused could be one that
/// was driven. Whoever types an id by hand is told at once.
///
/// # Errors
/// `invalid_field` where he is not.
pub(crate) async fn assign<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    operation: Operation,
) -> Result<Written, ApiError> {
    let seller = operation.payload.get(SELLER).and_then(Value::as_str);
    let seller: Option<UserId> = seller.and_then(|id| id.parse().ok());
    // Of a field that is none, and of who may not assign, the push says so.
    if let Some(user) = seller.filter(|_| claims.role == Role::AdminNegocio) {
        let sender = claims.sender();
        let key = Sender { user, ..sender.clone() }.key();
        let keys = sender.keys().chain([key.clone()]);
        let found = read_items(&*parts.tables, &*parts.surroundings, keys).await?;
        let caller = sender.caller(&found, Channel::Online, parts.surroundings.now());
        caller.map_err(|refused| ApiError::new(refused.code))?;
        if !found.contains_key(&key) {
            return Err(ApiError::new(ErrorCode::InvalidField)
                .with_message("El vendedor no es de este negocio.")
                .with_details(json!({ "path": SELLER, "problem": "no user of the business" })));
        }
    }
    write(parts, claims, operation).await
}

/// Has the day counted and closed that `operation` names, in the name of `claims`.
///
/// # Errors
/// As [`write`].
pub(crate) async fn close_day<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    operation: &Operation,
) -> Result<Written, ApiError> {
    note_operation(operation);
    let sender = claims.sender();
    let (tables, surroundings) = (&*parts.tables, &*parts.surroundings);
    let result = closing::close_day(tables, surroundings, &sender, operation).await?;
    written(operation.action, result)
}

fn written(action: Action, result: OperationResult) -> Result<Written, ApiError> {
    note_results([&result]);
    if !result.success {
        return Err(refusal(result));
    }
    let is_new = action == Action::Insert && result.status != OperationStatus::Duplicate;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Written { status, result })
}

fn refusal(result: OperationResult) -> ApiError {
    let code = result.code.unwrap_or(ErrorCode::Internal);
    let error = match result.error {
        Some(message) => ApiError::new(code).with_message(message),
        None => ApiError::new(code),
    };
    match result.status {
        OperationStatus::Retry => error.retry_after(RETRY_AFTER_SECONDS),
        _ => error,
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let version = self.result.version;
        let mut response = Answer::ok(self.result.record).into_response();
        if response.status() == StatusCode::OK {
            *response.status_mut() = self.status;
        }
        let tag = version.and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok());
        if let Some(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

const SELLER: &str = "vendedorId";

const RETRY_AFTER_SECONDS: u64 = 1;
