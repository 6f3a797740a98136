//! Requests to our own origin.

use engine::{Answer, Method, TransportFault};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestInit, Response};

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
    let exchanged = exchange(outgoing, signal).await;
    exchanged.map_err(|_| TransportFault::Network)
}

/// A body that breaks off half-way is no answer.
async fn exchange(outgoing: Outgoing<'_>, signal: Option<&AbortSignal>) -> Result<Answer, JsValue> {
    let headers = Headers::new()?;
    headers.set("x-avileo-client", env!("CARGO_PKG_VERSION"))?;
    if let Some(token) = outgoing.token {
        headers.set("authorization", &format!("Bearer {token}"))?;
    }
    if let Some(id) = outgoing.idempotency {
        headers.set("idempotency-key", id)?;
    }
    let init = RequestInit::new();
    if let Some(body) = outgoing.body {
        headers.set("content-type", "application/json")?;
        init.set_body(&body.into());
    }
    init.set_method(outgoing.method);
    init.set_cache(RequestCache::NoStore);
    init.set_headers(&headers);
    init.set_signal(signal);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let url = format!("/api{}", outgoing.path);
    let answered = JsFuture::from(window.fetch_with_str_and_init(&url, &init)).await?;
    let response: Response = answered.dyn_into()?;
    let body = JsFuture::from(response.text()?).await?.as_string().ok_or(JsValue::NULL)?;
    let header = |name| response.headers().get(name);
    Ok(Answer {
        status: response.status(),
        body,
        date: header("date")?,
        retry_after: header("retry-after")?,
    })
}

/// The method as HTTP writes it.
pub(super) fn written(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}
