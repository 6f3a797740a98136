//! The tables and their streams: an embedded dynoxide, served over DynamoDB's own HTTP interface
//! on the loopback address.
//!
//! Functions, seeds and tests reach it as they would reach DynamoDB. Only three things go around
//! that interface: reading a stream's rows and deleting the consumed ones ([`StreamRows`]), the
//! expiry of items (dynoxide never sweeps by itself), and the index that keeps streamed writes
//! fast however long the history is.
//!
//! dynoxide runs on a thread and runtime of its own, since its calls block. It writes with
//! `synchronous=NORMAL` in WAL mode: what was acknowledged survives `kill -9` of this process (a
//! power cut may cost the last moments, which on a developer's machine is accepted).

mod client;
mod rows;
mod tables;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub(crate) use rows::{StreamRow, StreamRows};
pub(crate) use tables::create_all;

/// A running store.
#[derive(Debug)]
pub(crate) struct Store {
    address: std::net::SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
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
        let database = dynoxide::Database::new(&file.to_string_lossy())?;
        database.disable_bulk_loading()?;
        rows::make_index(file)?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let threads = vec![
            serve(database.clone(), listener, stopped)?,
            sweep(database, Arc::clone(&stopping))?,
        ];
        Ok(Self { address, stop: Some(stop), stopping, threads })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops serving and closes the file.
    pub(crate) fn stop(mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            if thread.join().is_err() {
                crate::console::line("store: a thread had panicked");
            }
        }
    }
}

fn serve(
    database: dynoxide::Database,
    listener: std::net::TcpListener,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    std::thread::Builder::new().name("store".into()).spawn(move || {
        runtime.block_on(async move {
            let served = async {
                let listener =
                    tokio::net::TcpListener::from_std(listener).map_err(|e| e.to_string())?;
                // Stopped at once: connections that functions keep open would hold it for ever.
                tokio::select! {
                    ended = dynoxide::server::serve_with_shutdown(
                        listener, database, std::future::pending(),
                    ) => ended,
                    _ = stopped => Ok(()),
                }
            };
            if let Err(error) = served.await {
                crate::console::line(&format!("store: {error}"));
            }
        });
        runtime.shutdown_timeout(SHUTDOWN_MAX);
    })
}

fn sweep(
    database: dynoxide::Database,
    stopping: Arc<AtomicBool>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("expiry".into()).spawn(move || {
        while !stopping.load(Ordering::Relaxed) {
            if let Err(error) = database.sweep_ttl() {
                crate::console::line(&format!("store: expired items stay for now: {error}"));
            }
            std::thread::park_timeout(SWEEP_INTERVAL);
        }
    })
}

/// Between two looks for expired items. DynamoDB itself takes up to days.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);

/// What running calls are given to end.
const SHUTDOWN_MAX: Duration = Duration::from_secs(2);
