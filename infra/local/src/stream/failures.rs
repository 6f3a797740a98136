//! The failure queue: what a mapping gave up, kept until someone has looked at it.
//!
//! Lambda's message names the records by shard and sequence number only. Here the records stay
//! beside it, since the stream's rows are deleted, so that a message can be redriven.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::store::StreamRow;
use crate::template::Function;

/// All failure queues of the stack.
#[derive(Debug, Clone)]
pub(crate) struct Failures {
    connection: Arc<Mutex<Connection>>,
}

/// Records that a mapping gives up.
#[derive(Debug)]
pub(crate) struct SetAside<'a> {
    /// Where they go.
    pub(crate) queue_arn: &'a str,
    /// Who failed on them.
    pub(crate) function: &'a Function,
    /// Where they came from.
    pub(crate) stream_arn: &'a str,
    /// Why.
    pub(crate) condition: &'a str,
    /// After how many tries.
    pub(crate) attempts: u32,
    /// Themselves; never empty.
    pub(crate) rows: &'a [StreamRow],
}

/// One message that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Of the message.
    pub(crate) id: i64,
    /// Who failed, by logical id.
    pub(crate) function: String,
    /// The message as Lambda writes it.
    pub(crate) message: Value,
    /// The event that failed.
    pub(crate) event: Value,
}

impl Failures {
    /// Opens or makes the queues in `file`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(crate) fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS failures (
                 id INTEGER PRIMARY KEY AUTOINCREMENT,
                 queue TEXT NOT NULL,
                 function TEXT NOT NULL,
                 message TEXT NOT NULL,
                 event TEXT NOT NULL
             );",
        )?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Keeps what is given up.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(crate) async fn add(&self, set_aside: &SetAside<'_>) -> rusqlite::Result<()> {
        let records: Vec<&Value> = set_aside.rows.iter().map(|row| &row.event).collect();
        let row = (
            set_aside.queue_arn.to_string(),
            set_aside.function.id.clone(),
            message(set_aside).to_string(),
            json!({"Records": records}).to_string(),
        );
        self.on_thread(move |connection| {
            connection.execute(
                "INSERT INTO failures (queue, function, message, event) VALUES (?1, ?2, ?3, ?4)",
                params![row.0, row.1, row.2, row.3],
            )?;
            Ok(())
        })
        .await
    }

    /// The oldest messages that wait.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) async fn waiting(&self) -> rusqlite::Result<Vec<Waiting>> {
        self.on_thread(|connection| {
            let mut query = connection.prepare(
                "SELECT id, function, message, event FROM failures ORDER BY id LIMIT ?1",
            )?;
            let parsed = |text: String| protocol::json::from_str(&text).unwrap_or(Value::Null);
            let rows = query.query_map([LISTED_MAX], |row| {
                Ok(Waiting {
                    id: row.get(0)?,
                    function: row.get(1)?,
                    message: parsed(row.get(2)?),
                    event: parsed(row.get(3)?),
                })
            })?;
            rows.collect()
        })
        .await
    }

    /// Forgets a message that has been dealt with.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(crate) async fn remove(&self, id: i64) -> rusqlite::Result<()> {
        self.on_thread(move |connection| {
            connection.execute("DELETE FROM failures WHERE id = ?1", [id])?;
            Ok(())
        })
        .await
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || {
            work(&connection.lock().expect("no holder of the lock panics"))
        })
        .await
        .expect("work on the failure queue does not panic")
    }
}

/// As Lambda writes it to a queue.
fn message(set_aside: &SetAside<'_>) -> Value {
    let first = set_aside.rows.first();
    let last = set_aside.rows.last();
    let moment = |row: Option<&StreamRow>| {
        let seconds = row.map(|row| row.created_at_s).unwrap_or_default();
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
    };
    json!({
        "requestContext": {
            "requestId": uuid::Uuid::new_v4().to_string(),
            "functionArn": set_aside.function.arn,
            "condition": set_aside.condition,
            "approximateInvokeCount": set_aside.attempts,
        },
        "version": "1.0",
        "timestamp": Timestamp::from_second(super::pump::now_s())
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_string(),
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000000000000000001-local",
            "startSequenceNumber": first.map(|row| &row.sequence_number),
            "endSequenceNumber": last.map(|row| &row.sequence_number),
            "approximateArrivalOfFirstRecord": moment(first),
            "approximateArrivalOfLastRecord": moment(last),
            "batchSize": set_aside.rows.len(),
            "streamArn": set_aside.stream_arn,
        },
    })
}

/// Messages in one listing.
const LISTED_MAX: i64 = 100;
