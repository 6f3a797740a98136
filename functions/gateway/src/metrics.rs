//! Metrics as lines of CloudWatch's embedded metric format: one JSON object on standard output,
//! which the log keeps whole and of which CloudWatch counts what `_aws` names.
//!
//! ```json
//! {"_aws":{"Timestamp":1795352700000,"CloudWatchMetrics":[{"Namespace":"Avileo",
//!   "Dimensions":[["Stage","Function"]],"Metrics":[{"Name":"Latency","Unit":"Milliseconds"}]}]},
//!  "Stage":"dev","Function":"avileo-dev-CrudFunction-1","Latency":12,"route":"GET /customers"}
//! ```
//!
//! Source: AWS, "Specification: Embedded metric format".

use protocol::Instant;
use serde_json::{Map, Value, json};

use crate::optional_setting;

/// A line in the making.
#[derive(Debug, Clone)]
pub struct Metrics {
    now: Instant,
    units: Vec<Value>,
    line: Map<String, Value>,
}

impl Metrics {
    /// Of the moment `now`, of the stage and function that the environment names.
    pub fn at(now: Instant) -> Self {
        let named = |variable, otherwise: &str| {
            optional_setting(variable).unwrap_or_else(|| otherwise.to_owned())
        };
        let mut line = Map::new();
        line.insert("Stage".into(), named("STAGE", "none").into());
        line.insert("Function".into(), named("AWS_LAMBDA_FUNCTION_NAME", "none").into());
        Self { now, units: Vec::new(), line }
    }

    /// A number of things.
    #[must_use]
    pub fn count(self, name: &'static str, value: usize) -> Self {
        self.metric(name, "Count", value.into())
    }

    /// A time.
    #[must_use]
    pub fn milliseconds(self, name: &'static str, value: u64) -> Self {
        self.metric(name, "Milliseconds", value.into())
    }

    /// What is no metric but helps to find the line.
    #[must_use]
    pub fn property(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.line.insert(name.into(), value.into());
        self
    }

    /// Writes the line.
    pub fn write(self) {
        write_line(&self.into_line());
    }

    fn metric(mut self, name: &'static str, unit: &str, value: Value) -> Self {
        self.units.push(json!({ "Name": name, "Unit": unit }));
        self.line.insert(name.into(), value);
        self
    }

    fn into_line(self) -> Value {
        let mut line = self.line;
        let described = json!({
            "Timestamp": self.now.as_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Stage", "Function"]],
                "Metrics": self.units,
            }],
        });
        line.insert("_aws".into(), described);
        Value::Object(line)
    }
}

#[expect(clippy::print_stdout, reason = "metrics are a bare line of JSON on standard output")]
fn write_line(line: &Value) {
    println!("{line}");
}

/// Alarms and dashboard of the template look there.
const NAMESPACE: &str = "Avileo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_metrics_and_carries_their_values() {
        let line = Metrics::at(Instant::from_millis(7))
            .count("Failures", 1)
            .property("route", "GET /health")
            .into_line();
        assert_eq!(line["_aws"]["Timestamp"], 7);
        let described = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(described["Metrics"], json!([{ "Name": "Failures", "Unit": "Count" }]));
        for dimension in described["Dimensions"][0].as_array().unwrap() {
            assert!(line[dimension.as_str().unwrap()].is_string());
        }
        assert_eq!((&line["Failures"], &line["route"]), (&json!(1), &json!("GET /health")));
    }
}
