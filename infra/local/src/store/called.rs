//! The rows of a table's stream in a store outside, read through the interface of DynamoDB Streams.
//!
//! What has been read and not yet checked off stays in memory. There is no checkpoint: a new start
//! reads each shard from its oldest record once more, which what stands behind a stream must bear
//! in any case. Shards are those at the start; a store for tests has one and never splits it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::client::{call, call_streams};
use super::{StoreError, StreamRow};
use crate::template::Table;

/// The stream of one table of a store outside.
#[derive(Debug, Clone)]
pub(crate) struct CalledRows {
    endpoint: String,
    arn: String,
    reading: Arc<Mutex<Reading>>,
}

/// How far the stream has been read.
#[derive(Debug)]
struct Reading {
    /// Where each shard goes on; absent once it has ended.
    iterators: Vec<Option<String>>,
    /// Read and not consumed, the oldest first.
    rows: VecDeque<StreamRow>,
    /// The number that the next row gets.
    next_row: i64,
}

impl CalledRows {
    /// Opens the stream of `table` at its oldest record.
    ///
    /// # Errors
    ///
    /// When the store does not answer, or its table has no stream.
    pub(super) async fn open(endpoint: &str, table: &Table) -> Result<Self, StoreError> {
        let request = json!({"TableName": table.name()});
        let described = call(endpoint, "DescribeTable", &request).await?;
        let stream = &described["Table"]["LatestStreamArn"];
        let request = json!({"StreamArn": stream});
        let described = call_streams(endpoint, "DescribeStream", &request).await?;
        let shards = described["StreamDescription"]["Shards"].as_array();
        let mut iterators = Vec::new();
        for shard in shards.into_iter().flatten() {
            let request = json!({"StreamArn": stream, "ShardId": shard["ShardId"],
                "ShardIteratorType": "TRIM_HORIZON"});
            let answer = call_streams(endpoint, "GetShardIterator", &request).await?;
            iterators.push(answer["ShardIterator"].as_str().map(str::to_owned));
        }
        let reading = Reading { iterators, rows: VecDeque::new(), next_row: 0 };
        Ok(Self {
            endpoint: endpoint.to_owned(),
            arn: table.stream_arn(),
            reading: Arc::new(Mutex::new(reading)),
        })
    }

    /// The oldest `limit` rows that are not consumed.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub(super) async fn oldest(&self, limit: usize) -> Result<Vec<StreamRow>, StoreError> {
        let mut reading = self.reading.lock().await;
        self.read_on(&mut reading, limit).await?;
        Ok(reading.rows.iter().take(limit).cloned().collect())
    }

    /// Forgets consumed rows.
    pub(super) async fn consumed(&self, rows: &[i64]) {
        self.reading.lock().await.rows.retain(|row| !rows.contains(&row.row));
    }

    /// How many rows wait.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub(super) async fn waiting(&self) -> Result<u64, StoreError> {
        let mut reading = self.reading.lock().await;
        self.read_on(&mut reading, usize::MAX).await?;
        Ok(reading.rows.len() as u64)
    }

    /// Reads until `wanted` rows are there or every shard has no more for now.
    async fn read_on(&self, reading: &mut Reading, wanted: usize) -> Result<(), StoreError> {
        for shard in 0..reading.iterators.len() {
            while reading.rows.len() < wanted {
                let Some(iterator) = reading.iterators[shard].clone() else { break };
                let request = json!({"ShardIterator": iterator});
                let mut answer = call_streams(&self.endpoint, "GetRecords", &request).await?;
                let next = answer["NextShardIterator"].as_str().map(str::to_owned);
                reading.iterators[shard] = next;
                let Value::Array(records) = answer["Records"].take() else { break };
                if records.is_empty() {
                    break;
                }
                for record in records {
                    let row = self.row(reading.next_row, record);
                    reading.next_row += 1;
                    reading.rows.push_back(row);
                }
            }
        }
        Ok(())
    }

    /// A record as the streams' interface gives it; Lambda adds the stream's name.
    fn row(&self, row: i64, mut event: Value) -> StreamRow {
        event["eventSourceARN"] = self.arn.as_str().into();
        let change = &mut event["dynamodb"];
        // Lambda gives whole seconds.
        let created_at_s = change["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
        let created_at_s = created_at_s as i64;
        change["ApproximateCreationDateTime"] = created_at_s.into();
        StreamRow {
            row,
            item: change["Keys"].to_string(),
            sequence_number: change["SequenceNumber"].as_str().unwrap_or_default().to_owned(),
            created_at_s,
            event,
        }
    }
}
