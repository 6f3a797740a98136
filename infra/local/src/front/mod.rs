//! The edge of one machine: one origin for the pages and, under `/api`, for the HTTP API.
//!
//! It stands where CloudFront stands in the cloud, and does on the feed what the CloudFront
//! function does there: checks the token, sets the two headers that name the tenant
//! ([`Tenant`](tenant)). The rest of the program knows only [`serve`], so the template's own
//! function and caches can take this module's place.

mod pages;
mod tenant;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use protocol::ErrorCode;

pub(crate) use pages::Pages;

use crate::console;
use crate::http_api::{BODY_BYTES_MAX, GatewayRequest, HttpApi, problem};
use crate::secrets::SigningKeys;

/// What the front needs.
#[derive(Debug)]
pub(crate) struct Front {
    /// Behind `/api`.
    pub(crate) api: HttpApi,
    /// Everything else.
    pub(crate) pages: Pages,
    /// Checks the feed's tokens.
    pub(crate) keys: SigningKeys,
}

/// Serves until the task is aborted.
pub(crate) async fn serve(front: Front, listener: tokio::net::TcpListener) {
    let routes = Router::new().fallback(answer).with_state(Arc::new(front));
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service).await {
        console::line(&format!("front: {error}"));
    }
}

async fn answer(
    State(front): State<Arc<Front>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let response = match api_path(&path) {
        Some(inner) => front.call(inner.into(), caller, request).await,
        None => front.pages.answer(&method, &path).await,
    };
    let bytes = response.body().size_hint().exact().unwrap_or(0);
    console::line(&format!(
        "{method} {path} {} {} ms {bytes} bytes",
        response.status().as_u16(),
        started.elapsed().as_millis(),
    ));
    response
}

impl Front {
    async fn call(&self, path: String, caller: SocketAddr, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = match read(body).await {
            Ok(body) => body,
            Err(code) => return problem(code),
        };
        let mut headers = parts.headers;
        if let Err(code) = self.admit(&parts.method, &path, &mut headers) {
            return problem(code);
        }
        let request = GatewayRequest {
            method: parts.method,
            path,
            query: parts.uri.query().unwrap_or_default().into(),
            headers,
            body,
            source: caller.ip(),
        };
        self.api.answer(request).await
    }

    /// What the CloudFront function does: nobody but the edge says who the tenant is.
    fn admit(&self, method: &Method, path: &str, headers: &mut HeaderMap) -> Result<(), ErrorCode> {
        tenant::forget(headers);
        if path == FEED && matches!(*method, Method::GET | Method::HEAD) {
            let claims = token::check(headers, &self.keys, now_s())?;
            tenant::set(headers, &claims)?;
        }
        Ok(())
    }
}

/// `/api/sync/changes` is the API's `/sync/changes`.
fn api_path(path: &str) -> Option<&str> {
    match path.strip_prefix("/api") {
        Some("") => Some("/"),
        Some(inner) if inner.starts_with('/') => Some(inner),
        _ => None,
    }
}

/// The whole body. Of one that is too large the rest is still taken in (with a bound), so that the
/// client reads the answer instead of a broken connection.
///
/// # Errors
///
/// When it is too large, or breaks off: half a body is none.
async fn read(mut body: Body) -> Result<Bytes, ErrorCode> {
    let mut kept = BytesMut::new();
    let mut taken = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ErrorCode::InvalidRequest)?;
        if let Ok(data) = frame.into_data() {
            taken += data.len();
            if taken <= BODY_BYTES_MAX {
                kept.extend_from_slice(&data);
            }
        }
        if taken > DRAINED_BYTES_MAX {
            break;
        }
    }
    if taken <= BODY_BYTES_MAX { Ok(kept.freeze()) } else { Err(ErrorCode::PayloadTooLarge) }
}

fn now_s() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

/// The one path that the edge shares between phones.
const FEED: &str = "/sync/changes";

/// How much of a body that is too large is still taken in.
const DRAINED_BYTES_MAX: usize = 8 * BODY_BYTES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_are_the_api() {
        assert_eq!(api_path("/api/health"), Some("/health"));
        assert_eq!(api_path("/api"), Some("/"));
        assert_eq!(api_path("/apis"), None);
        assert_eq!(api_path("/"), None);
    }
}
