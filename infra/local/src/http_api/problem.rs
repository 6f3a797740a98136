//! Answers that no function gave, in the project's envelope.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use protocol::{ErrorCode, Failure};

/// `{"success":false,"error":{"code","message"}}` with the code's own status.
pub(crate) fn problem(code: ErrorCode) -> Response<Body> {
    let body = serde_json::to_vec(&Failure::new(code, None))
        .expect("an error code and its message are always JSON");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Says which methods a path has.
pub(super) fn allow(response: &mut Response<Body>, methods: &[Method]) {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
}
