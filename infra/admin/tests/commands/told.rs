//! Runs a command as an operator types it, and keeps what it said.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use http_tests::{Phone, Stack, faketime, operation, sale};
use serde_json::{Value, json};

/// What a command said and whether it succeeded.
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) complaint: String,
    pub(crate) succeeded: bool,
}

pub(crate) fn admin(stack: &Stack, arguments: &[&str]) -> Told {
    typed(stack, arguments, "")
}

/// Runs it and types `input`.
pub(crate) fn typed(stack: &Stack, arguments: &[&str], input: &str) -> Told {
    run(program(), stack, arguments, input)
}

/// Runs it at a later hour (`+7m`) of its own clock.
pub(crate) fn later(stack: &Stack, by: &str, arguments: &[&str]) -> Told {
    let mut command = program();
    command.env("LD_PRELOAD", faketime().unwrap()).env("FAKETIME", by);
    run(command, stack, arguments, "")
}

fn run(command: Command, stack: &Stack, arguments: &[&str], input: &str) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(command, folder.path(), stack.status(), arguments);
    // A command that reads nothing may be gone by now.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    Told {
        text: String::from_utf8(output.stdout).unwrap(),
        complaint: String::from_utf8(output.stderr).unwrap(),
        succeeded: output.status.success(),
    }
}

/// Starts it on the stack that `status` tells of, which is written to `folder`.
pub(crate) fn start(
    mut command: Command,
    folder: &Path,
    status: &Value,
    arguments: &[&str],
) -> Child {
    let file = folder.join("status.json");
    std::fs::write(&file, status.to_string()).unwrap();
    command.args(arguments).arg("--status-file").arg(&file);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The command itself.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_admin"))
}

impl Told {
    pub(crate) fn good(&self) -> &str {
        assert!(self.succeeded, "{}{}", self.text, self.complaint);
        &self.text
    }

    pub(crate) fn data(&self) -> Value {
        let whole: Value = protocol::json::from_str(self.good()).expect("one line of JSON");
        whole["data"].clone()
    }

    pub(crate) fn refusal(&self) -> &str {
        assert!(!self.succeeded, "it succeeded: {}", self.text);
        &self.complaint
    }
}

/// Two customers, a sale, and one refused operation, all published.
pub(crate) fn busy_business(stack: &Stack) -> Phone {
    let admin = stack.business();
    let results = admin.push(&[
        operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"})),
        operation("customers", "insert", "c2", json!({"name": "Luis Rojas"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation("customers", "insert", "c3", json!({"name": ""})),
    ]);
    assert_eq!(results[3]["status"], "rejected");
    admin.feed_of(3);
    admin
}

/// Calls the store as DynamoDB is called.
pub(crate) fn dynamodb(stack: &Stack, call: &str, body: &Value) -> Value {
    let url = stack.status()["dynamodb"].as_str().unwrap();
    let response = ureq::post(url)
        .header("x-amz-target", format!("DynamoDB_20120810.{call}"))
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20260101T000000Z")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/dynamodb/aws4_request, \
             SignedHeaders=host, Signature=00",
        )
        .send(body.to_string());
    protocol::json::from_str(&response.unwrap().body_mut().read_to_string().unwrap()).unwrap()
}

pub(crate) fn items(stack: &Stack, table: &str) -> String {
    let name = stack.status()["tables"][table].as_str().unwrap();
    dynamodb(stack, "Scan", &json!({"TableName": name}))["Items"].to_string()
}
