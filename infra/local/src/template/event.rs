//! What calls a function: a route of an HTTP API, the stream of a table, or a schedule.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::TemplateError;
use super::resources::typed;
use super::schedule::Schedule;

/// What calls a function.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A route of an HTTP API.
    Http(HttpRoute),
    /// The stream of a table.
    Stream(StreamMapping),
    /// The clock.
    Schedule(Schedule),
}

/// A route of an HTTP API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct HttpRoute {
    /// The API's logical id.
    #[serde(rename = "ApiId")]
    pub(crate) api: String,
    /// In capitals, or `ANY`. With neither method nor path it is the API's `$default` route.
    pub(crate) method: Option<String>,
    /// Like `/customers/{id}` or `/files/{path+}`.
    pub(crate) path: Option<String>,
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
    /// How many batches of a shard are on their way at once; a partition key keeps to one lane.
    pub(crate) lanes: usize,
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
pub(super) struct EventSource {
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
    parallelization_factor: Option<usize>,
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

impl HttpRoute {
    /// The gateway's own patience with the function.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout_in_millis.map_or(GATEWAY_TIMEOUT_MAX, Duration::from_millis)
    }
}

impl Event {
    pub(super) fn from_source(place: &str, source: EventSource) -> Result<Self, TemplateError> {
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
                if route.method.is_some() != route.path.is_some() {
                    return Err(TemplateError::at(place, "Method and Path: both, or neither"));
                }
                Ok(Self::Http(route))
            }
            "DynamoDB" => StreamMapping::from_properties(place, typed(place, source.properties)?)
                .map(Self::Stream),
            "Schedule" => Schedule::from_properties(place, source.properties).map(Self::Schedule),
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
        let lanes = read.parallelization_factor.unwrap_or(1);
        if !(1..=LANES_MAX).contains(&lanes) {
            return Err(TemplateError::at(
                place,
                format!("ParallelizationFactor: 1 to {LANES_MAX}"),
            ));
        }
        let batch_size = read.batch_size.unwrap_or(BATCH_SIZE_DEFAULT);
        if !(1..=BATCH_SIZE_MAX).contains(&batch_size) {
            return Err(TemplateError::at(place, format!("BatchSize: 1 to {BATCH_SIZE_MAX}")));
        }
        Ok(Self {
            stream_arn: read.stream,
            batch_size,
            batch_window: Duration::from_secs(read.maximum_batching_window_in_seconds.unwrap_or(0)),
            lanes,
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
        let pattern = protocol::json::from_str(&filter.pattern)
            .map_err(|error| TemplateError::at(place, format!("a pattern is no JSON: {error}")))?;
        crate::stream::filter::check(&pattern)
            .map_err(|problem| TemplateError::at(place, format!("pattern: {problem}")))?;
        Ok(pattern)
    };
    filters.into_iter().map(parse).collect()
}

/// Lambda's own bounds.
const BATCH_SIZE_DEFAULT: usize = 100;
const BATCH_SIZE_MAX: usize = 10_000;
const LANES_MAX: usize = 10;
const FILTERS_MAX: usize = 5;
const PATTERN_BYTES_MAX: usize = 4_096;

/// What an HTTP API waits for a function at most.
const GATEWAY_TIMEOUT_MAX: Duration = Duration::from_secs(30);
