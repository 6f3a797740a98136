//! A Lambda function of the template, with the events that call it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::TemplateError;
use super::event::{Event, EventSource};
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
    /// Where its lines go.
    pub(crate) log_group: Option<String>,
    /// The level of the function's own lines.
    pub(crate) log_level: Option<String>,
    /// Its variables.
    pub(crate) environment: BTreeMap<String, String>,
    /// What calls it, by name.
    pub(crate) events: BTreeMap<String, Event>,
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
    // How versions take over from each other, traces, and capacity: nothing of one machine.
    #[serde(rename = "AutoPublishAlias")]
    _auto_publish_alias: Option<String>,
    #[serde(rename = "DeploymentPreference")]
    _deployment_preference: Option<DeploymentPreference>,
    #[serde(rename = "Tracing")]
    _tracing: Option<String>,
    #[serde(rename = "ReservedConcurrentExecutions")]
    _reserved_concurrent_executions: Option<u32>,
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
struct DeploymentPreference {
    #[serde(rename = "Type")]
    _kind: String,
    #[serde(rename = "Alarms")]
    _alarms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Logging {
    log_group: Option<String>,
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
            log_group: logging.as_ref().and_then(|logging| logging.log_group.clone()),
            log_level: logging.and_then(|logging| logging.application_log_level),
            environment: properties.environment.map(|e| e.variables).unwrap_or_default(),
            events: events.collect::<Result<_, _>>()?,
        })
    }
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
    let missing = || TemplateError::at(id, "Metadata with BuildMethod and Binary is missing");
    let metadata = declared.metadata.as_ref().ok_or_else(missing)?;
    let method = metadata.build_method.as_ref().ok_or_else(missing)?;
    if method != "rust-cargolambda" {
        return Err(TemplateError::at(id, format!("BuildMethod {method} is not understood")));
    }
    let properties = metadata.build_properties.as_ref().ok_or_else(missing)?;
    Ok(properties.binary.clone())
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
