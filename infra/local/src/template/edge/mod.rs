//! The template's CloudFront distribution: which path goes where, by which function, under which
//! cache key and times.
//!
//! Start reading at [`Distribution`]; [`Parts`] gathers the resources that it names.

mod pattern;
mod policy;
mod properties;
mod response_headers;

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

pub(crate) use policy::{CacheRule, Forward, Headers, QueryStrings};
pub(crate) use response_headers::ResponseHeaders;

use super::resources::{Kind, edge_function_arn, physical_name, regional_domain_name, typed};
use super::{TemplateError, yaml};
use pattern::fits;
use properties::{
    BehaviourProperties, DistributionConfig, DistributionProperties, ErrorResponse,
    FunctionProperties, OriginProperties,
};

/// A distribution, ready to be served.
#[derive(Debug)]
pub(crate) struct Distribution {
    /// In the order in which paths are compared; the last takes every path.
    pub(crate) behaviours: Vec<Behaviour>,
}

impl Distribution {
    /// The first behaviour whose pattern fits `path`.
    pub(crate) fn behaviour(&self, path: &str) -> Option<&Behaviour> {
        self.behaviours.iter().find(|behaviour| fits(&behaviour.pattern, path))
    }
}

/// What is done with a path.
#[derive(Debug)]
pub(crate) struct Behaviour {
    /// `*` stands for anything.
    pub(crate) pattern: String,
    /// Where answers come from.
    pub(crate) origin: Origin,
    /// What may be asked.
    pub(crate) methods: Vec<String>,
    /// Whether answers are compressed.
    pub(crate) compress: bool,
    /// What is kept, by what, for how long.
    pub(crate) cache: CacheRule,
    /// What else of a request reaches the origin.
    pub(crate) forward: Forward,
    /// What the origin is shown besides, whatever the viewer sent.
    pub(crate) origin_headers: HeaderMap,
    /// What viewers are told besides.
    pub(crate) response_headers: ResponseHeaders,
    /// The file of the function that sees each viewer's request, as the template names it.
    pub(crate) function: Option<String>,
}

/// Where answers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The HTTP API, by its domain name.
    Api(String),
    /// The bucket of the app's files.
    Pages,
}

/// The resources that a distribution is made of, by what `Ref` or `GetAtt` gives of them.
#[derive(Debug, Default)]
pub(super) struct Parts {
    distributions: BTreeMap<String, Value>,
    cache_policies: BTreeMap<String, CacheRule>,
    origin_request_policies: BTreeMap<String, Forward>,
    response_headers_policies: BTreeMap<String, ResponseHeaders>,
    functions: BTreeMap<String, String>,
    origins: BTreeMap<String, Origin>,
}

impl Parts {
    /// Takes in one resource.
    pub(super) fn add(
        &mut self,
        id: &str,
        kind: Kind,
        declared: &yaml::Resource,
        properties: Value,
    ) -> Result<(), TemplateError> {
        match kind {
            Kind::Distribution => {
                self.distributions.insert(id.into(), properties);
            }
            Kind::CachePolicy => {
                self.cache_policies.insert(id.into(), CacheRule::from_properties(id, properties)?);
            }
            Kind::OriginRequestPolicy => {
                let forward = Forward::from_properties(id, properties)?;
                self.origin_request_policies.insert(id.into(), forward);
            }
            Kind::ResponseHeadersPolicy => {
                let headers = ResponseHeaders::from_properties(id, properties)?;
                self.response_headers_policies.insert(id.into(), headers);
            }
            Kind::EdgeFunction => {
                let source = function_source(id, declared, properties)?;
                self.functions.insert(edge_function_arn(id), source);
            }
            Kind::Bucket => {
                let name = regional_domain_name(&physical_name(id).to_lowercase());
                self.origins.insert(name, Origin::Pages);
            }
            // Names and permissions: nothing to run.
            _ => {}
        }
        Ok(())
    }

    /// An HTTP API as an origin.
    pub(super) fn add_api(&mut self, id: &str) {
        let name = super::resources::api_domain_name(id);
        self.origins.insert(name.clone(), Origin::Api(name));
    }

    /// The distribution that they make, if there is one.
    pub(super) fn distribution(mut self) -> Result<Option<Distribution>, TemplateError> {
        let Some((id, properties)) = self.distributions.pop_first() else { return Ok(None) };
        if let Some(second) = self.distributions.keys().next() {
            return Err(TemplateError::at(second, "a second distribution"));
        }
        let config = typed::<DistributionProperties>(&id, properties)?.distribution_config;
        self.assemble(&id, config).map(Some)
    }

    fn assemble(
        &self,
        id: &str,
        config: DistributionConfig,
    ) -> Result<Distribution, TemplateError> {
        if !config.enabled {
            return Err(TemplateError::at(id, "a distribution that is not enabled serves nothing"));
        }
        check_errors(id, &config.custom_error_responses)?;
        let origins = self.origins(id, &config.origins)?;
        let mut behaviours = Vec::new();
        for declared in config.cache_behaviors {
            let place = format!("{id}.CacheBehaviors");
            if declared.path_pattern.is_none() {
                return Err(TemplateError::at(&place, "a behaviour without PathPattern"));
            }
            behaviours.push(self.behaviour(&place, declared, &origins)?);
        }
        let place = format!("{id}.DefaultCacheBehavior");
        behaviours.push(self.behaviour(&place, config.default_cache_behavior, &origins)?);
        Ok(Distribution { behaviours })
    }

    fn origins(
        &self,
        id: &str,
        declared: &[OriginProperties],
    ) -> Result<BTreeMap<String, (Origin, HeaderMap)>, TemplateError> {
        let known = |origin: &OriginProperties| {
            let place = format!("{id}.Origins.{}", origin.id);
            let found = self.origins.get(&origin.domain_name).cloned().ok_or_else(|| {
                let problem = format!("{} is no origin here", origin.domain_name);
                TemplateError::at(&place, problem)
            })?;
            Ok((origin.id.clone(), (found, origin_headers(&place, origin)?)))
        };
        declared.iter().map(known).collect()
    }

    fn behaviour(
        &self,
        place: &str,
        declared: BehaviourProperties,
        origins: &BTreeMap<String, (Origin, HeaderMap)>,
    ) -> Result<Behaviour, TemplateError> {
        let unknown = |what: &str, name: &str| {
            TemplateError::at(place, format!("{what} {name:?} is not known here"))
        };
        let (origin, origin_headers) = origins
            .get(&declared.target_origin_id)
            .ok_or_else(|| unknown("TargetOriginId", &declared.target_origin_id))?;
        let policy = &declared.cache_policy_id;
        let cache = self.cache_policies.get(policy).cloned().or_else(|| CacheRule::managed(policy));
        let forward = match &declared.origin_request_policy_id {
            None => Forward::nothing(),
            Some(id) => self
                .origin_request_policies
                .get(id)
                .cloned()
                .or_else(|| Forward::managed(id))
                .ok_or_else(|| unknown("OriginRequestPolicyId", id))?,
        };
        let response_headers = match &declared.response_headers_policy_id {
            None => ResponseHeaders::default(),
            Some(id) => self
                .response_headers_policies
                .get(id)
                .cloned()
                .ok_or_else(|| unknown("ResponseHeadersPolicyId", id))?,
        };
        let mut function = None;
        for association in &declared.function_associations {
            if association.event_type != "viewer-request" || function.is_some() {
                return Err(TemplateError::at(place, "one function on viewer-request, no more"));
            }
            let arn = &association.function_arn;
            function = Some(self.functions.get(arn).ok_or_else(|| unknown("FunctionARN", arn))?);
        }
        if declared.cached_methods.iter().any(|method| method != "GET" && method != "HEAD") {
            return Err(TemplateError::at(place, "only GET and HEAD are understood as cached"));
        }
        Ok(Behaviour {
            pattern: declared.path_pattern.unwrap_or_else(|| "*".into()),
            origin: origin.clone(),
            methods: declared.allowed_methods,
            compress: declared.compress,
            cache: cache.ok_or_else(|| unknown("CachePolicyId", policy))?,
            forward,
            origin_headers: origin_headers.clone(),
            response_headers,
            function: function.cloned(),
        })
    }
}

fn origin_headers(place: &str, origin: &OriginProperties) -> Result<HeaderMap, TemplateError> {
    let pair = |header: &properties::OriginHeader| {
        let wrong = || TemplateError::at(place, format!("{} is no header", header.header_name));
        let name = HeaderName::try_from(&header.header_name).map_err(|_| wrong())?;
        Ok((name, HeaderValue::try_from(&header.header_value).map_err(|_| wrong())?))
    };
    origin.origin_custom_headers.iter().map(pair).collect()
}

/// Errors are never kept here; so the template must say as much.
fn check_errors(id: &str, declared: &[ErrorResponse]) -> Result<(), TemplateError> {
    for code in ERRORS_CACHED_BY_DEFAULT {
        let time = declared.iter().find(|response| response.error_code == *code);
        if time.is_none_or(|response| response.error_caching_min_ttl > 0) {
            let problem = format!("answers {code} would be kept: give them ErrorCachingMinTTL 0");
            return Err(TemplateError::at(&format!("{id}.CustomErrorResponses"), problem));
        }
    }
    Ok(())
}

fn function_source(
    id: &str,
    declared: &yaml::Resource,
    properties: Value,
) -> Result<String, TemplateError> {
    let config = typed::<FunctionProperties>(id, properties)?.function_config;
    if config.runtime != "cloudfront-js-2.0" {
        return Err(TemplateError::at(id, format!("Runtime {} is not understood", config.runtime)));
    }
    if config.key_value_store_associations.is_none_or(|stores| stores.len() != 1) {
        return Err(TemplateError::at(id, "a function has the one KeyValueStore with the keys"));
    }
    let source = declared.metadata.as_ref().and_then(|metadata| metadata.source.clone());
    source.ok_or_else(|| TemplateError::at(id, "Metadata with Source, its file, is missing"))
}

/// What CloudFront keeps for ten seconds unless it is told otherwise.
const ERRORS_CACHED_BY_DEFAULT: &[u16] = &[400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
