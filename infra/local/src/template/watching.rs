//! What watches the system in the cloud: alarms, the dashboard, saved queries.
//!
//! Nothing of it runs on one machine. Its properties are held to what AWS's own tools let pass and
//! the service then refuses, or worse, takes and never rings: a dashboard that is no JSON, a period
//! that metrics do not have, a metric of ours without its dimensions, or written and never shown, a
//! query over no log.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::TemplateError;
use super::resources::typed;

/// A kind of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watcher {
    Alarm,
    Dashboard,
    Query,
    /// Carries news to people, and has nothing to be checked.
    Messenger,
}

impl Watcher {
    /// Checks the properties of one.
    pub(super) fn check(self, id: &str, properties: Value) -> Result<(), TemplateError> {
        match self {
            Self::Alarm => typed::<Alarm>(id, properties)?.check(id),
            Self::Dashboard => typed::<Dashboard>(id, properties)?.check(id),
            Self::Query => typed::<Query>(id, properties)?.check(id),
            Self::Messenger => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "as the template names them")]
struct Alarm {
    alarm_description: String,
    #[serde(rename = "ComparisonOperator")]
    _comparison_operator: String,
    #[serde(rename = "Threshold")]
    _threshold: f64,
    evaluation_periods: u32,
    datapoints_to_alarm: u32,
    treat_missing_data: String,
    #[serde(rename = "AlarmActions")]
    _alarm_actions: Option<Vec<String>>,
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    period: Option<u32>,
    #[serde(default)]
    metrics: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Part {
    #[serde(rename = "Id")]
    _id: String,
    expression: Option<String>,
    return_data: bool,
    metric_stat: Option<MetricStat>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct MetricStat {
    metric: Metric,
    period: u32,
    stat: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "as the template names them")]
struct Metric {
    namespace: String,
    metric_name: String,
    dimensions: Vec<Dimension>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Dimension {
    name: String,
    #[serde(rename = "Value")]
    _value: String,
}

impl Alarm {
    fn check(&self, id: &str) -> Result<(), TemplateError> {
        let wrong = |problem: String| Err(TemplateError::at(id, problem));
        if self.alarm_description.is_empty() {
            return wrong("an alarm says what has happened".into());
        }
        if !(1..=self.evaluation_periods).contains(&self.datapoints_to_alarm) {
            return wrong("DatapointsToAlarm: 1 to EvaluationPeriods".into());
        }
        if !["missing", "notBreaching", "breaching", "ignore"]
            .contains(&self.treat_missing_data.as_str())
        {
            return wrong(format!("TreatMissingData {} does not exist", self.treat_missing_data));
        }
        let periods = self.check_metrics(id)?;
        for period in periods {
            if period < 60 || period % 60 != 0 {
                return wrong(format!("Period {period}: minutes, as metrics come"));
            }
            if period * self.evaluation_periods > EVALUATED_SECONDS_MAX {
                return wrong("it looks back over more than a day".into());
            }
        }
        Ok(())
    }

    /// The periods of its metrics.
    fn check_metrics(&self, id: &str) -> Result<Vec<u32>, TemplateError> {
        let wrong = |problem: &str| TemplateError::at(id, problem);
        if let (Some(namespace), Some(name), Some(period)) =
            (&self.namespace, &self.metric_name, self.period)
        {
            if !self.metrics.is_empty() {
                return Err(wrong("one metric, or Metrics, not both"));
            }
            if self.statistic.is_some() == self.extended_statistic.is_some() {
                return Err(wrong("Statistic or ExtendedStatistic, one of them"));
            }
            check_metric(id, namespace, name, &self.dimensions)?;
            return Ok(vec![period]);
        }
        if self.metrics.iter().filter(|part| part.return_data).count() != 1 {
            return Err(wrong("of Metrics exactly one returns data"));
        }
        let mut periods = Vec::new();
        for part in &self.metrics {
            match (&part.expression, &part.metric_stat) {
                (Some(_), None) => {}
                (None, Some(read)) => {
                    let Metric { namespace, metric_name, dimensions } = &read.metric;
                    check_metric(id, namespace, metric_name, dimensions)?;
                    if read.stat.is_empty() {
                        return Err(wrong("Stat is empty"));
                    }
                    periods.push(read.period);
                }
                _ => return Err(wrong("a part is an Expression or a MetricStat")),
            }
        }
        Ok(periods)
    }
}

/// A metric under other dimensions than it is written with has no data, and its alarm never rings.
fn check_metric(
    id: &str,
    namespace: &str,
    name: &str,
    dimensions: &[Dimension],
) -> Result<(), TemplateError> {
    let Some((_, wanted)) = DIMENSIONS.iter().find(|(known, _)| *known == namespace) else {
        return Err(TemplateError::at(id, format!("the namespace {namespace} is not known here")));
    };
    if namespace == OURS && !OUR_METRICS.contains(&name) {
        return Err(TemplateError::at(id, format!("no function writes the metric {name}")));
    }
    let found: Vec<&str> = dimensions.iter().map(|dimension| dimension.name.as_str()).collect();
    if found != *wanted {
        let problem = format!("{namespace} {name} has the dimensions {wanted:?}, not {found:?}");
        return Err(TemplateError::at(id, problem));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Dashboard {
    #[serde(rename = "DashboardName")]
    _dashboard_name: String,
    dashboard_body: String,
}

impl Dashboard {
    fn check(&self, id: &str) -> Result<(), TemplateError> {
        let body: Value = protocol::json::from_str(&self.dashboard_body)
            .map_err(|error| TemplateError::at(id, format!("DashboardBody: {error}")))?;
        let widgets = body["widgets"].as_array().filter(|widgets| !widgets.is_empty());
        let widgets = widgets.ok_or_else(|| TemplateError::at(id, "it shows nothing"))?;
        let mut shown_of_ours = BTreeSet::new();
        for widget in widgets {
            let shown = &widget["properties"];
            let title = shown["title"].as_str().unwrap_or("without a title");
            let place = format!("{id}, widget {title}");
            let metrics = shown["metrics"].as_array().filter(|metrics| !metrics.is_empty());
            for metric in metrics.ok_or_else(|| TemplateError::at(&place, "shows nothing"))? {
                check_row(&place, metric)?;
                shown_of_ours.extend(metric[1].as_str().filter(|_| metric[0] == OURS));
            }
        }
        let unseen = OUR_METRICS.iter().find(|name| !shown_of_ours.contains(*name));
        unseen.map_or(Ok(()), |name| Err(TemplateError::at(id, format!("does not show {name}"))))
    }
}

/// `[namespace, metric, dimension, value, …]`.
fn check_row(place: &str, row: &Value) -> Result<(), TemplateError> {
    let texts: Option<Vec<&str>> =
        row.as_array().and_then(|parts| parts.iter().map(Value::as_str).collect());
    let Some([namespace, name, pairs @ ..]) = texts.as_deref() else {
        return Err(TemplateError::at(place, "a metric is a list of texts"));
    };
    let dimensions: Vec<Dimension> = pairs
        .chunks_exact(2)
        .map(|pair| Dimension { name: pair[0].into(), _value: pair[1].into() })
        .collect();
    check_metric(place, namespace, name, &dimensions)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "as the template names them")]
struct Query {
    #[serde(rename = "Name")]
    _name: String,
    log_group_names: Vec<String>,
    query_string: String,
}

impl Query {
    fn check(&self, id: &str) -> Result<(), TemplateError> {
        let command = self.query_string.split_whitespace().next().unwrap_or_default();
        if !["fields", "filter", "stats"].contains(&command) || self.log_group_names.is_empty() {
            return Err(TemplateError::at(id, "a query has a command and logs to look into"));
        }
        Ok(())
    }
}

/// The functions' own metrics.
const OURS: &str = "Avileo";

/// What the functions write.
const OUR_METRICS: &[&str] = &[
    "BusinessesAwaitingRepair",
    "BusinessesMarked",
    "ChangesPublished",
    "Failures",
    "FeedGaps",
    "Latency",
    "Operations",
    "OperationsRefused",
    "PublishLag",
    "StreamRetries",
];

/// By which dimensions each namespace's metrics are told apart.
const DIMENSIONS: &[(&str, &[&str])] = &[
    (OURS, &["Stage", "Function"]),
    ("AWS/Lambda", &["FunctionName"]),
    ("AWS/ApiGateway", &["ApiId"]),
    ("AWS/SQS", &["QueueName"]),
    ("AWS/DynamoDB", &["TableName"]),
    ("AWS/CloudFront", &["DistributionId", "Region"]),
];

/// CloudWatch's bound for alarms with periods of an hour and less.
const EVALUATED_SECONDS_MAX: u32 = 86_400;
