//! The template's HTTP API: finds the route, makes the function's event (payload format 2.0),
//! makes a response of its answer.
//!
//! Where API Gateway would answer by itself (`{"message":"Not Found"}`), this answers in the
//! project's own envelope: bad input always gets a stable code.

mod event;
mod problem;
mod response;
mod routes;

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Response, header};
use bytes::Bytes;
use protocol::ErrorCode;

pub(crate) use problem::problem;
pub(crate) use routes::{RouteError, Routes};

use crate::runtime::{Host, InvokeError};
use routes::Found;

/// A request as the gateway gets it: without the edge's `/api`.
#[derive(Debug)]
pub(crate) struct GatewayRequest {
    /// Its method.
    pub(crate) method: Method,
    /// Its path, percent-encoded as it came.
    pub(crate) path: String,
    /// What stands after the `?`, as it came.
    pub(crate) query: String,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its whole body.
    pub(crate) body: Bytes,
    /// Who asks.
    pub(crate) source: IpAddr,
}

/// The gateway: routes, and the functions behind them.
#[derive(Debug, Clone)]
pub(crate) struct HttpApi {
    routes: std::sync::Arc<Routes>,
    host: Host,
}

impl HttpApi {
    /// Puts `routes` before the functions of `host`.
    pub(crate) fn new(routes: Routes, host: Host) -> Self {
        Self { routes: std::sync::Arc::new(routes), host }
    }

    /// Answers `request`.
    pub(crate) async fn answer(&self, request: GatewayRequest) -> Response<Body> {
        match self.routes.find(&request.method, &request.path) {
            Found::Route(route, parameters) => {
                let event = event::event(route, &parameters, &request);
                let invocation = self.host.invoke(&route.function, event);
                match tokio::time::timeout(route.timeout, invocation).await {
                    Ok(Ok(answer)) => response::response(&route.function, &answer.body),
                    Ok(Err(error)) => failed(&route.function, &error),
                    Err(_) => problem(ErrorCode::Unavailable),
                }
            }
            Found::OtherMethods(allowed) if request.method == Method::OPTIONS => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = axum::http::StatusCode::NO_CONTENT;
                problem::allow(&mut response, &allowed);
                response
            }
            Found::OtherMethods(allowed) => {
                let mut response = problem(ErrorCode::MethodNotAllowed);
                problem::allow(&mut response, &allowed);
                response
            }
            Found::Nothing => problem(ErrorCode::RouteNotFound),
        }
    }
}

fn failed(function: &str, error: &InvokeError) -> Response<Body> {
    let code = match error {
        InvokeError::EventTooLarge(_) => ErrorCode::PayloadTooLarge,
        InvokeError::TimedOut
        | InvokeError::NotStarted(_)
        | InvokeError::NotTaken
        | InvokeError::Busy => ErrorCode::Unavailable,
        InvokeError::Function(_) | InvokeError::Crashed(_) | InvokeError::Unknown(_) => {
            ErrorCode::Internal
        }
    };
    crate::console::line(&format!("{function}: {error}"));
    problem(code)
}

/// What API Gateway takes of a body at most.
pub(crate) const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Never passed on: they belong to one connection.
const HOP_BY_HOP: [header::HeaderName; 4] =
    [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE, header::TE];
