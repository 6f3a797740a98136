//! One answer that is kept: for how long it is good, how it is asked for again, what a viewer gets.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_cache_semantics::{AfterResponse, CacheOptions, CachePolicy};

use super::super::compress::{self, Accepted};
use crate::template::CacheRule;

/// An answer that is kept.
#[derive(Debug)]
pub(super) struct Entry {
    policy: CachePolicy,
    /// What the origin said, as it said it.
    origin: HeaderMap,
    encoding: Option<&'static str>,
    body: Bytes,
    lifetime: Duration,
    stale_if_error: Duration,
}

impl Entry {
    /// Keeps `response`, if it is a page that may be kept; else gives it back.
    ///
    /// # Errors
    ///
    /// The response itself, where it may not.
    pub(super) async fn keep(
        response: Response<Bytes>,
        rule: &CacheRule,
        accepted: Accepted,
        now: SystemTime,
    ) -> Result<Self, Response<Bytes>> {
        // Errors never, and nothing that stands for less than the whole page.
        if response.status() != StatusCode::OK {
            return Err(response);
        }
        let policy = CachePolicy::new_options(&Request::new(()), &response, now, OPTIONS);
        let lifetime = lifetime(&policy, response.headers(), rule, now);
        if !policy.is_storable() || lifetime.is_zero() {
            return Err(response);
        }
        let (parts, body) = response.into_parts();
        let (body, encoding) = match accepted.encode(&parts.headers, &body).await {
            Some((body, encoding)) => (body, Some(encoding)),
            None => (body, None),
        };
        let stale_if_error = directive(&parts.headers, "stale-if-error").unwrap_or_default();
        Ok(Self { policy, origin: parts.headers, encoding, body, lifetime, stale_if_error })
    }

    /// Itself, made good again by the origin's 304; nothing if that speaks of another page.
    pub(super) fn renewed(
        &self,
        response: &Response<Bytes>,
        rule: &CacheRule,
        now: SystemTime,
    ) -> Option<Self> {
        match self.policy.after_response(&Request::new(()), response, now) {
            AfterResponse::Modified(..) => None,
            AfterResponse::NotModified(policy, _) => {
                let mut origin = self.origin.clone();
                for (name, value) in response.headers() {
                    if name != header::CONTENT_LENGTH && name != header::CONTENT_ENCODING {
                        origin.insert(name.clone(), value.clone());
                    }
                }
                let lifetime = lifetime(&policy, &origin, rule, now);
                let stale_if_error = directive(&origin, "stale-if-error").unwrap_or_default();
                let (encoding, body) = (self.encoding, self.body.clone());
                Some(Self { policy, origin, encoding, body, lifetime, stale_if_error })
            }
        }
    }

    /// Whether it may be given without asking.
    pub(super) fn is_fresh(&self, now: SystemTime) -> bool {
        self.policy.age(now) < self.lifetime
    }

    /// Whether it may be given while the origin fails (RFC 5861).
    pub(super) fn stands_in(&self, now: SystemTime) -> bool {
        self.policy.age(now) < self.lifetime + self.stale_if_error
    }

    /// What the origin is asked with, so that it may answer 304.
    pub(super) fn tag(&self) -> Option<&HeaderValue> {
        self.origin.get(header::ETAG)
    }

    /// What a viewer gets who sent `asked`: 304 where he has it already.
    pub(super) fn answer(&self, asked: &HeaderMap, now: SystemTime) -> Response<Bytes> {
        let mut headers = self.origin.clone();
        if let Some(encoding) = self.encoding {
            compress::mark(&mut headers, encoding);
        }
        headers.insert(header::AGE, HeaderValue::from(self.policy.age(now).as_secs()));
        let has_it = self.tag().is_some_and(|tag| names(asked, tag));
        let mut response = Response::new(if has_it { Bytes::new() } else { self.body.clone() });
        if has_it {
            headers.remove(header::CONTENT_LENGTH);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        *response.headers_mut() = headers;
        response
    }

    /// What it takes of memory, roughly.
    pub(super) fn bytes(&self) -> usize {
        let headers = self.origin.iter().map(|(name, value)| name.as_str().len() + value.len());
        // The policy has the headers once more.
        self.body.len() + 2 * headers.sum::<usize>()
    }
}

/// The origin's own time within the policy's bounds; the policy's where the origin names none.
fn lifetime(
    policy: &CachePolicy,
    headers: &HeaderMap,
    rule: &CacheRule,
    now: SystemTime,
) -> Duration {
    let says = headers.contains_key(header::CACHE_CONTROL) || headers.contains_key(header::EXPIRES);
    // From the moment of the answer on: `Date` may be older than that.
    let own = if says { policy.time_to_live(now) } else { rule.default };
    own.min(rule.maximum)
}

fn directive(headers: &HeaderMap, name: &str) -> Option<Duration> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok());
    let mut parts = values.flat_map(|text| text.split(',')).map(str::trim);
    let seconds = parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

/// Whether `If-None-Match` names `tag`, by weak comparison (RFC 9110, 13.1.2).
fn names(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str() else { return false };
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    values
        .flat_map(|text| text.split(','))
        .any(|named| named.trim() == "*" || opaque(named) == opaque(tag))
}

/// A shared cache that invents no times.
const OPTIONS: CacheOptions = CacheOptions {
    shared: true,
    cache_heuristic: 0.0,
    immutable_min_time_to_live: Duration::ZERO,
    ignore_cargo_cult: false,
};
