//! dynoxide on a thread and runtime of its own, since its calls block.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{StoreError, rows};

/// The embedded store, being served.
#[derive(Debug)]
pub(crate) struct Embedded {
    address: std::net::SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Embedded {
    /// Opens the database in `file` and serves it on `port` of the loopback address (0: any).
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or the port not bound.
    pub(super) fn start(file: &Path, port: u16) -> Result<Self, StoreError> {
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
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops serving and closes the file.
    pub(super) fn stop(mut self) {
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
