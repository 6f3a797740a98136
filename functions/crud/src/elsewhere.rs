//! Requests that no route of the template takes come here too, as the last resort: what is a path
//! of another function has another method there, and is told so.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use gateway::ApiError;
use protocol::ErrorCode;

use crate::openapi::OTHERS;

/// `method_not_allowed` on the paths of the other functions, with the methods that they have.
pub(crate) fn refuse<S: Clone + Send + Sync + 'static>(mut routes: Router<S>) -> Router<S> {
    for (at, route) in OTHERS.iter().enumerate() {
        if OTHERS[..at].iter().any(|earlier| earlier.path == route.path) {
            continue;
        }
        let methods = OTHERS.iter().filter(|other| other.path == route.path);
        let allowed: Vec<String> = methods.map(|other| other.method.to_uppercase()).collect();
        let allowed = allowed.join(",");
        routes = routes.route(&route.path, any(async move || refusal(&allowed)));
    }
    routes
}

fn refusal(allowed: &str) -> Response {
    let mut response = ApiError::new(ErrorCode::MethodNotAllowed).into_response();
    if let Ok(allowed) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
