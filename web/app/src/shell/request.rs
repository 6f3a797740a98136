//! Requests to our own origin.

use engine::{Answer, Method, TransportFault};
use gloo_net::http::{Request, RequestBuilder};
use web_sys::{AbortSignal, RequestCache};

/// What goes out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a str,
    /// Below `/api`.
    pub(crate) path: &'a str,
    /// JSON.
    pub(crate) body: Option<&'a str>,
    /// The bearer of the account that the request is for.
    pub(crate) token: Option<&'a str>,
    /// The operation id of a write that goes online only.
    pub(crate) idempotency: Option<&'a str>,
}

/// What came back.
pub(crate) type Received = Result<Answer, TransportFault>;

/// Sends a request. Nothing is kept by the browser's own cache: it does not know whose a page is.
pub(crate) async fn fetch(outgoing: Outgoing<'_>, signal: Option<&AbortSignal>) -> Received {
    let url = format!("/api{}", outgoing.path);
    let mut request = RequestBuilder::new(&url)
        .method(outgoing.method.parse().unwrap_or(gloo_net::http::Method::GET))
        .cache(RequestCache::NoStore)
        .header("x-avileo-client", env!("CARGO_PKG_VERSION"))
        .abort_signal(signal);
    if let Some(token) = outgoing.token {
        request = request.header("authorization", &format!("Bearer {token}"));
    }
    if let Some(id) = outgoing.idempotency {
        request = request.header("idempotency-key", id);
    }
    match outgoing.body {
        Some(body) => send(request.header("content-type", "application/json").body(body)).await,
        None => send(request.build()).await,
    }
}

async fn send(request: Result<Request, gloo_net::Error>) -> Received {
    let response = match request {
        Ok(request) => request.send().await.map_err(|_| TransportFault::Network)?,
        Err(_) => return Err(TransportFault::Network),
    };
    // A body that breaks off half-way is no answer.
    let body = response.text().await.map_err(|_| TransportFault::Network)?;
    let headers = response.headers();
    Ok(Answer {
        status: response.status(),
        body,
        date: headers.get("date"),
        retry_after: headers.get("retry-after"),
    })
}

/// The method as HTTP writes it.
pub(super) fn written(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}
