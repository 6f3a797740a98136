//! The edge itself: what becomes of a viewer's request, from its path to its answer.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::{HeaderValue, Method, Response, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use protocol::ErrorCode;

use super::cache::{Asked, Cache, Clock, Found};
use super::compress::Accepted;
use super::forward::{self, Key};
use super::function::{EdgeFunction, FunctionError, KeyStore, Verdict, ViewerRequest};
use crate::console;
use crate::http_api::problem;
use crate::template::{Behaviour, Distribution, Origin};

/// Where answers come from that the edge does not have.
pub(super) trait Origins: Sync {
    /// The answer of `origin` to `request`.
    fn fetch(
        &self,
        origin: &Origin,
        request: ViewerRequest,
        body: Bytes,
    ) -> impl Future<Output = Response<Bytes>> + Send;
}

/// The template's distribution, with its functions loaded and an empty cache.
pub(super) struct Edge {
    distribution: Distribution,
    /// By the file that the template names.
    functions: BTreeMap<String, EdgeFunction>,
    cache: Cache,
}

/// Why there is no edge.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrontError {
    /// The template has none.
    #[error("the template has no CloudFront distribution, which is what pages and API are behind")]
    NoDistribution,
    /// The file of a function cannot be read.
    #[error("the edge's function {path}: {source}")]
    NoSource {
        /// As the template says, beside the template.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// CloudFront would not take the function.
    #[error("the edge's function {path} has {bytes} bytes, CloudFront takes {FUNCTION_BYTES_MAX}")]
    TooLarge {
        /// As the template says, beside the template.
        path: String,
        /// How large it is.
        bytes: usize,
    },
    /// A function does not load.
    #[error(transparent)]
    Function(#[from] FunctionError),
}

impl Edge {
    /// The edge that `distribution` describes; its functions' files stand beside the template, in
    /// `folder`.
    ///
    /// # Errors
    ///
    /// [`FrontError`].
    pub(super) fn new(
        distribution: Option<Distribution>,
        folder: &Path,
        keys: &KeyStore,
        clock: Clock,
    ) -> Result<Self, FrontError> {
        let distribution = distribution.ok_or(FrontError::NoDistribution)?;
        let mut functions = BTreeMap::new();
        for path in distribution.behaviours.iter().filter_map(|known| known.function.as_ref()) {
            if !functions.contains_key(path) {
                let source = std::fs::read_to_string(folder.join(path))
                    .map_err(|source| FrontError::NoSource { path: path.clone(), source })?;
                if source.len() > FUNCTION_BYTES_MAX {
                    return Err(FrontError::TooLarge { path: path.clone(), bytes: source.len() });
                }
                functions.insert(path.clone(), EdgeFunction::start(source, keys.clone())?);
            }
        }
        Ok(Self { distribution, functions, cache: Cache::new(clock) })
    }

    /// Answers `request`; nobody reaches cache or origin who has not passed the function.
    pub(super) async fn answer(
        &self,
        mut request: ViewerRequest,
        body: Bytes,
        origins: &impl Origins,
    ) -> (Response<Bytes>, Found) {
        let Some(behaviour) = self.distribution.behaviour(&request.path) else {
            return refused(ErrorCode::RouteNotFound).await;
        };
        if !behaviour.methods.iter().any(|method| method == request.method.as_str()) {
            let (mut response, found) = refused(ErrorCode::MethodNotAllowed).await;
            if let Ok(allowed) = HeaderValue::from_str(&behaviour.methods.join(", ")) {
                response.headers_mut().insert(header::ALLOW, allowed);
            }
            return (response, found);
        }
        if let Some(function) = behaviour.function.as_ref().map(|path| &self.functions[path]) {
            request = match function.decide(request).await {
                Ok(Verdict::Forward(request)) => request,
                Ok(Verdict::Answer(response)) => {
                    let found = Found::uncached(response.status());
                    return (response, found);
                }
                Err(problem) => {
                    console::line(&problem.to_string());
                    return refused(ErrorCode::Unavailable).await;
                }
            };
        }
        let (mut response, found) = self.find(behaviour, &request, body, origins).await;
        // As CloudFront does: to what cache and origin answer, kept or not; an answer of the
        // function's own goes as it is.
        behaviour.response_headers.add_to(response.headers_mut());
        (response, found)
    }

    async fn find(
        &self,
        behaviour: &Behaviour,
        request: &ViewerRequest,
        body: Bytes,
        origins: &impl Origins,
    ) -> (Response<Bytes>, Found) {
        let rule = &behaviour.cache;
        let accepted = Accepted::of(&request.headers, rule);
        let accepted = if behaviour.compress { accepted } else { Accepted::default() };
        let mut to_origin = forward::to_origin(request, behaviour, accepted);
        if !rule.keeps() || !matches!(request.method, Method::GET | Method::HEAD) {
            let response = origins.fetch(&behaviour.origin, to_origin, body).await;
            let found = Found::uncached(response.status());
            return (response, found);
        }
        // One entry serves both: a HEAD is answered with the head of the page.
        to_origin.method = Method::GET;
        let key = Key::of(request, behaviour, accepted);
        let asked = Asked { key, rule, accepted, headers: &request.headers };
        let fetch = |tag: Option<HeaderValue>| {
            let mut request = to_origin.clone();
            if let Some(tag) = tag {
                request.headers.insert(header::IF_NONE_MATCH, tag);
            }
            origins.fetch(&behaviour.origin, request, Bytes::new())
        };
        self.cache.answer(&asked, fetch).await
    }
}

async fn refused(code: ErrorCode) -> (Response<Bytes>, Found) {
    let (parts, body) = problem(code).into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    (Response::from_parts(parts, body), Found::Error)
}

/// CloudFront's own bound for a function's code.
const FUNCTION_BYTES_MAX: usize = 10_240;
