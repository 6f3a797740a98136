//! The tables and their streams: an embedded dynoxide, served over DynamoDB's own HTTP interface
//! on the loopback address.
//!
//! Functions, seeds and tests reach it as they would reach DynamoDB. Only three things go around
//! that interface: reading a stream's rows and deleting the consumed ones ([`StreamRows`]), the
//! expiry of items (dynoxide never sweeps by itself), and the index that keeps streamed writes
//! fast however long the history is. In place of the embedded store there may be one outside
//! (`--store URL`, for a second opinion), whose stream too is read over its own interface.
//!
//! dynoxide runs on a thread and runtime of its own, since its calls block. It writes with
//! `synchronous=NORMAL` in WAL mode: what was acknowledged survives `kill -9` of this process (a
//! power cut may cost the last moments, which on a developer's machine is accepted).

mod called;
mod client;
mod embedded;
mod rows;
mod stream;
mod tables;

use std::path::{Path, PathBuf};

use crate::template::Table;

use embedded::Embedded;
pub(crate) use stream::{StreamRow, StreamRows};
pub(crate) use tables::create_all;

/// A running store.
#[derive(Debug)]
pub(crate) enum Store {
    /// Ours.
    Embedded {
        /// What serves it.
        server: Embedded,
        /// Where its data is.
        file: PathBuf,
    },
    /// Somebody else's, at this address; it is neither started nor stopped here.
    Outside(String),
}

/// Why the store does not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The embedded database cannot be opened.
    #[error("the store cannot be opened: {0}")]
    Open(#[from] dynoxide::errors::DynoxideError),
    /// The second connection failed.
    #[error("the store's file: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Its port cannot be bound, or a thread not started.
    #[error("the store's server: {0}")]
    Server(#[from] std::io::Error),
    /// It answered with an error.
    #[error("the store refused {action}: {answer}")]
    Refused {
        /// What was asked.
        action: &'static str,
        /// What it answered.
        answer: String,
    },
    /// A table there has other keys, indexes or stream than the template says.
    #[error(
        "the data is of another version: the table {table} has {found}, the template says \
         {wanted}; name another folder with --data"
    )]
    OtherLayout {
        /// Its name.
        table: String,
        /// Its layout in the store.
        found: String,
        /// Its layout in the template.
        wanted: String,
    },
}

impl Store {
    /// Opens the database in `file` and serves it on `port` of the loopback address (0: any).
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or the port not bound.
    pub(crate) fn start(file: &Path, port: u16) -> Result<Self, StoreError> {
        Ok(Self::Embedded { server: Embedded::start(file, port)?, file: file.to_owned() })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> String {
        match self {
            Self::Embedded { server, .. } => server.endpoint(),
            Self::Outside(url) => url.clone(),
        }
    }

    /// The stream of `table`, whose tables are there.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub(crate) async fn stream(&self, table: &Table) -> Result<StreamRows, StoreError> {
        match self {
            Self::Embedded { file, .. } => StreamRows::in_file(file, table),
            Self::Outside(url) => StreamRows::called(url, table).await,
        }
    }

    /// Stops serving and closes the file.
    pub(crate) fn stop(self) {
        if let Self::Embedded { server, .. } = self {
            server.stop();
        }
    }
}
