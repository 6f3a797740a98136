//! A Lambda function of the template, with the events that call it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::TemplateError;
use super::resources::{self, physical_name, typed};
use super::yaml::Resource;

/// A function, ready to be started.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// Its logical id, which is what people know it by.
    pub(crate) id: String,
    /// Its physical name.
    pub(crate) name: String,
    /// Its ARN.
    pub(crate) arn: String,
    /// The binary that it is.
    pub(crate) binary: String,
    /// Memory in MB; here only told to the function.
    pub(crate) memory_mb: u32,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    /// `LoggingConfig`: format and level, told to the function.
    pub(crate) log_format: Option<String>,
    /// The level of the function's own lines.
    pub(crate) log_level: Option<String>,
    /// Its variables.
    pub(crate) environment: BTreeMap<String, String>,
    /// What calls it, by name.
    pub(crate) events: BTreeMap<String, Event>,
}

/// What calls a function.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A route of an HTTP API.
    Http(HttpRoute),
    /// The stream of a table.
    Stream(StreamMapping),
}

/// A route of an HTTP API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct HttpRoute {
    /// The API's logical id.
    #[serde(rename = "ApiId")]
    pub(crate) api: String,
    /// In capitals, or `ANY`.
    pub(crate) method: String,
    /// Like `/customers/{id}` or `/files/{path+}`.
    pub(crate) path: String,
    payload_format_version: Option<String>,
    timeout_in_millis: Option<u64>,
}

/// An event source mapping from a table's stream.
#[derive(Debug, Clone)]
pub(crate) struct StreamMapping {
    /// Which stream.
    pub(crate) stream_arn: String,
    /// Records in one invocation at most.
    pub(crate) batch_size: usize,
    /// How long records may wait for company.
    pub(crate) batch_window: Duration,
    /// Whether a batch that fails is halved.
    pub(crate) bisects: bool,
    /// Retries after the first try; none: for ever.
    pub(crate) retries_max: Option<u32>,
    /// How old a record may become before it is given up; none: any age.
    pub(crate) age_max: Option<Duration>,
    /// Where what is given up goes.
    pub(crate) failure_queue_arn: Option<String>,
    /// Whether an answer may name the records that failed.
    pub(crate) reports_item_failures: bool,
    /// Patterns, any of which lets a record through; none: all.
    pub(crate) patterns: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    runtime: Option<String>,
    handler: Option<String>,
    #[serde(rename = "CodeUri")]
    _code_uri: Option<String>,
    #[serde(rename = "Description")]
    _description: Option<String>,
    architectures: Option<Vec<String>>,
    memory_size: Option<u32>,
    timeout: Option<u64>,
    environment: Option<Environment>,
    logging_config: Option<Logging>,
    #[serde(rename = "Policies", default)]
    _policies: Vec<Policy>,
    #[serde(default)]
    events: BTreeMap<String, EventSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Logging {
    log_format: Option<String>,
    application_log_level: Option<String>,
    #[serde(rename = "SystemLogLevel")]
    _system_log_level: Option<String>,
}

/// Read for its form only: nobody enforces permissions on one machine.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Policy {
    #[serde(rename = "Version")]
    _version: Option<String>,
    #[serde(rename = "Statement")]
    _statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Statement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    #[serde(rename = "Effect")]
    _effect: String,
    #[serde(rename = "Action")]
    _action: Value,
    #[serde(rename = "Resource")]
    _resource: Value,
    #[serde(rename = "Condition")]
    _condition: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct EventSource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StreamProperties {
    stream: String,
    starting_position: String,
    batch_size: Option<usize>,
    maximum_batching_window_in_seconds: Option<u64>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    maximum_retry_attempts: Option<i64>,
    maximum_record_age_in_seconds: Option<i64>,
    #[serde(default)]
    function_response_types: Vec<String>,
    destination_config: Option<Destinations>,
    filter_criteria: Option<FilterCriteria>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Destinations {
    on_failure: OnFailure,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OnFailure {
    #[serde(rename = "Type")]
    kind: Option<String>,
    destination: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Filter {
    pattern: String,
}

impl Function {
    pub(super) fn from_properties(
        id: &str,
        declared: &Resource,
        properties: Value,
        globals: &Value,
    ) -> Result<Self, TemplateError> {
        let properties: Properties = typed(id, with_globals(properties, globals)?)?;
        check_runtime(id, &properties)?;
        let logging = properties.logging_config;
        let name = physical_name(id);
        let events = properties.events.into_iter().map(|(event, source)| {
            let place = format!("{id}.Events.{event}");
            Event::from_source(&place, source).map(|read| (event, read))
        });
        Ok(Self {
            id: id.into(),
            arn: resources::function_arn(&name),
            name,
            binary: binary(id, declared)?,
            memory_mb: properties.memory_size.unwrap_or(MEMORY_DEFAULT_MB),
            timeout: Duration::from_secs(properties.timeout.unwrap_or(TIMEOUT_DEFAULT_S)),
            log_format: logging.as_ref().and_then(|logging| logging.log_format.clone()),
            log_level: logging.and_then(|logging| logging.application_log_level),
            environment: properties.environment.map(|e| e.variables).unwrap_or_default(),
            events: events.collect::<Result<_, _>>()?,
        })
    }
}

impl HttpRoute {
    /// The gateway's own patience with the function.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout_in_millis.map_or(GATEWAY_TIMEOUT_MAX, Duration::from_millis)
    }
}

impl Event {
    fn from_source(place: &str, source: EventSource) -> Result<Self, TemplateError> {
        match source.kind.as_str() {
            "HttpApi" => {
                let route: HttpRoute = typed(place, source.properties)?;
                if route.payload_format_version.as_deref().is_some_and(|v| v != "2.0") {
                    let problem = "PayloadFormatVersion: only 2.0 is understood";
                    return Err(TemplateError::at(place, problem));
                }
                if route.timeout() > GATEWAY_TIMEOUT_MAX {
                    return Err(TemplateError::at(place, "TimeoutInMillis: 30000 at most"));
                }
                Ok(Self::Http(route))
            }
            "DynamoDB" => StreamMapping::from_properties(place, typed(place, source.properties)?)
                .map(Self::Stream),
            other => {
                Err(TemplateError::at(place, format!("events of type {other} are not understood")))
            }
        }
    }
}

impl StreamMapping {
    fn from_properties(place: &str, read: StreamProperties) -> Result<Self, TemplateError> {
        if read.starting_position != "TRIM_HORIZON" {
            return Err(TemplateError::at(
                place,
                "StartingPosition: only TRIM_HORIZON is understood",
            ));
        }
        if read.function_response_types.iter().any(|kind| kind != "ReportBatchItemFailures") {
            let problem = "FunctionResponseTypes: only ReportBatchItemFailures exists";
            return Err(TemplateError::at(place, problem));
        }
        let batch_size = read.batch_size.unwrap_or(BATCH_SIZE_DEFAULT);
        if !(1..=BATCH_SIZE_MAX).contains(&batch_size) {
            return Err(TemplateError::at(place, format!("BatchSize: 1 to {BATCH_SIZE_MAX}")));
        }
        Ok(Self {
            stream_arn: read.stream,
            batch_size,
            batch_window: Duration::from_secs(read.maximum_batching_window_in_seconds.unwrap_or(0)),
            bisects: read.bisect_batch_on_function_error,
            retries_max: bound(place, "MaximumRetryAttempts", read.maximum_retry_attempts)?,
            age_max: bound(place, "MaximumRecordAgeInSeconds", read.maximum_record_age_in_seconds)?
                .map(|seconds| Duration::from_secs(seconds.into())),
            failure_queue_arn: failure_queue(place, read.destination_config)?,
            reports_item_failures: !read.function_response_types.is_empty(),
            patterns: patterns(place, read.filter_criteria)?,
        })
    }
}

/// `-1` means no bound.
fn bound(place: &str, name: &str, value: Option<i64>) -> Result<Option<u32>, TemplateError> {
    match value {
        None | Some(-1) => Ok(None),
        Some(value) => u32::try_from(value)
            .map(Some)
            .map_err(|_| TemplateError::at(place, format!("{name}: {value} is out of range"))),
    }
}

fn failure_queue(
    place: &str,
    destinations: Option<Destinations>,
) -> Result<Option<String>, TemplateError> {
    let Some(Destinations { on_failure }) = destinations else { return Ok(None) };
    match on_failure.kind.as_deref() {
        None | Some("SQS") => Ok(Some(on_failure.destination)),
        Some(other) => Err(TemplateError::at(
            place,
            format!("a failure destination of type {other} is not understood"),
        )),
    }
}

fn patterns(place: &str, criteria: Option<FilterCriteria>) -> Result<Vec<Value>, TemplateError> {
    let filters = criteria.map(|criteria| criteria.filters).unwrap_or_default();
    if filters.len() > FILTERS_MAX {
        return Err(TemplateError::at(place, format!("at most {FILTERS_MAX} filters")));
    }
    let parse = |filter: Filter| {
        if filter.pattern.len() > PATTERN_BYTES_MAX {
            let problem = format!("a pattern has at most {PATTERN_BYTES_MAX} characters");
            return Err(TemplateError::at(place, problem));
        }
        let pattern = serde_json::from_str(&filter.pattern)
            .map_err(|error| TemplateError::at(place, format!("a pattern is no JSON: {error}")))?;
        crate::stream::filter::check(&pattern)
            .map_err(|problem| TemplateError::at(place, format!("pattern: {problem}")))?;
        Ok(pattern)
    };
    filters.into_iter().map(parse).collect()
}

fn check_runtime(id: &str, properties: &Properties) -> Result<(), TemplateError> {
    if properties.runtime.as_deref() != Some("provided.al2023") {
        return Err(TemplateError::at(id, "Runtime: only provided.al2023 is understood"));
    }
    if properties.handler.as_deref() != Some("bootstrap") {
        return Err(TemplateError::at(id, "Handler: only bootstrap is understood"));
    }
    let known = |name: &String| matches!(name.as_str(), "arm64" | "x86_64");
    if !properties.architectures.iter().flatten().all(known) {
        return Err(TemplateError::at(id, "Architectures: arm64 or x86_64"));
    }
    if !(1..=TIMEOUT_MAX_S).contains(&properties.timeout.unwrap_or(TIMEOUT_DEFAULT_S)) {
        return Err(TemplateError::at(id, format!("Timeout: 1 to {TIMEOUT_MAX_S} seconds")));
    }
    Ok(())
}

fn binary(id: &str, declared: &Resource) -> Result<String, TemplateError> {
    let metadata = declared
        .metadata
        .as_ref()
        .ok_or_else(|| TemplateError::at(id, "Metadata with BuildMethod and Binary is missing"))?;
    if metadata.build_method != "rust-cargolambda" {
        let problem = format!("BuildMethod {} is not understood", metadata.build_method);
        return Err(TemplateError::at(id, problem));
    }
    Ok(metadata.build_properties.binary.clone())
}

/// SAM's rule: a function's own value wins; of objects (the variables), both sides count.
fn with_globals(properties: Value, globals: &Value) -> Result<Value, TemplateError> {
    let Value::Object(sections) = globals else { return Ok(properties) };
    if let Some(section) = sections.keys().find(|section| *section != "Function") {
        return Err(TemplateError::at("Globals", format!("{section} is not understood")));
    }
    let mut merged = sections.get("Function").cloned().unwrap_or_default();
    overlay(&mut merged, properties);
    Ok(merged)
}

fn overlay(base: &mut Value, top: Value) {
    match (base, top) {
        (Value::Object(base), Value::Object(top)) => {
            for (key, value) in top {
                overlay(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (base, top) => *base = top,
    }
}

/// Lambda's own defaults and bounds.
const MEMORY_DEFAULT_MB: u32 = 128;
const TIMEOUT_DEFAULT_S: u64 = 3;
const TIMEOUT_MAX_S: u64 = 900;
const BATCH_SIZE_DEFAULT: usize = 100;
const BATCH_SIZE_MAX: usize = 10_000;
const FILTERS_MAX: usize = 5;
const PATTERN_BYTES_MAX: usize = 4_096;

/// What an HTTP API waits for a function at most.
const GATEWAY_TIMEOUT_MAX: Duration = Duration::from_secs(30);
