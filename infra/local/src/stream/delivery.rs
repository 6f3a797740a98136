//! One batch on its way: invoked, halved, retried, at the end consumed or set aside.
//!
//! As Lambda does it (<https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html>):
//!
//! ```text
//! answered                      → consumed
//! answered with item failures   → consumed before the lowest of them; the rest is retried
//! error, crash, timeout         → halved if the mapping bisects (no retry is counted), else retried
//! retries used up, or too old   → set aside in the failure queue, consumed
//! ```

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::pump::now_s;
use super::{Failures, SetAside, StreamError};
use crate::console;
use crate::runtime::{Host, PAYLOAD_BYTES_MAX};
use crate::store::{StreamRow, StreamRows};
use crate::template::{Function, StreamMapping};

/// Where batches go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Runs the function.
    pub(crate) host: Host,
    /// The function.
    pub(crate) function: Function,
    /// Keeps what is given up.
    pub(crate) failures: Failures,
}

/// Delivers the batches of one mapping.
#[derive(Debug)]
pub(super) struct Delivery {
    rows: StreamRows,
    mapping: StreamMapping,
    target: Target,
}

/// Rows that go together, and how often they have failed.
#[derive(Debug)]
struct Attempt {
    rows: Vec<StreamRow>,
    failures: u32,
}

/// What an invocation came to.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Consumed,
    FailedFrom(usize),
    Failed(String),
}

impl Delivery {
    pub(super) fn new(rows: StreamRows, mapping: StreamMapping, target: Target) -> Self {
        Self { rows, mapping, target }
    }

    /// Delivers `rows` in order, to the end: afterwards each is consumed or set aside.
    ///
    /// # Errors
    ///
    /// When the store's file or the failure queue fails; nothing is lost by it.
    pub(super) async fn deliver(&self, rows: Vec<StreamRow>) -> Result<(), StreamError> {
        let mut waiting: Vec<Attempt> = self
            .batches(rows)
            .into_iter()
            .rev()
            .map(|rows| Attempt { rows, failures: 0 })
            .collect();
        while let Some(attempt) = waiting.pop() {
            let attempt = self.give_up_the_old(attempt).await?;
            if attempt.rows.is_empty() {
                continue;
            }
            match self.invoke(&attempt.rows).await {
                Outcome::Consumed => self.consume(&attempt.rows).await?,
                Outcome::FailedFrom(first) => {
                    self.consume(&attempt.rows[..first]).await?;
                    let rows = attempt.rows[first..].to_vec();
                    // What was consumed is progress: the rest starts counting anew.
                    let failures = if first > 0 { 0 } else { attempt.failures };
                    self.again(&mut waiting, Attempt { rows, failures }).await?;
                }
                Outcome::Failed(why) => {
                    console::line(&format!("{}: a batch failed: {why}", self.target.function.id));
                    self.halve_or_retry(&mut waiting, attempt).await?;
                }
            }
        }
        Ok(())
    }

    /// At most the mapping's size, and never more than an event may hold.
    fn batches(&self, rows: Vec<StreamRow>) -> Vec<Vec<StreamRow>> {
        let mut batches: Vec<Vec<StreamRow>> = Vec::new();
        let mut bytes = 0;
        for row in rows {
            let size = row.event.to_string().len() + 1;
            match batches.last_mut() {
                Some(batch)
                    if batch.len() < self.mapping.batch_size
                        && bytes + size < PAYLOAD_BYTES_MAX - ENVELOPE_BYTES =>
                {
                    bytes += size;
                    batch.push(row);
                }
                _ => {
                    bytes = size;
                    batches.push(vec![row]);
                }
            }
        }
        batches
    }

    async fn invoke(&self, rows: &[StreamRow]) -> Outcome {
        let records: Vec<&Value> = rows.iter().map(|row| &row.event).collect();
        let event = Bytes::from(json!({"Records": records}).to_string());
        match self.target.host.invoke(&self.target.function.id, event).await {
            Ok(answer) if self.mapping.reports_item_failures => outcome(rows, &answer.body),
            Ok(_) => Outcome::Consumed,
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    async fn halve_or_retry(
        &self,
        waiting: &mut Vec<Attempt>,
        mut attempt: Attempt,
    ) -> Result<(), StreamError> {
        if self.mapping.bisects && attempt.rows.len() > 1 {
            let second = attempt.rows.split_off(attempt.rows.len() / 2);
            waiting.push(Attempt { rows: second, failures: attempt.failures });
            waiting.push(attempt);
            return Ok(());
        }
        self.again(waiting, attempt).await
    }

    /// Once more after a pause, unless that was the last time.
    async fn again(
        &self,
        waiting: &mut Vec<Attempt>,
        mut attempt: Attempt,
    ) -> Result<(), StreamError> {
        attempt.failures += 1;
        if self.mapping.retries_max.is_some_and(|retries| attempt.failures > retries) {
            return self.set_aside(&attempt.rows, "RetryAttemptsExhausted", attempt.failures).await;
        }
        sleep(pause(attempt.failures)).await;
        waiting.push(attempt);
        Ok(())
    }

    async fn give_up_the_old(&self, attempt: Attempt) -> Result<Attempt, StreamError> {
        let Some(age_max) = self.mapping.age_max else { return Ok(attempt) };
        let oldest = now_s() - i64::try_from(age_max.as_secs()).unwrap_or(i64::MAX);
        let (old, rows): (Vec<StreamRow>, Vec<StreamRow>) =
            attempt.rows.into_iter().partition(|row| row.created_at_s < oldest);
        if !old.is_empty() {
            self.set_aside(&old, "RecordAgeExceeded", attempt.failures).await?;
        }
        Ok(Attempt { rows, failures: attempt.failures })
    }

    async fn set_aside(
        &self,
        rows: &[StreamRow],
        condition: &str,
        attempts: u32,
    ) -> Result<(), StreamError> {
        if let Some(queue_arn) = &self.mapping.failure_queue_arn {
            let set_aside = SetAside {
                queue_arn,
                function: &self.target.function,
                stream_arn: &self.mapping.stream_arn,
                condition,
                attempts,
                rows,
            };
            self.target.failures.add(&set_aside).await?;
        }
        console::line(&format!(
            "{}: {} records set aside: {condition}",
            self.target.function.id,
            rows.len()
        ));
        self.consume(rows).await
    }

    async fn consume(&self, rows: &[StreamRow]) -> Result<(), StreamError> {
        Ok(self.rows.consumed(rows.iter().map(|row| row.row).collect()).await?)
    }
}

/// Reads `{"batchItemFailures":[{"itemIdentifier":"<sequence number>"}]}`. Nothing there: all is
/// well. An identifier that is none: the whole batch has failed.
fn outcome(rows: &[StreamRow], answer: &[u8]) -> Outcome {
    let answer: Value = match protocol::json::from_slice(answer) {
        Ok(answer) => answer,
        Err(error) => return Outcome::Failed(format!("its answer is no JSON: {error}")),
    };
    let failures = match answer.get("batchItemFailures") {
        None | Some(Value::Null) => return Outcome::Consumed,
        Some(Value::Array(failures)) => failures,
        Some(other) => return Outcome::Failed(format!("batchItemFailures is no list: {other}")),
    };
    let mut first = rows.len();
    for failure in failures {
        let identifier = failure.get("itemIdentifier").and_then(Value::as_str);
        let at = rows.iter().position(|row| Some(row.sequence_number.as_str()) == identifier);
        let Some(at) = at else {
            return Outcome::Failed(format!("it names a record that it was not given: {failure}"));
        };
        first = first.min(at);
    }
    if first == rows.len() { Outcome::Consumed } else { Outcome::FailedFrom(first) }
}

/// Doubles from 100 ms, 10 s at most.
fn pause(failures: u32) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1).min(10));
    (PAUSE_FIRST * factor).min(PAUSE_MAX)
}

const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Around the records of an event.
const ENVELOPE_BYTES: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<StreamRow> {
        let row = |at: usize| StreamRow {
            row: i64::try_from(at).unwrap(),
            item: format!("item {at}"),
            partition: "business".to_owned(),
            sequence_number: at.to_string(),
            created_at_s: 0,
            event: Value::Null,
        };
        (0..count).map(row).collect()
    }

    fn answered(answer: &str) -> Outcome {
        outcome(&rows(4), answer.as_bytes())
    }

    #[test]
    fn no_failures_mean_that_all_is_consumed() {
        for answer in ["null", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#]
        {
            assert_eq!(answered(answer), Outcome::Consumed, "{answer}");
        }
    }

    #[test]
    fn the_lowest_failure_counts() {
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"1"}]}"#;
        assert_eq!(answered(answer), Outcome::FailedFrom(1));
    }

    #[test]
    fn an_identifier_that_is_none_fails_the_batch() {
        for answer in [
            r#"{"batchItemFailures":[{"itemIdentifier":"9"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{}]}"#,
            r#"{"batchItemFailures":{}}"#,
            "no JSON",
        ] {
            assert!(matches!(answered(answer), Outcome::Failed(_)), "{answer}");
        }
    }

    #[test]
    fn the_pause_between_retries_is_bounded() {
        assert_eq!(pause(1), PAUSE_FIRST);
        assert_eq!(pause(1_000), PAUSE_MAX);
    }
}
