//! The signing keys: made once, and copied to where the edge can read them.
//!
//! A key is put there before anything is signed with it, and taken away only once it is in the secret
//! no more; so this step may run at any moment of a rotation. No key is ever printed, or named
//! on a command line.

use std::fs;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::{Deployment, Outputs, write_private};
use crate::problem::Problem;
use crate::process::{run, say};

/// Makes the first key if there is none, and makes the edge's copies equal to the secret.
pub(super) fn publish(deployment: &Deployment, outputs: &Outputs) -> Result<(), Problem> {
    let secret = match read(deployment, outputs)? {
        Some(keys) => keys,
        None if deployment.calls.is_dry() => Map::new(),
        None => {
            make_first(deployment, outputs)?;
            read(deployment, outputs)?
                .ok_or_else(|| Problem::Answer("the secret holds no keys".to_owned()))?
        }
    };
    let arn = outputs.get("EdgeKeysArn");
    let calls = &deployment.calls;
    let store = |action: &str| {
        let mut command = calls.aws();
        command.args(["cloudfront-keyvaluestore", action, "--output", "json", "--kvs-arn", &arn]);
        command
    };
    let present = calls.answer("the edge's keys", &mut store("list-keys"))?;
    let described = calls.answer("their version", &mut store("describe-key-value-store"))?;
    let Some(change) = difference(&secret, &present) else {
        say("deploy: the edge has these keys already");
        return Ok(());
    };
    let tag = described["ETag"].as_str().unwrap_or("<ETag>").to_owned();
    let file = deployment.folder.join("keys.json");
    let request = format!("file://{}", file.display());
    if !calls.is_dry() {
        let mut change = change;
        change["KvsARN"] = arn.clone().into();
        change["IfMatch"] = tag.into();
        write_private(&file, &change.to_string())?;
    }
    let mut update = calls.aws();
    update.args(["cloudfront-keyvaluestore", "update-keys", "--cli-input-json", &request]);
    let updated = calls.run("the signing keys, to the edge", &mut update);
    if !calls.is_dry() {
        fs::remove_file(&file).map_err(Problem::file(&file))?;
    }
    updated
}

/// Keys by id; nothing while the secret holds none.
fn read(deployment: &Deployment, outputs: &Outputs) -> Result<Option<Map<String, Value>>, Problem> {
    let mut get = deployment.calls.aws();
    get.args(["secretsmanager", "get-secret-value", "--output", "text", "--query", "SecretString"]);
    get.args(["--secret-id", &outputs.get("SigningKeysSecretArn")]);
    // A secret without a value is an error to the AWS CLI, and the first deployment's usual case.
    let text = match deployment.calls.text("the signing keys", &mut get) {
        Err(Problem::Program { cause, .. }) if cause.contains("ResourceNotFoundException") => {
            return Ok(None);
        }
        other => other?,
    };
    let value: Value = serde_json::from_str(text.trim()).unwrap_or_default();
    Ok(value["keys"].as_object().cloned())
}

/// By the operators' command, which knows how keys are made.
fn make_first(deployment: &Deployment, outputs: &Outputs) -> Result<(), Problem> {
    say("deploy: the secret holds no key yet: cargo xtask admin rotate-key");
    let mut admin: Command = crate::workspace::cargo(&deployment.workspace.root);
    admin.args(["xtask", "admin", "rotate-key", "--json", "--stage", deployment.stage()]);
    for (variable, output) in [
        ("RECORDS_TABLE", "RecordsTableName"),
        ("OPERATIONS_TABLE", "OperationsTableName"),
        ("CHANGES_TABLE", "ChangesTableName"),
        ("ACCOUNTS_TABLE", "AccountsTableName"),
        ("SIGNING_KEYS_SECRET", "SigningKeysSecretArn"),
    ] {
        admin.env(variable, outputs.get(output));
    }
    // Its answer carries the key.
    run(admin.env("AWS_REGION", "us-east-1").stdout(std::process::Stdio::null()))
}

/// What the edge lacks and what it has too much, if anything.
fn difference(secret: &Map<String, Value>, present: &Value) -> Option<Value> {
    let items = present["Items"].as_array().map_or(&[][..], Vec::as_slice);
    let at_edge = |kid: &str| items.iter().find(|item| item["Key"] == kid);
    let puts: Vec<Value> = secret
        .iter()
        .filter(|(kid, value)| at_edge(kid).is_none_or(|item| item["Value"] != **value))
        .map(|(kid, value)| json!({ "Key": kid, "Value": value }))
        .collect();
    let is_over = |item: &&Value| item["Key"].as_str().is_some_and(|kid| !secret.contains_key(kid));
    let deletes: Vec<Value> =
        items.iter().filter(is_over).map(|item| json!({ "Key": item["Key"] })).collect();
    // A dry run knows of no key and shows the call all the same.
    let is_settled = puts.is_empty() && deletes.is_empty() && !secret.is_empty();
    (!is_settled).then(|| json!({ "Puts": puts, "Deletes": deletes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_gets_what_it_lacks_and_loses_what_has_ended() {
        let secret = json!({"k1": "one", "k2": "two"});
        let secret = secret.as_object().unwrap();
        let edge = |items: Value| json!({ "Items": items });
        let settled = json!([{"Key": "k1", "Value": "one"}, {"Key": "k2", "Value": "two"}]);
        assert_eq!(difference(secret, &edge(settled)), None);
        let old = json!([{"Key": "k0", "Value": "zero"}, {"Key": "k1", "Value": "one"}]);
        let change = difference(secret, &edge(old)).unwrap();
        assert_eq!(change["Puts"], json!([{"Key": "k2", "Value": "two"}]));
        assert_eq!(change["Deletes"], json!([{"Key": "k0"}]));
    }
}
