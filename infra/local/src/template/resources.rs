//! Which kinds of resource are understood, what `Ref` and `GetAtt` give of each, and the small
//! ones whose properties change nothing on one machine.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::TemplateError;
use super::watching::Watcher;

/// A kind of resource that this machine can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Function,
    HttpApi,
    Queue,
    Secret,
    Bucket,
    BucketPolicy,
    OriginAccessControl,
    KeyValueStore,
    EdgeFunction,
    CachePolicy,
    OriginRequestPolicy,
    ResponseHeadersPolicy,
    Distribution,
    LogGroup,
    Watcher(Watcher),
}

impl Kind {
    pub(super) fn of(place: &str, name: &str) -> Result<Self, TemplateError> {
        Ok(match name {
            "AWS::DynamoDB::Table" => Self::Table,
            "AWS::Serverless::Function" => Self::Function,
            "AWS::Serverless::HttpApi" => Self::HttpApi,
            "AWS::SQS::Queue" => Self::Queue,
            "AWS::SecretsManager::Secret" => Self::Secret,
            "AWS::S3::Bucket" => Self::Bucket,
            "AWS::S3::BucketPolicy" => Self::BucketPolicy,
            "AWS::CloudFront::OriginAccessControl" => Self::OriginAccessControl,
            "AWS::CloudFront::KeyValueStore" => Self::KeyValueStore,
            "AWS::CloudFront::Function" => Self::EdgeFunction,
            "AWS::CloudFront::CachePolicy" => Self::CachePolicy,
            "AWS::CloudFront::OriginRequestPolicy" => Self::OriginRequestPolicy,
            "AWS::CloudFront::ResponseHeadersPolicy" => Self::ResponseHeadersPolicy,
            "AWS::CloudFront::Distribution" => Self::Distribution,
            "AWS::Logs::LogGroup" => Self::LogGroup,
            "AWS::CloudWatch::Alarm" => Self::Watcher(Watcher::Alarm),
            "AWS::CloudWatch::Dashboard" => Self::Watcher(Watcher::Dashboard),
            "AWS::Logs::QueryDefinition" => Self::Watcher(Watcher::Query),
            "AWS::SNS::Topic"
            | "AWS::Budgets::Budget"
            | "AWS::CloudFront::MonitoringSubscription" => Self::Watcher(Watcher::Messenger),
            _ => {
                let problem = format!("resources of type {name} are not understood");
                return Err(TemplateError::at(place, problem));
            }
        })
    }
}

/// What `Ref` gives.
pub(super) fn reference(place: &str, id: &str, kind: &str) -> Result<String, TemplateError> {
    Ok(match Kind::of(place, kind)? {
        Kind::Table | Kind::Function | Kind::KeyValueStore | Kind::LogGroup | Kind::Watcher(_) => {
            physical_name(id)
        }
        Kind::Bucket => physical_name(id).to_lowercase(),
        Kind::EdgeFunction => edge_function_arn(id),
        Kind::HttpApi
        | Kind::BucketPolicy
        | Kind::OriginAccessControl
        | Kind::CachePolicy
        | Kind::OriginRequestPolicy
        | Kind::ResponseHeadersPolicy
        | Kind::Distribution => id.into(),
        Kind::Queue => {
            format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{}", physical_name(id))
        }
        Kind::Secret => secret_arn(&physical_name(id)),
    })
}

/// What `GetAtt` gives.
pub(super) fn attribute(
    place: &str,
    id: &str,
    kind: &str,
    attribute: &str,
) -> Result<String, TemplateError> {
    Ok(match (Kind::of(place, kind)?, attribute) {
        (Kind::Table, "Arn") => table_arn(&physical_name(id)),
        (Kind::Table, "StreamArn") => stream_arn(&physical_name(id)),
        (Kind::Function, "Arn") => function_arn(&physical_name(id)),
        (Kind::Queue, "Arn") => queue_arn(id),
        (Kind::Queue, "QueueName") => physical_name(id),
        (Kind::Bucket, "Arn") => format!("arn:aws:s3:::{}", physical_name(id).to_lowercase()),
        (Kind::Bucket, "RegionalDomainName") => {
            regional_domain_name(&physical_name(id).to_lowercase())
        }
        (Kind::OriginAccessControl, "Id") => id.into(),
        (Kind::KeyValueStore, "Arn") => {
            format!("arn:aws:cloudfront::{ACCOUNT}:key-value-store/{}", physical_name(id))
        }
        (Kind::EdgeFunction, "FunctionARN" | "FunctionMetadata.FunctionARN") => {
            edge_function_arn(id)
        }
        (Kind::LogGroup, "Arn") => {
            format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{}:*", physical_name(id))
        }
        (Kind::Distribution, "DomainName") => format!("{}.cloudfront.net", id.to_lowercase()),
        _ => {
            let problem = format!("GetAtt {id}.{attribute} is not understood for {kind}");
            return Err(TemplateError::at(place, problem));
        }
    })
}

/// The name that CloudFormation would make for what the template does not name.
pub(super) fn physical_name(id: &str) -> String {
    format!("{STACK}-{id}")
}

pub(super) fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

pub(super) fn stream_arn(table: &str) -> String {
    format!("{}/stream/2026-01-01T00:00:00.000", table_arn(table))
}

pub(super) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

pub(super) fn queue_arn(id: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", physical_name(id))
}

pub(super) fn secret_arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}")
}

pub(super) fn edge_function_arn(id: &str) -> String {
    format!("arn:aws:cloudfront::{ACCOUNT}:function/{}", physical_name(id))
}

/// Where a bucket is asked.
pub(super) fn regional_domain_name(bucket: &str) -> String {
    format!("{bucket}.s3.{REGION}.amazonaws.com")
}

/// Where an HTTP API is asked.
pub(super) fn api_domain_name(id: &str) -> String {
    format!("{id}.execute-api.{REGION}.amazonaws.com")
}

/// Reads `properties` into `T`, which denies what it does not know.
pub(super) fn typed<T: DeserializeOwned>(
    place: &str,
    properties: Value,
) -> Result<T, TemplateError> {
    let properties = if properties.is_null() { Value::Object(Map::default()) } else { properties };
    protocol::json::from_value(&properties)
        .map_err(|error| TemplateError::at(place, error.to_string()))
}

/// Checks the properties of an HTTP API.
pub(super) fn check_api(id: &str, properties: Value) -> Result<(), TemplateError> {
    let api: Api = typed(id, properties)?;
    if let Some(log) = &api.access_log_settings
        && protocol::json::from_str::<Map<String, Value>>(&log.format).is_err()
    {
        return Err(TemplateError::at(id, "AccessLogSettings: Format is no JSON object"));
    }
    match api.stage_name.as_deref() {
        None | Some("$default") => Ok(()),
        Some(other) => {
            Err(TemplateError::at(id, format!("StageName {other:?}: only $default is understood")))
        }
    }
}

/// Checks the properties of a queue.
pub(super) fn check_queue(id: &str, properties: Value) -> Result<(), TemplateError> {
    typed::<Queue>(id, properties).map(|_| ())
}

/// Checks the properties of a secret and tells its name, unless AWS generates what is in it.
pub(super) fn check_secret(id: &str, properties: Value) -> Result<Option<String>, TemplateError> {
    let secret: SecretProperties = typed(id, properties)?;
    Ok(secret.generate_secret_string.is_none().then(|| physical_name(id)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Api {
    stage_name: Option<String>,
    #[serde(rename = "DisableExecuteApiEndpoint")]
    _disable_execute_api_endpoint: Option<bool>,
    access_log_settings: Option<AccessLog>,
    // One machine throttles nobody.
    #[serde(rename = "DefaultRouteSettings")]
    _default_route_settings: Option<RouteSettings>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AccessLog {
    #[serde(rename = "DestinationArn")]
    _destination_arn: String,
    format: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct RouteSettings {
    #[serde(rename = "ThrottlingRateLimit")]
    _throttling_rate_limit: u32,
    #[serde(rename = "ThrottlingBurstLimit")]
    _throttling_burst_limit: u32,
    #[serde(rename = "DetailedMetricsEnabled")]
    _detailed_metrics_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Queue {
    #[serde(rename = "MessageRetentionPeriod")]
    _message_retention_period: Option<u32>,
    #[serde(rename = "SqsManagedSseEnabled")]
    _sqs_managed_sse_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SecretProperties {
    #[serde(rename = "Description")]
    _description: Option<String>,
    generate_secret_string: Option<Value>,
}

/// Where this machine pretends to be.
pub(crate) const REGION: &str = "us-east-1";
/// Whose account it pretends to be.
pub(crate) const ACCOUNT: &str = "000000000000";
/// What the stack is called.
pub(super) const STACK: &str = "avileo-local";
