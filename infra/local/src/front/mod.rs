//! The edge of one machine: one origin for the pages and, under `/api`, for the HTTP API.
//!
//! It stands where CloudFront stands in the cloud, and is told by the same template: the path finds
//! its behaviour (`edge`), the behaviour's function (`function`) decides on the viewer's request,
//! the policies say what of it is the key and what the origin sees (`forward`), the cache (`cache`)
//! answers or asks. Nothing of routes, keys or times is written here.

mod cache;
mod compress;
mod edge;
mod forward;
mod function;
mod lan;
mod pages;
mod serve;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use protocol::ErrorCode;
use tokio::time::timeout;

pub(crate) use edge::FrontError;
pub(crate) use function::{EntryTooLong, KeyStore, Published};
pub(crate) use lan::{Lan, LanError};
pub(crate) use pages::Pages;
pub(crate) use serve::serve;

use crate::console;
use crate::http_api::{BODY_BYTES_MAX, GatewayRequest, HttpApi, problem};
use crate::template::{Distribution, Origin};
use cache::Found;
use edge::{Edge, Origins};
use function::ViewerRequest;

/// The edge with what is behind it.
pub(crate) struct Front {
    edge: Edge,
    behind: Behind,
}

struct Behind {
    api: HttpApi,
    pages: Pages,
}

impl Front {
    /// The edge that `distribution` describes; its functions' files stand beside the template, in
    /// `folder`, and read `keys`.
    ///
    /// # Errors
    ///
    /// [`FrontError`].
    pub(crate) fn new(
        distribution: Option<Distribution>,
        folder: &Path,
        keys: &KeyStore,
        api: HttpApi,
        pages: Pages,
    ) -> Result<Self, FrontError> {
        let edge = Edge::new(distribution, folder, keys, Arc::new(SystemTime::now))?;
        Ok(Self { edge, behind: Behind { api, pages } })
    }

    async fn call(&self, caller: SocketAddr, request: Request) -> (Response<Body>, Found) {
        let (parts, body) = request.into_parts();
        let body = match read(body).await {
            Ok(body) => body,
            Err(code) => return (problem(code), Found::Error),
        };
        let request = ViewerRequest {
            method: parts.method,
            path: parts.uri.path().into(),
            query: parts.uri.query().unwrap_or_default().into(),
            headers: parts.headers,
            address: caller.ip(),
        };
        let (response, found) = self.edge.answer(request, body, &self.behind).await;
        (response.map(Body::from), found)
    }
}

impl Origins for Behind {
    async fn fetch(&self, origin: &Origin, request: ViewerRequest, body: Bytes) -> Response<Bytes> {
        let response = match origin {
            Origin::Pages => self.pages.answer(&request.method, &request.path).await,
            Origin::Api(domain_name) => {
                let mut headers = request.headers;
                if let Ok(host) = HeaderValue::from_str(domain_name) {
                    headers.insert(header::HOST, host);
                }
                let (method, path, query) = (request.method, request.path, request.query);
                let source = request.address;
                self.api.answer(GatewayRequest { method, path, query, headers, body, source }).await
            }
        };
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await else {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            return response;
        };
        Response::from_parts(parts, body.to_bytes())
    }
}

async fn answer(front: Arc<Front>, caller: SocketAddr, request: Request) -> Response<Body> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let (mut response, found) = front.call(caller, request).await;
    response.headers_mut().insert("x-cache", found.header());
    let bytes = response.body().size_hint().exact().unwrap_or(0);
    console::line(&format!(
        "{method} {path} {} {found:?} {} ms {bytes} bytes",
        response.status().as_u16(),
        started.elapsed().as_millis(),
    ));
    response
}

/// The whole body. Of one that is too large the rest is still taken in (with a bound), so that the
/// client reads the answer instead of a broken connection.
///
/// # Errors
///
/// When it is too large, breaks off, or stops coming: half a body is none.
async fn read(mut body: Body) -> Result<Bytes, ErrorCode> {
    let mut kept = BytesMut::new();
    let mut taken = 0;
    let is_late = |_| ErrorCode::InvalidRequest;
    while let Some(frame) = timeout(FRAME_TIME_MAX, body.frame()).await.map_err(is_late)? {
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

/// How much of a body that is too large is still taken in.
const DRAINED_BYTES_MAX: usize = 8 * BODY_BYTES_MAX;

/// The pause within a body: a phone on a bad road sends slowly, but it sends.
const FRAME_TIME_MAX: Duration = Duration::from_secs(30);
