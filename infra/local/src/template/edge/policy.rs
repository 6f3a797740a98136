//! Cache policies and origin request policies: what makes two requests the same, and what of a
//! request reaches the origin.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html>.

use std::time::Duration;

use serde_json::Value;

use super::super::TemplateError;
use super::super::resources::typed;
use super::properties::{self, CachePolicyProperties, Cookies, OriginRequestPolicyProperties};

/// A cache policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CacheRule {
    /// How long what says nothing of it is kept.
    pub(crate) default: Duration,
    /// How long anything is kept at most; zero keeps nothing.
    pub(crate) maximum: Duration,
    /// Which headers are part of the key.
    pub(crate) headers: Vec<String>,
    /// Which parameters are part of the key.
    pub(crate) query: QueryStrings,
    /// Whether answers are kept in gzip too.
    pub(crate) gzip: bool,
    /// Whether answers are kept in brotli too.
    pub(crate) brotli: bool,
}

/// An origin request policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forward {
    /// Which headers.
    pub(crate) headers: Headers,
    /// Which parameters.
    pub(crate) query: QueryStrings,
    /// Whether cookies go along.
    pub(crate) cookies: bool,
}

/// Some headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Headers {
    /// These.
    Some(Vec<String>),
    /// All that the viewer sent, but not these.
    AllExcept(Vec<String>),
}

/// Some parameters of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueryStrings {
    /// These.
    Some(Vec<String>),
    /// All.
    All,
}

impl CacheRule {
    pub(super) fn from_properties(id: &str, properties: Value) -> Result<Self, TemplateError> {
        let config = typed::<CachePolicyProperties>(id, properties)?.cache_policy_config;
        let key = config.parameters_in_cache_key_and_forwarded_to_origin;
        if config.min_ttl != 0 {
            let problem = "MinTTL other than 0 would overrule what the origin says";
            return Err(TemplateError::at(id, problem));
        }
        if takes_cookies(id, &key.cookies_config)? {
            return Err(TemplateError::at(id, "cookies in a cache key are not understood"));
        }
        let headers = match headers(id, &key.headers_config)? {
            Headers::Some(names) => names,
            Headers::AllExcept(_) => {
                return Err(TemplateError::at(id, "a cache key names its headers"));
            }
        };
        Ok(Self {
            default: Duration::from_secs(config.default_ttl),
            maximum: Duration::from_secs(config.max_ttl),
            headers,
            query: query(id, &key.query_strings_config)?,
            gzip: key.enable_accept_encoding_gzip,
            brotli: key.enable_accept_encoding_brotli,
        })
    }

    /// One of AWS's own, by its id.
    pub(super) fn managed(id: &str) -> Option<Self> {
        (id == CACHING_DISABLED).then(Self::nothing)
    }

    /// A policy under which nothing is kept.
    pub(crate) fn nothing() -> Self {
        Self {
            default: Duration::ZERO,
            maximum: Duration::ZERO,
            headers: Vec::new(),
            query: QueryStrings::Some(Vec::new()),
            gzip: false,
            brotli: false,
        }
    }

    /// Whether anything is ever kept.
    pub(crate) fn keeps(&self) -> bool {
        !self.maximum.is_zero()
    }
}

impl Forward {
    pub(super) fn from_properties(id: &str, properties: Value) -> Result<Self, TemplateError> {
        let config =
            typed::<OriginRequestPolicyProperties>(id, properties)?.origin_request_policy_config;
        Ok(Self {
            headers: headers(id, &config.headers_config)?,
            query: query(id, &config.query_strings_config)?,
            cookies: takes_cookies(id, &config.cookies_config)?,
        })
    }

    /// One of AWS's own, by its id.
    pub(super) fn managed(id: &str) -> Option<Self> {
        (id == ALL_VIEWER_EXCEPT_HOST_HEADER).then(|| Self {
            headers: Headers::AllExcept(vec!["host".into()]),
            query: QueryStrings::All,
            cookies: true,
        })
    }

    /// No policy: what the cache key has, and no more.
    pub(super) fn nothing() -> Self {
        Self {
            headers: Headers::Some(Vec::new()),
            query: QueryStrings::Some(Vec::new()),
            cookies: false,
        }
    }
}

fn headers(id: &str, declared: &properties::Headers) -> Result<Headers, TemplateError> {
    let names = declared.headers.iter().map(|name| name.to_lowercase()).collect();
    match declared.header_behavior.as_str() {
        "none" => Ok(Headers::Some(Vec::new())),
        "whitelist" => Ok(Headers::Some(names)),
        "allViewer" => Ok(Headers::AllExcept(Vec::new())),
        "allExcept" => Ok(Headers::AllExcept(names)),
        other => Err(not_understood(id, "HeaderBehavior", other)),
    }
}

fn query(id: &str, declared: &properties::QueryStrings) -> Result<QueryStrings, TemplateError> {
    match declared.query_string_behavior.as_str() {
        "none" => Ok(QueryStrings::Some(Vec::new())),
        "whitelist" => Ok(QueryStrings::Some(declared.query_strings.clone())),
        "all" => Ok(QueryStrings::All),
        other => Err(not_understood(id, "QueryStringBehavior", other)),
    }
}

fn takes_cookies(id: &str, declared: &Cookies) -> Result<bool, TemplateError> {
    match declared.cookie_behavior.as_str() {
        "none" => Ok(false),
        "all" => Ok(true),
        other => Err(not_understood(id, "CookieBehavior", other)),
    }
}

fn not_understood(id: &str, what: &str, value: &str) -> TemplateError {
    TemplateError::at(id, format!("{what} {value} is not understood"))
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const ALL_VIEWER_EXCEPT_HOST_HEADER: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
