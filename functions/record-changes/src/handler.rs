//! One event: appends, repairs or rebuilds, and reports it in metrics.

use lambda_runtime::Error;
use protocol::BusinessId;
use serde_json::{Value, json};
use store::record_changes::{
    Event, PublishError, RepairReport, Report, rebuild, record_changes, repair_all,
};
use store::tables::{Surroundings, Tables};

/// Handles an event. For a stream's batch the answer names the records to bring again
/// (`ReportBatchItemFailures`).
///
/// # Errors
/// On an event that is none of ours, and on a repair or rebuild that did not finish: whoever asked
/// asks again.
pub(crate) async fn handle<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    event: &Value,
) -> Result<Value, Error> {
    match Event::from_json(event)? {
        Event::Stream(records) => {
            let report = record_changes(tables, surroundings, records).await;
            log(&report, surroundings);
            let failed: Vec<Value> = report
                .failed
                .iter()
                .map(|sequence| json!({ "itemIdentifier": sequence }))
                .collect();
            Ok(json!({ "batchItemFailures": failed }))
        }
        Event::Repair(scope) => {
            let reports = repair_all(tables, surroundings, &scope).await?;
            answer(reports)
        }
        Event::Rebuild(business) => {
            let report = rebuild(tables, surroundings, &business).await;
            answer(vec![(business, report)])
        }
    }
}

/// What was done for each business; an error if any of it did not finish.
fn answer(reports: Vec<(BusinessId, Result<RepairReport, PublishError>)>) -> Result<Value, Error> {
    let mut unfinished = Vec::new();
    let mut done = Vec::new();
    for (business, report) in reports {
        match report {
            Ok(report) => {
                tracing::info!(%business, published = report.published, "repaired");
                for poison in &report.poison {
                    tracing::error!(%business, poison, "cannot be published");
                }
                done.push(json!({
                    "business": business,
                    "published": report.published,
                    "poison": report.poison,
                }));
            }
            Err(error) => {
                tracing::error!(%business, %error, "not repaired");
                unfinished.push(format!("{business}: {error}"));
            }
        }
    }
    if unfinished.is_empty() {
        Ok(json!({ "repaired": done }))
    } else {
        Err(unfinished.join("; ").into())
    }
}

/// Metrics as CloudWatch's embedded metric format, one line a batch.
///
/// Source: AWS, "Specification: Embedded metric format".
fn log<S: Surroundings>(report: &Report, surroundings: &S) {
    let now_ms = surroundings.now().as_millis();
    let lag_ms = report.oldest.map_or(0, |oldest| (now_ms - oldest.as_millis()).max(0));
    for (business, reason) in &report.marked {
        tracing::error!(%business, reason, "marked for repair");
    }
    let metrics = json!({
        "_aws": {
            "Timestamp": now_ms,
            "CloudWatchMetrics": [{
                "Namespace": "Avileo",
                "Dimensions": [[]],
                "Metrics": [
                    { "Name": "ChangesPublished", "Unit": "Count" },
                    { "Name": "PublishLag", "Unit": "Milliseconds" },
                    { "Name": "BusinessesMarked", "Unit": "Count" },
                    { "Name": "StreamRetries", "Unit": "Count" },
                ],
            }],
        },
        "ChangesPublished": report.published,
        "PublishLag": lag_ms,
        "BusinessesMarked": report.marked.len(),
        "StreamRetries": report.failed.len(),
    });
    write_line(&metrics);
}

#[expect(clippy::print_stdout, reason = "metrics are a bare line of JSON on standard output")]
fn write_line(metrics: &Value) {
    println!("{metrics}");
}
