//! A DynamoDB table of the template.

use serde::Deserialize;
use serde_json::{Value, json};

use super::TemplateError;
use super::resources::{self, physical_name, typed};

/// A table, ready to be created.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    name: String,
    properties: Properties,
}

/// What is understood of `AWS::DynamoDB::Table`. The parts that go to `CreateTable` as they are
/// stay JSON: the store itself refuses what it does not understand in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    table_name: Option<String>,
    billing_mode: Option<String>,
    deletion_protection_enabled: Option<bool>,
    #[serde(rename = "PointInTimeRecoverySpecification")]
    _point_in_time_recovery: Option<PointInTimeRecovery>,
    #[serde(rename = "SSESpecification")]
    _encryption: Option<Encryption>,
    attribute_definitions: Value,
    key_schema: Value,
    local_secondary_indexes: Option<Value>,
    global_secondary_indexes: Option<Value>,
    stream_specification: Option<Stream>,
    time_to_live_specification: Option<TimeToLive>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct PointInTimeRecovery {
    #[serde(rename = "PointInTimeRecoveryEnabled")]
    _enabled: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encryption {
    #[serde(rename = "SSEEnabled")]
    _enabled: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Stream {
    stream_view_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

impl Table {
    pub(super) fn from_properties(id: &str, properties: Value) -> Result<Self, TemplateError> {
        let properties: Properties = typed(id, properties)?;
        if properties.table_name.is_some() {
            let problem =
                "TableName: tables are named by the stack, so that a restored one can take over";
            return Err(TemplateError::at(id, problem));
        }
        if properties.billing_mode.as_deref() != Some("PAY_PER_REQUEST") {
            return Err(TemplateError::at(id, "BillingMode: only PAY_PER_REQUEST is understood"));
        }
        Ok(Self { name: physical_name(id), properties })
    }

    /// Its name in the store.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has a stream.
    pub(crate) fn streams(&self) -> bool {
        self.properties.stream_specification.is_some()
    }

    /// Of its stream.
    pub(crate) fn stream_arn(&self) -> String {
        resources::stream_arn(&self.name)
    }

    /// The attribute that items are divided by.
    pub(crate) fn partition_key(&self) -> String {
        let creation = self.creation();
        let keys = creation["KeySchema"].as_array().map_or(&[][..], Vec::as_slice);
        let hash = keys.iter().find(|key| key["KeyType"] == "HASH");
        hash.and_then(|key| key["AttributeName"].as_str()).unwrap_or_default().to_owned()
    }

    /// Which images its stream carries.
    pub(crate) fn stream_view_type(&self) -> Option<&str> {
        self.properties.stream_specification.as_ref().map(|stream| stream.stream_view_type.as_str())
    }

    /// The request that creates it. Deletion protection and time to live come after.
    pub(crate) fn creation(&self) -> Value {
        let properties = &self.properties;
        let mut request = json!({
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": properties.deletion_protection_enabled.unwrap_or(false),
            "AttributeDefinitions": properties.attribute_definitions,
            "KeySchema": properties.key_schema,
        });
        if let Some(stream) = &properties.stream_specification {
            request["StreamSpecification"] =
                json!({"StreamEnabled": true, "StreamViewType": stream.stream_view_type});
        }
        if let Some(indexes) = &properties.local_secondary_indexes {
            request["LocalSecondaryIndexes"] = indexes.clone();
        }
        if let Some(indexes) = &properties.global_secondary_indexes {
            request["GlobalSecondaryIndexes"] = indexes.clone();
        }
        request
    }

    /// The request that makes its items expire, if they do.
    pub(crate) fn time_to_live(&self) -> Option<Value> {
        self.properties.time_to_live_specification.as_ref().map(|ttl| {
            json!({
                "TableName": self.name,
                "TimeToLiveSpecification": {
                    "AttributeName": ttl.attribute_name,
                    "Enabled": ttl.enabled,
                },
            })
        })
    }

    /// What of it decides how data is laid out: another layout is other data.
    pub(crate) fn layout(&self) -> Value {
        layout_of(&self.creation())
    }
}

/// Keys, indexes and stream of a table, from a creation request or from a description.
pub(crate) fn layout_of(table: &Value) -> Value {
    let indexes = |field: &str| -> Vec<Value> {
        let mut indexes: Vec<Value> = table[field]
            .as_array()
            .map(|indexes| {
                indexes.iter().map(|i| json!([i["IndexName"], i["KeySchema"]])).collect()
            })
            .unwrap_or_default();
        indexes.sort_by_key(ToString::to_string);
        indexes
    };
    json!({
        "keys": table["KeySchema"],
        "local": indexes("LocalSecondaryIndexes"),
        "global": indexes("GlobalSecondaryIndexes"),
        "stream": table["StreamSpecification"]["StreamViewType"],
    })
}
