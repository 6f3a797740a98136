//! The function that the stack's tests run: it tells what it was given, or fails as it is asked to.
//!
//! HTTP: `/echo…` answers with the event; `/crash` ends the process; `/error` is an error;
//! `/sync/changes` may be kept, and ends the process while there is a file `$LOG_FILE.down`;
//! `/hang` never answers; `/cookies` sets two; `/binary` answers with bytes; `/large` with 7 MB;
//! `/environment` with its variables; `/nonsense` with what is no response.
//!
//! Stream: writes a line `SEQUENCE ITEM VALUE` to `$LOG_FILE` for every record that it consumes; an
//! item whose `fail` is `item` is reported as failed, `error` fails the batch, `crash` ends it; the
//! file `$LOG_FILE.healed` ends all failing.

use std::io::Write;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("FAIL_AT_START").is_some() {
        return Err("it was told not to start".into());
    }
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    match event.payload.get("Records").and_then(Value::as_array) {
        Some(records) => consume(records),
        None => answer(&event.payload, &event.context).await,
    }
}

async fn answer(event: &Value, context: &lambda_runtime::Context) -> Result<Value, Error> {
    match event["rawPath"].as_str().unwrap_or_default() {
        "/crash" => std::process::exit(3),
        "/error" => Err("it was asked to".into()),
        "/sync/changes" => feed(event),
        "/hang" => std::future::pending().await,
        "/cookies" => Ok(json!({"statusCode": 204, "cookies": ["a=1", "b=2"]})),
        "/binary" => Ok(json!({"statusCode": 200, "body": "AAH/", "isBase64Encoded": true})),
        "/large" => Ok(json!({"statusCode": 200, "body": "x".repeat(7 * 1024 * 1024)})),
        "/environment" => {
            let variables: std::collections::BTreeMap<String, String> = std::env::vars().collect();
            Ok(json!({"pid": std::process::id(), "variables": variables}))
        }
        "/nonsense" => Ok(json!({"statusCode": "none"})),
        _ => {
            let body = json!({"event": event, "deadline": context.deadline});
            let headers = json!({"content-type": "application/json"});
            Ok(json!({"statusCode": 200, "headers": headers, "body": body.to_string()}))
        }
    }
}

/// The event, with what the feed says to caches: `since=1.0` is sealed, the rest is tail.
fn feed(event: &Value) -> Result<Value, Error> {
    if std::path::Path::new(&format!("{}.down", std::env::var("LOG_FILE")?)).exists() {
        std::process::exit(5);
    }
    // Long enough to be worth compressing.
    let mut body = event.clone();
    body["padding"] = json!("x".repeat(2_000));
    let is_sealed = event["queryStringParameters"]["since"] == "1.0";
    let time =
        if is_sealed { "s-maxage=31536000, immutable" } else { "s-maxage=1, stale-if-error=3600" };
    let headers = json!({
        "content-type": "application/json",
        "cache-control": format!("public, max-age=0, {time}"),
    });
    Ok(json!({"statusCode": 200, "headers": headers, "body": body.to_string()}))
}

fn consume(records: &[Value]) -> Result<Value, Error> {
    let log = std::env::var("LOG_FILE")?;
    let healed = std::path::Path::new(&format!("{log}.healed")).exists();
    let mut lines = Vec::new();
    let mut failures = Vec::new();
    for record in records {
        let change = &record["dynamodb"];
        match change["NewImage"]["fail"]["S"].as_str().filter(|_| !healed) {
            Some("item") => {
                failures.push(json!({"itemIdentifier": change["SequenceNumber"]}));
                break;
            }
            Some("crash") => std::process::exit(4),
            Some(_) => return Err("a record asked for it".into()),
            None => {}
        }
        let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
        writeln!(
            lines,
            "{} {} {}",
            text(&change["SequenceNumber"]),
            text(&change["Keys"]["record"]["S"]),
            text(&change["NewImage"]["value"]["N"]),
        )?;
    }
    let mut file = std::fs::File::options().create(true).append(true).open(log)?;
    file.write_all(&lines)?;
    Ok(json!({"batchItemFailures": failures}))
}
