//! Behind the routes: the tables as DynamoDB shows them, the streams, and functions called by hand.

use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::{Phone, Stack, until};

impl Stack {
    /// A call of DynamoDB's own interface, past any proxy. Table names are logical ones
    /// (`RecordsTable`).
    pub fn dynamodb(&self, operation: &str, mut request: Value) -> Value {
        if let Some(table) = request["TableName"].as_str() {
            request["TableName"] = self.table(table).into();
        }
        let url = self.status()["dynamodb"].as_str().expect("the status has a store");
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [
            ("x-amz-target", target.as_str()),
            ("authorization", AUTHORIZATION),
            ("x-amz-date", "20260101T000000Z"),
        ];
        let (status, _, body) = post(url, &headers, &request);
        assert_eq!(status, 200, "{operation}: {body}");
        body
    }

    /// The name of a table of the template.
    pub fn table(&self, logical_id: &str) -> &str {
        self.status()["tables"][logical_id].as_str().expect("a table of the template")
    }

    /// Every item of a phone's business in a table whose partition key is the business, as
    /// DynamoDB writes it (`{"version":{"N":"1"},…}`).
    pub fn items_of(&self, table: &str, phone: &Phone) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut query = json!({"TableName": table, "ConsistentRead": true,
                "KeyConditionExpression": "business = :business",
                "ExpressionAttributeValues": {":business": {"S": phone.business()}}});
            if !start.is_null() {
                query["ExclusiveStartKey"] = start;
            }
            let mut page = self.dynamodb("Query", query);
            items.extend(page["Items"].as_array().expect("items").iter().cloned());
            start = page["LastEvaluatedKey"].take();
            if start.is_null() {
                return items;
            }
        }
    }

    /// The stream records by which DynamoDB would announce the records of a phone's business as
    /// they are now; guards too.
    pub fn stream_records(&self, phone: &Phone) -> Vec<Value> {
        let items = self.items_of("RecordsTable", phone);
        let records = items.iter().enumerate().map(|(at, item)| {
            json!({"eventName": "MODIFY", "eventSource": "aws:dynamodb", "dynamodb": {
                "SequenceNumber": (at + 1).to_string(),
                "Keys": {"business": item["business"], "record": item["record"]},
                "NewImage": item}})
        });
        records.collect()
    }

    /// Calls a function as Lambda's own Invoke does.
    ///
    /// # Errors
    /// What the function, or its death, answered.
    pub fn invoke(&self, function: &str, event: &Value) -> Result<Value, Value> {
        let control = self.control();
        let url = format!("{control}/2015-03-31/functions/{function}/invocations");
        let (status, failed, body) = post(&url, &[], event);
        assert_eq!(status, 200, "{function}: {body}");
        if failed { Err(body) } else { Ok(body) }
    }

    /// Waits until the stream of `records` has been worked off.
    pub fn stream_is_worked_off(&self) {
        let control = self.control();
        until("an empty stream", || {
            let streams = get(&format!("{control}/streams"));
            (streams["waiting"]["RecordChangesFunction"] == 0).then_some(())
        });
    }

    /// The messages of the failure queue, each with the event that was given up.
    pub fn failures(&self) -> Vec<Value> {
        let answer = get(&format!("{}/failures", self.control()));
        answer["failures"].as_array().expect("a list").clone()
    }

    /// Gives each message of the failure queue to its function once more; how many were
    /// `redriven` and how many `failed`.
    pub fn redrive(&self) -> Value {
        let (status, _, body) =
            post(&format!("{}/failures/redrive", self.control()), &[], &Value::Null);
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The secret with the signing keys, as it is kept.
    pub fn signing_keys(&self) -> String {
        let answer = self.secrets_manager("GetSecretValue", &json!({}));
        answer["SecretString"].as_str().expect("a text").to_owned()
    }

    /// Keeps another text in that secret.
    pub fn put_signing_keys(&self, text: &str) {
        self.secrets_manager("PutSecretValue", &json!({ "SecretString": text }));
    }

    fn secrets_manager(&self, call: &str, request: &Value) -> Value {
        let mut request = request.clone();
        request["SecretId"] = self.status()["secrets"]["SigningKeysSecret"].clone();
        let url = self.status()["secretsManager"].as_str().expect("an address");
        let (status, _, body) =
            post(url, &[("x-amz-target", &format!("secretsmanager.{call}"))], &request);
        assert_eq!(status, 200, "{body}");
        body
    }

    fn control(&self) -> &str {
        self.status()["control"].as_str().expect("the status has a control")
    }
}

/// Kills, with `kill -9`, every process of `binary` whose parent is `parent`.
pub fn kill_children(parent: u32, binary: &str) {
    for entry in fs::read_dir("/proc").expect("Linux").flatten() {
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Ok(arguments) = fs::read_to_string(entry.path().join("cmdline")) else { continue };
        let parent_of_it = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        if parent_of_it == Some(&parent.to_string()) && arguments.contains(binary) {
            let pid = entry.file_name();
            Command::new("kill").arg("-9").arg(pid).status().expect("kill is there");
        }
    }
}

fn get(url: &str) -> Value {
    let mut answer = AGENT.get(url).call().expect("the stack answers");
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().expect("a text");
    serde_json::from_str(&text).expect("JSON")
}

/// Status, whether a function failed, body.
fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> (u16, bool, Value) {
    let mut request = AGENT.post(url).header("content-type", "application/x-amz-json-1.0");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(body.to_string()).expect("the stack answers");
    let failed = response.headers().contains_key("x-amz-function-error");
    let text = response.body_mut().with_config().limit(64 << 20).read_to_string();
    let text = text.expect("a text");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (response.status().as_u16(), failed, body)
}

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(1)))
        .build()
        .into()
});

/// The form of a signature; nobody checks it on one machine.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=test/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date;x-amz-target, Signature=0";
