//! A table's stream, wherever the store is: what the pumps read and check off.

use std::path::Path;

use serde_json::Value;

use super::StoreError;
use super::called::CalledRows;
use super::rows::FileRows;
use crate::template::Table;

/// One change of one item.
#[derive(Debug, Clone)]
pub(crate) struct StreamRow {
    /// Of the row, for checking it off.
    pub(crate) row: i64,
    /// Which item: its keys as JSON with sorted names, the same for all changes of one.
    pub(crate) item: String,
    /// As Lambda writes it.
    pub(crate) sequence_number: String,
    /// When it happened, in seconds since 1970.
    pub(crate) created_at_s: i64,
    /// As Lambda gives it to a function.
    pub(crate) event: Value,
}

/// The stream of one table.
#[derive(Debug, Clone)]
pub(crate) enum StreamRows {
    /// In the embedded store's file.
    File(FileRows),
    /// Behind the interface of a store outside.
    Called(CalledRows),
}

impl StreamRows {
    /// Opens the stream of `table` in the database `file`.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub(super) fn in_file(file: &Path, table: &Table) -> Result<Self, StoreError> {
        Ok(Self::File(FileRows::open(file, table)?))
    }

    /// Opens the stream of `table` in the store at `endpoint`.
    ///
    /// # Errors
    ///
    /// When the store does not answer, or its table has no stream.
    pub(super) async fn called(endpoint: &str, table: &Table) -> Result<Self, StoreError> {
        Ok(Self::Called(CalledRows::open(endpoint, table).await?))
    }

    /// The oldest `limit` rows that are not consumed.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read.
    pub(crate) async fn oldest(&self, limit: usize) -> Result<Vec<StreamRow>, StoreError> {
        match self {
            Self::File(rows) => rows.oldest(limit).await,
            Self::Called(rows) => rows.oldest(limit).await,
        }
    }

    /// Checks consumed rows off, all or none.
    ///
    /// # Errors
    ///
    /// When that cannot be written.
    pub(crate) async fn consumed(&self, rows: Vec<i64>) -> Result<(), StoreError> {
        match self {
            Self::File(stream) => stream.consumed(rows).await,
            Self::Called(stream) => {
                stream.consumed(&rows).await;
                Ok(())
            }
        }
    }

    /// How many rows wait.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read.
    pub(crate) async fn waiting(&self) -> Result<u64, StoreError> {
        match self {
            Self::File(rows) => rows.waiting().await,
            Self::Called(rows) => rows.waiting().await,
        }
    }
}
