//! The rows of a table's stream in dynoxide's file, read in order and deleted once they are
//! consumed.
//!
//! Deleting is the checkpoint: a row that is still there was not yet consumed, whatever happened
//! to this process in between. dynoxide numbers rows by the clock, so a number is not used again
//! after its row has gone.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{StoreError, StreamRow};
use crate::template::{REGION, Table};

/// The stream of one table of the embedded store.
#[derive(Debug, Clone)]
pub(crate) struct FileRows {
    connection: Arc<Mutex<Connection>>,
    table: String,
    arn: String,
    view_type: String,
    partition_key: String,
}

impl FileRows {
    /// Opens the stream of `table` in the database `file`.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub(super) fn open(file: &Path, table: &Table) -> Result<Self, StoreError> {
        Ok(Self {
            connection: Arc::new(Mutex::new(connect(file)?)),
            table: table.name().into(),
            arn: table.stream_arn(),
            partition_key: table.partition_key(),
            view_type: table.stream_view_type().unwrap_or("NEW_AND_OLD_IMAGES").into(),
        })
    }

    /// The oldest `limit` rows that are not consumed, `known` ones left out: they are on their way.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(super) async fn oldest(
        &self,
        limit: usize,
        known: &HashSet<i64>,
    ) -> Result<Vec<StreamRow>, StoreError> {
        let (stream, known) = (self.clone(), known.clone());
        on_thread(move || {
            let connection = stream.connection.lock().expect("no holder of the lock panics");
            let mut query = connection.prepare_cached(OLDEST)?;
            let limit = i64::try_from(known.len() + limit).unwrap_or(i64::MAX);
            let mut found = query.query(params![stream.table, limit])?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                if !known.contains(&row.get("id")?) {
                    rows.push(stream.read(row)?);
                }
            }
            Ok(rows)
        })
        .await
    }

    /// Deletes consumed rows, all or none.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) async fn consumed(&self, rows: Vec<i64>) -> Result<(), StoreError> {
        let stream = self.clone();
        on_thread(move || {
            let mut connection = stream.connection.lock().expect("no holder of the lock panics");
            let transaction = connection.transaction()?;
            for row in rows {
                transaction.execute("DELETE FROM _stream_records WHERE id = ?1", [row])?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }

    /// How many rows wait.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(super) async fn waiting(&self) -> Result<u64, StoreError> {
        let stream = self.clone();
        on_thread(move || {
            let connection = stream.connection.lock().expect("no holder of the lock panics");
            let count: i64 = connection.query_row(WAITING, [&stream.table], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
        .await
    }

    fn read(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<StreamRow> {
        let keys: String = row.get("keys_json")?;
        let images: [Option<String>; 2] = [row.get("new_image")?, row.get("old_image")?];
        let size = keys.len() + images.iter().flatten().map(String::len).sum::<usize>();
        let stored: i64 = row.get("sequence")?;
        let sequence_number = (SEQUENCE_OFFSET + u128::from(stored.unsigned_abs())).to_string();
        let created_at_s: i64 = row.get("created_at")?;
        let mut change = json!({
            "ApproximateCreationDateTime": created_at_s,
            "Keys": parsed(&keys),
            "SequenceNumber": sequence_number,
            "SizeBytes": size,
            "StreamViewType": self.view_type,
        });
        for (name, image) in ["NewImage", "OldImage"].into_iter().zip(&images) {
            if let Some(image) = image {
                change[name] = parsed(image);
            }
        }
        let mut event = json!({
            "eventID": row.get::<_, Option<String>>("event_id")?.unwrap_or_else(|| sequence_number.clone()),
            "eventName": row.get::<_, String>("event_name")?,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": change,
            "eventSourceARN": self.arn,
        });
        if let Some(identity) = row.get::<_, Option<String>>("user_identity")? {
            event["userIdentity"] = parsed(&identity);
        }
        Ok(StreamRow {
            row: row.get("id")?,
            item: parsed(&keys).to_string(),
            partition: event["dynamodb"]["Keys"][&self.partition_key].to_string(),
            sequence_number,
            created_at_s,
            event,
        })
    }
}

/// Keeps streamed writes and reads fast: dynoxide looks for the greatest number at every write.
///
/// # Errors
///
/// When the file cannot be written.
pub(super) fn make_index(file: &Path) -> Result<(), StoreError> {
    connect(file)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS stream_order
         ON _stream_records(table_name, CAST(sequence_number AS INTEGER))",
    )?;
    Ok(())
}

fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_MAX)?;
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    Ok(connection)
}

/// SQLite blocks: never on a thread that serves.
async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.expect("work on the stream does not panic")
}

fn parsed(json: &str) -> Value {
    protocol::json::from_str(json).unwrap_or(Value::Null)
}

/// `CAST` as in the index, or the index would not be used.
const OLDEST: &str = "SELECT id, event_name, keys_json, new_image, old_image, created_at, \
    CAST(sequence_number AS INTEGER) AS sequence, user_identity, event_id \
    FROM _stream_records WHERE table_name = ?1 \
    ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?2";

const WAITING: &str = "SELECT COUNT(*) FROM _stream_records WHERE table_name = ?1";

/// Makes 21 digits of a stored number, as DynamoDB's have.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// The longest that a writer may hold the file.
const BUSY_MAX: Duration = Duration::from_secs(5);
