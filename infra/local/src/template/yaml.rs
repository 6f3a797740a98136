//! The outer form of a template: its sections, read from YAML with CloudFormation's tags kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml_ng::Value;

/// The sections of a template. A section that is not named here is an error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Document {
    #[serde(rename = "AWSTemplateFormatVersion")]
    #[expect(dead_code, reason = "every template carries it; there is only one version")]
    version: Option<String>,
    #[expect(dead_code, reason = "the SAM transform is what this program does")]
    transform: Option<String>,
    #[expect(dead_code, reason = "for people")]
    description: Option<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) conditions: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) globals: Value,
    pub(super) resources: BTreeMap<String, Resource>,
    #[serde(default)]
    pub(super) outputs: BTreeMap<String, Output>,
}

/// A parameter; here it always takes its default.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Parameter {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) default: Option<String>,
    pub(super) allowed_values: Option<Vec<String>>,
    #[serde(rename = "Description")]
    _description: Option<String>,
}

/// A resource before its properties are understood.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) condition: Option<String>,
    #[serde(default)]
    pub(super) properties: Value,
    pub(super) metadata: Option<Metadata>,
    #[serde(rename = "DeletionPolicy")]
    _deletion_policy: Option<String>,
    #[serde(rename = "UpdateReplacePolicy")]
    _update_replace_policy: Option<String>,
    #[serde(rename = "DependsOn", default)]
    _depends_on: Value,
}

/// How a function is built, or where its code stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Metadata {
    pub(super) build_method: Option<String>,
    pub(super) build_properties: Option<BuildProperties>,
    pub(super) source: Option<String>,
}

/// Which binary is a function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct BuildProperties {
    pub(super) binary: String,
}

/// What a deployment tells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Output {
    pub(super) value: Value,
    #[serde(rename = "Description")]
    _description: Option<String>,
}

impl Document {
    /// Reads the sections of `text`.
    pub(super) fn parse(text: &str) -> Result<Self, serde_yaml_ng::Error> {
        serde_yaml_ng::from_str(text)
    }
}
