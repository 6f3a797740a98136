//! From routes to a Lambda function.

use std::any::Any;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use lambda_http::Error;
use lambda_http::tower::ServiceExt;
use protocol::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{ApiError, Gate, client, path};

/// Log lines to standard output, as Lambda's log settings want them (`AWS_LAMBDA_LOG_FORMAT`,
/// `AWS_LAMBDA_LOG_LEVEL`). Once, first thing in `main`.
pub fn start_tracing() {
    lambda_http::tracing::init_default_subscriber();
}

/// Answers requests with `routes` until the sandbox ends.
///
/// # Errors
/// What the Lambda runtime cannot go on from.
pub async fn run(routes: Router, gate: &Gate) -> Result<(), Error> {
    lambda_http::run(finish(routes, gate).map_request(path::restore)).await
}

/// `routes` with everything around them: an answer in the envelope for an unknown path, a wrong
/// method and a panic; `client_too_old`; `cache-control: no-store` where a route says nothing else;
/// and that JSON is JSON, whatever a browser would rather see in it.
pub fn finish(routes: Router, gate: &Gate) -> Router {
    let minimum = gate.client_minimum();
    let check_client = move |request: Request, next: Next| async move {
        match client::check(request.headers(), minimum) {
            Ok(()) => next.run(request).await,
            Err(error) => error.into_response(),
        }
    };
    routes
        .fallback(async || ApiError::new(ErrorCode::RouteNotFound))
        .method_not_allowed_fallback(async || ApiError::new(ErrorCode::MethodNotAllowed))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(check_client))
        .layer(middleware::map_response(forbid_storing_and_sniffing))
}

// The layer hands over ownership.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    ApiError::internal(format!("panic: {text}")).into_response()
}

/// Answers carry tokens and customers' data: none is kept unless its route says so. They carry what
/// people have typed, too: none is taken for a page or a script.
async fn forbid_storing_and_sniffing(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
