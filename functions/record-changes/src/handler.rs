//! One event: appends, repairs or rebuilds, and reports it in metrics.

use gateway::Metrics;
use lambda_runtime::Error;
use protocol::BusinessId;
use serde_json::{Value, json};
use store::record_changes::{
    Event, PublishError, RepairReport, Report, Scope, rebuild, record_changes, repair_all,
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
            let awaiting = reports.iter().filter(|(_, report)| awaits_repair(report)).count();
            // A repair by hand of one business says nothing of the others.
            if !matches!(scope, Scope::One(_)) {
                Metrics::at(surroundings.now()).count("BusinessesAwaitingRepair", awaiting).write();
            }
            answer(reports)
        }
        Event::Rebuild(business) => {
            let report = rebuild(tables, surroundings, &business).await;
            answer(vec![(business, report)])
        }
    }
}

/// Whether a business lacks something in its feed after its repair.
fn awaits_repair(report: &Result<RepairReport, PublishError>) -> bool {
    report.as_ref().map_or(true, |done| !done.poison.is_empty())
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
                    "receipts": report.receipts,
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

/// The metrics of one batch.
fn log<S: Surroundings>(report: &Report, surroundings: &S) {
    let now = surroundings.now();
    let lag_ms = report.oldest.map_or(0, |oldest| now.as_millis() - oldest.as_millis());
    for (business, reason) in &report.marked {
        tracing::error!(%business, reason, "marked for repair");
    }
    Metrics::at(now)
        .count("ChangesPublished", report.published)
        // Clocks may differ by a little.
        .milliseconds("PublishLag", u64::try_from(lag_ms).unwrap_or(0))
        .count("BusinessesMarked", report.marked.len())
        .count("StreamRetries", report.failed.len())
        .write();
}
