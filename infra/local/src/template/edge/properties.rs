//! The properties of CloudFront's resources as the template writes them. A property that is not
//! named here is an error; one that changes nothing on one machine is named and ignored.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DistributionProperties {
    pub(super) distribution_config: DistributionConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DistributionConfig {
    pub(super) enabled: bool,
    pub(super) origins: Vec<OriginProperties>,
    pub(super) default_cache_behavior: BehaviourProperties,
    #[serde(default)]
    pub(super) cache_behaviors: Vec<BehaviourProperties>,
    #[serde(default)]
    pub(super) custom_error_responses: Vec<ErrorResponse>,
    #[serde(rename = "Comment")]
    _comment: IgnoredAny,
    #[serde(rename = "HttpVersion", default)]
    _http_version: Option<IgnoredAny>,
    #[serde(rename = "IPV6Enabled", default)]
    _ipv6_enabled: Option<IgnoredAny>,
    #[serde(rename = "PriceClass", default)]
    _price_class: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OriginHeader {
    pub(super) header_name: String,
    pub(super) header_value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OriginProperties {
    pub(super) id: String,
    pub(super) domain_name: String,
    #[serde(default)]
    pub(super) origin_custom_headers: Vec<OriginHeader>,
    #[serde(rename = "OriginAccessControlId", default)]
    _origin_access_control_id: Option<IgnoredAny>,
    #[serde(rename = "S3OriginConfig", default)]
    _s3_origin_config: Option<IgnoredAny>,
    #[serde(rename = "CustomOriginConfig", default)]
    _custom_origin_config: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct BehaviourProperties {
    pub(super) path_pattern: Option<String>,
    pub(super) target_origin_id: String,
    #[serde(default)]
    pub(super) allowed_methods: Vec<String>,
    #[serde(default)]
    pub(super) cached_methods: Vec<String>,
    #[serde(default)]
    pub(super) compress: bool,
    pub(super) cache_policy_id: String,
    pub(super) origin_request_policy_id: Option<String>,
    pub(super) response_headers_policy_id: Option<String>,
    #[serde(default)]
    pub(super) function_associations: Vec<Association>,
    #[serde(rename = "ViewerProtocolPolicy")]
    _viewer_protocol_policy: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Association {
    pub(super) event_type: String,
    #[serde(rename = "FunctionARN")]
    pub(super) function_arn: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ErrorResponse {
    pub(super) error_code: u16,
    #[serde(rename = "ErrorCachingMinTTL")]
    pub(super) error_caching_min_ttl: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CachePolicyProperties {
    pub(super) cache_policy_config: CachePolicyConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CachePolicyConfig {
    #[serde(rename = "MinTTL")]
    pub(super) min_ttl: u64,
    #[serde(rename = "DefaultTTL")]
    pub(super) default_ttl: u64,
    #[serde(rename = "MaxTTL")]
    pub(super) max_ttl: u64,
    pub(super) parameters_in_cache_key_and_forwarded_to_origin: CacheKeyProperties,
    #[serde(rename = "Name")]
    _name: IgnoredAny,
    #[serde(rename = "Comment", default)]
    _comment: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CacheKeyProperties {
    pub(super) enable_accept_encoding_gzip: bool,
    #[serde(default)]
    pub(super) enable_accept_encoding_brotli: bool,
    pub(super) cookies_config: Cookies,
    pub(super) headers_config: Headers,
    pub(super) query_strings_config: QueryStrings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OriginRequestPolicyProperties {
    pub(super) origin_request_policy_config: OriginRequestPolicyConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OriginRequestPolicyConfig {
    pub(super) cookies_config: Cookies,
    pub(super) headers_config: Headers,
    pub(super) query_strings_config: QueryStrings,
    #[serde(rename = "Name")]
    _name: IgnoredAny,
    #[serde(rename = "Comment", default)]
    _comment: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Cookies {
    pub(super) cookie_behavior: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Headers {
    pub(super) header_behavior: String,
    #[serde(default)]
    pub(super) headers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct QueryStrings {
    pub(super) query_string_behavior: String,
    #[serde(default)]
    pub(super) query_strings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FunctionProperties {
    pub(super) function_config: FunctionConfig,
    #[serde(rename = "Name")]
    _name: IgnoredAny,
    #[serde(rename = "AutoPublish", default)]
    _auto_publish: Option<IgnoredAny>,
    /// What stands in for the code until it is deployed.
    #[serde(rename = "FunctionCode")]
    _function_code: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FunctionConfig {
    pub(super) runtime: String,
    pub(super) key_value_store_associations: Option<Vec<StoreAssociation>>,
    #[serde(rename = "Comment")]
    _comment: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct StoreAssociation {
    #[serde(rename = "KeyValueStoreARN")]
    pub(super) _key_value_store_arn: String,
}
