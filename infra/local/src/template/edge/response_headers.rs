//! Response headers policies: what the edge adds to every answer of cache and origin.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html>.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::TemplateError;
use super::super::resources::typed;

/// The headers of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResponseHeaders(Vec<Header>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    name: HeaderName,
    value: HeaderValue,
    /// Whether it takes the place of the origin's own.
    overrides: bool,
}

impl ResponseHeaders {
    pub(super) fn from_properties(id: &str, properties: Value) -> Result<Self, TemplateError> {
        let config = typed::<Properties>(id, properties)?.response_headers_policy_config;
        let mut pairs = Vec::new();
        if let Some(security) = config.security_headers_config {
            pairs.extend(security.pairs());
        }
        let own = config.custom_headers_config.into_iter().flat_map(|custom| custom.items);
        pairs.extend(own.map(|item| (item.header, item.value, item.overrides)));
        let read = |(name, value, overrides): (String, String, bool)| {
            let wrong = || TemplateError::at(id, format!("{name}: {value} is no header"));
            let name = HeaderName::try_from(name.to_lowercase()).map_err(|_| wrong())?;
            let value = HeaderValue::try_from(&value).map_err(|_| wrong())?;
            Ok(Header { name, value, overrides })
        };
        pairs.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Adds them to an answer's `headers`.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for Header { name, value, overrides } in &self.0 {
            if *overrides || !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}

impl Security {
    fn pairs(self) -> Vec<(String, String, bool)> {
        let mut pairs = Vec::new();
        let mut add = |name: &str, value: String, overrides: bool| {
            pairs.push((name.to_owned(), value, overrides));
        };
        if let Some(policy) = self.content_security_policy {
            add("content-security-policy", policy.content_security_policy, policy.overrides);
        }
        if let Some(options) = self.content_type_options {
            add("x-content-type-options", "nosniff".into(), options.overrides);
        }
        if let Some(options) = self.frame_options {
            add("x-frame-options", options.frame_option, options.overrides);
        }
        if let Some(policy) = self.referrer_policy {
            add("referrer-policy", policy.referrer_policy, policy.overrides);
        }
        if let Some(transport) = self.strict_transport_security {
            let mut value = format!("max-age={}", transport.access_control_max_age_sec);
            if transport.include_subdomains {
                value.push_str("; includeSubDomains");
            }
            add("strict-transport-security", value, transport.overrides);
        }
        pairs
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    response_headers_policy_config: Config,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "as the template names them")]
struct Config {
    #[serde(rename = "Name")]
    _name: IgnoredAny,
    #[serde(rename = "Comment", default)]
    _comment: Option<IgnoredAny>,
    security_headers_config: Option<Security>,
    custom_headers_config: Option<Custom>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "as the template names them")]
struct Security {
    content_security_policy: Option<ContentSecurityPolicy>,
    content_type_options: Option<ContentTypeOptions>,
    frame_options: Option<FrameOptions>,
    referrer_policy: Option<ReferrerPolicy>,
    strict_transport_security: Option<StrictTransportSecurity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ContentSecurityPolicy {
    content_security_policy: String,
    #[serde(rename = "Override")]
    overrides: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ContentTypeOptions {
    #[serde(rename = "Override")]
    overrides: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct FrameOptions {
    frame_option: String,
    #[serde(rename = "Override")]
    overrides: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ReferrerPolicy {
    referrer_policy: String,
    #[serde(rename = "Override")]
    overrides: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StrictTransportSecurity {
    access_control_max_age_sec: u64,
    #[serde(default)]
    include_subdomains: bool,
    #[serde(rename = "Override")]
    overrides: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Custom {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Item {
    header: String,
    value: String,
    #[serde(rename = "Override")]
    overrides: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_header_overrides_the_origin_s_own_only_where_it_says_so() {
        let items = json!([
            { "Header": "X-One", "Value": "ours", "Override": true },
            { "Header": "X-Two", "Value": "ours", "Override": false },
        ]);
        let policy = json!({ "ResponseHeadersPolicyConfig": { "Name": "n",
            "SecurityHeadersConfig": { "StrictTransportSecurity": {
                "AccessControlMaxAgeSec": 60, "IncludeSubdomains": true, "Override": true } },
            "CustomHeadersConfig": { "Items": items } } });
        let mut headers = HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("theirs"));
        headers.insert("x-two", HeaderValue::from_static("theirs"));
        ResponseHeaders::from_properties("p", policy).unwrap().add_to(&mut headers);
        assert_eq!(
            (&headers["x-one"], &headers["x-two"]),
            (&HeaderValue::from_static("ours"), &HeaderValue::from_static("theirs"))
        );
        assert_eq!(headers["strict-transport-security"], "max-age=60; includeSubDomains");
    }
}
