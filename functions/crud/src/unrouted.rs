//! Requests that no route of the template takes: API Gateway's `$default` brings them here, so that
//! an unknown path and a wrong method are answered in our envelope in the cloud too.
//!
//! Nothing is served this way. A path in another spelling (`/heal%74h`) comes decoded, and would
//! otherwise find a route that the gateway did not choose.

use std::collections::BTreeSet;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gateway::ApiError;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use protocol::ErrorCode;

use crate::openapi;

/// Lets through what the gateway has a route for.
pub(crate) async fn refuse_unrouted(request: Request, next: Next) -> Response {
    if is_unrouted(&request) {
        answer(request.method(), request.raw_http_path())
    } else {
        next.run(request).await
    }
}

fn is_unrouted(request: &Request) -> bool {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return false;
    };
    context.route_key.as_deref() == Some("$default")
}

fn answer(method: &Method, path: &str) -> Response {
    let allowed = methods_of(path);
    // With a method that is there, only the path's spelling was wrong.
    if allowed.is_empty() || allowed.contains(method.as_str()) {
        return ApiError::new(ErrorCode::RouteNotFound).into_response();
    }
    let mut response = match *method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => ApiError::new(ErrorCode::MethodNotAllowed).into_response(),
    };
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The methods that a path has, of whichever function.
fn methods_of(path: &str) -> BTreeSet<String> {
    let routes = openapi::routes();
    let on_path = routes.iter().filter(|route| is_like(&route.path, path));
    on_path.map(|route| route.method.to_uppercase()).collect()
}

fn is_like(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fits = template.split('/').all(|segment| {
        let part = parts.next();
        if segment.starts_with('{') {
            part.is_some_and(|part| !part.is_empty())
        } else {
            part == Some(segment)
        }
    });
    fits && parts.next().is_none()
}
