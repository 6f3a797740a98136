//! What of a viewer's request reaches the origin, and what of it is the cache's key: both as the
//! behaviour's policies say.

use axum::http::{HeaderMap, HeaderValue, header};

use super::compress::Accepted;
use super::function::{ViewerRequest, query_pairs};
use crate::template::{Behaviour, Headers, QueryStrings};

/// Requests with equal keys get the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    path: String,
    query: String,
    headers: Vec<(String, Vec<Vec<u8>>)>,
    accepted: Accepted,
}

impl Key {
    /// The key of `request`: its path, and the parameters and headers that the policy names.
    pub(super) fn of(request: &ViewerRequest, behaviour: &Behaviour, accepted: Accepted) -> Self {
        let rule = &behaviour.cache;
        let values = |name: &String| {
            let values = request.headers.get_all(name.as_str()).iter();
            (name.clone(), values.map(|value| value.as_bytes().to_vec()).collect())
        };
        Self {
            path: request.path.clone(),
            query: chosen(&request.query, &[&rule.query]),
            headers: rule.headers.iter().map(values).collect(),
            accepted,
        }
    }

    /// What it takes of memory, roughly.
    pub(super) fn bytes(&self) -> usize {
        let headers = self.headers.iter().flat_map(|(_, values)| values);
        self.path.len() + self.query.len() + headers.map(Vec::len).sum::<usize>()
    }
}

/// `request` as the origin gets it: what the key has, and what the origin request policy adds.
pub(super) fn to_origin(
    request: &ViewerRequest,
    behaviour: &Behaviour,
    accepted: Accepted,
) -> ViewerRequest {
    let (rule, forward) = (&behaviour.cache, &behaviour.forward);
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let text = name.as_str();
        let goes = rule.headers.iter().any(|keyed| keyed == text)
            || match (&forward.headers, name == header::COOKIE) {
                (_, true) => forward.cookies,
                (Headers::Some(names), false) => names.iter().any(|named| named == text),
                (Headers::AllExcept(names), false) => names.iter().all(|named| named != text),
            };
        if goes {
            headers.append(name.clone(), value.clone());
        }
    }
    if rule.keeps() {
        headers.remove(header::ACCEPT_ENCODING);
        if let Some(normal) = accepted.header() {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(normal));
        }
    }
    for (name, value) in &behaviour.origin_headers {
        headers.insert(name.clone(), value.clone());
    }
    let query = chosen(&request.query, &[&rule.query, &forward.query]);
    ViewerRequest { query, headers, ..request.clone() }
}

/// The parameters that one of `wanted` names, in the order in which they came.
fn chosen(query: &str, wanted: &[&QueryStrings]) -> String {
    if wanted.iter().any(|wanted| **wanted == QueryStrings::All) {
        return query.to_owned();
    }
    let is_wanted = |name: &String| {
        wanted.iter().any(|w| matches!(w, QueryStrings::Some(names) if names.contains(name)))
    };
    let kept = query_pairs(query).into_iter().filter(|(name, _)| is_wanted(name));
    kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
