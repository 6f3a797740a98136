//! Starts everything in order, and stops it.
//!
//! ```text
//! template → data folder → port → store and tables → secrets → functions → streams → front → demo data, published → ready
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cli::Run;
use crate::control::{self, Control};
use crate::data::{self, DataFolder};
use crate::edge_keys::{EdgeKeys, EdgeKeysError};
use crate::front::{self, Front, Lan, Pages};
use crate::http_api::{HttpApi, Routes};
use crate::runtime::{Endpoints, Host};
use crate::secrets::Secrets;
use crate::status::Status;
use crate::stop::Stop;
use crate::store::{self, Store, StreamRows};
use crate::stream::{Chaos, Failures, Pump, Target};
use crate::template::{Event, Template};
use crate::{console, schedule, seed};

/// Why the stack does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StackError {
    #[error(transparent)]
    Template(#[from] crate::template::TemplateError),
    #[error(transparent)]
    Data(#[from] data::DataError),
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    Secrets(#[from] crate::secrets::SecretError),
    #[error(transparent)]
    EdgeKeys(#[from] EdgeKeysError),
    #[error(transparent)]
    Routes(#[from] crate::http_api::RouteError),
    #[error(transparent)]
    Binary(#[from] crate::runtime::MissingBinary),
    #[error(transparent)]
    Function(#[from] crate::runtime::InvokeError),
    #[error(transparent)]
    Front(#[from] front::FrontError),
    #[error("the failure queue: {0}")]
    Failures(#[from] rusqlite::Error),
    #[error("port {port} is in use: stop what uses it, or name another with --port")]
    PortInUse { port: u16 },
    #[error("port {port} cannot be used: {source}")]
    Port { port: u16, source: io::Error },
    #[error("the pages' folder {0} is none")]
    NoPages(PathBuf),
    #[error(
        "the template has no secret with signing keys, which the feed's tokens are checked with"
    )]
    NoSigningKeys,
    #[error("the status file {path}: {source}")]
    StatusFile { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Lan(#[from] front::LanError),
    #[error("demo data: {0}")]
    Seed(#[from] seed::SeedError),
    #[error("the system: {0}")]
    System(#[from] io::Error),
}

/// Runs the stack until it is told to stop.
///
/// # Errors
///
/// Why it does not start.
pub(crate) fn run(options: &Run) -> Result<(), StackError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut stop = Stop::listen(options.stop_with_stdin)?;
        tokio::select! {
            biased;
            () = stop.told() => Ok(()),
            started = Stack::start(options) => {
                let stack = started?;
                stop.told().await;
                stack.stop().await;
                Ok(())
            }
        }
    })
}

/// Everything that runs.
struct Stack {
    host: Host,
    store: Store,
    servers: Vec<JoinHandle<()>>,
    pumps: Vec<JoinHandle<()>>,
    stopping: watch::Sender<bool>,
    // Last: the folder is given back when nothing uses it any more.
    data: DataFolder,
}

impl Stack {
    async fn start(options: &Run) -> Result<Self, StackError> {
        let mut template = Template::load(&options.template)?;
        let routes = Routes::new(template.functions.values())?;
        let pages = pages(options)?;
        let data = open_data(options)?;
        let front_listener = bind(options.port).await?;
        let store = match &options.store {
            Some(url) => Store::Outside(url.clone()),
            None => Store::start(&data.join("store.sqlite"), options.dynamodb_port)?,
        };
        store::create_all(&store.endpoint(), template.tables.values()).await?;
        let secrets = Secrets::open(&data.join("secrets"), template.secrets.iter())?;
        let secrets_listener = bind(0).await?;
        let endpoints = Endpoints {
            dynamodb: options.dynamodb_endpoint.clone().unwrap_or_else(|| store.endpoint()),
            secrets: url(&secrets_listener)?,
        };
        let host = Host::new(template.functions.values(), &options.bin_dir, &endpoints)?;
        let first_secret = template.secrets.values().next().ok_or(StackError::NoSigningKeys)?;
        let keys = EdgeKeys::new(secrets.clone(), &first_secret.arn)?;
        let mut servers = vec![tokio::spawn(secrets.serve(secrets_listener))];
        let folder = options.template.parent().unwrap_or(Path::new(""));
        let api = HttpApi::new(routes, host.clone());
        let front = Front::new(template.edge.take(), folder, keys.store(), api, pages)?;
        host.warm().await?;
        let failures = Failures::open(&data.join("failures.sqlite"))?;
        let streams = streams(&template, &store).await?;
        let (stopping, stopped) = watch::channel(false);
        let pumps = pumps(options, &template, &streams, &host, &failures, &stopped);
        let clocks = schedule::start(&template, &host);
        let control_listener = bind(0).await?;
        let mut status = Status {
            pid: std::process::id(),
            url: url(&front_listener)?,
            dynamodb: store.endpoint(),
            secrets_manager: endpoints.secrets,
            control: url(&control_listener)?,
            tables: template.tables.iter().map(|(id, t)| (id.clone(), t.name().into())).collect(),
            secrets: template.secrets.iter().map(|(id, s)| (id.clone(), s.arn.clone())).collect(),
            functions: template.functions.keys().cloned().collect(),
            outputs: template.outputs,
            lan: Vec::new(),
        };
        servers.extend(clocks);
        let control = Control { host: host.clone(), streams: streams.clone(), failures, keys };
        servers.push(tokio::spawn(control::serve(control, control_listener)));
        let front = Arc::new(front);
        servers.push(tokio::spawn(front::serve(Arc::clone(&front), front_listener)));
        let mut instructions = Vec::new();
        if let Some(port) = options.lan {
            let lan = Lan::open(&data.join("tls"), port).await?;
            (status.lan, instructions) = (lan.urls(), lan.instructions());
            servers.push(tokio::spawn(lan.serve(front)));
        }
        if options.seed_demo {
            put_demo_in(&status.url, options.demo_day, &streams).await?;
        }
        console::line(&format!("data in {}", data.path().display()));
        // Beside the data too, where operators' commands look for a running stack.
        for path in [&data.join(STATUS_FILE)].into_iter().chain(&options.status_file) {
            let failed = |source| StackError::StatusFile { path: path.clone(), source };
            status.write(path).map_err(failed)?;
        }
        // Last, where they are seen.
        for line in &instructions {
            console::line(line);
        }
        status.announce()?;
        Ok(Self { host, store, servers, pumps, stopping, data })
    }

    /// No new requests, then the pumps, then the functions, then the store.
    async fn stop(self) {
        console::line("stopping");
        for server in &self.servers {
            server.abort();
        }
        self.stopping.send_replace(true);
        for pump in self.pumps {
            // A pump that was in the middle of a batch: its rows are still there at the next start.
            pump.await.ok();
        }
        self.host.stop().await;
        self.store.stop();
        // One that stays behind names a process that is gone.
        std::fs::remove_file(self.data.join(STATUS_FILE)).ok();
    }
}

fn open_data(options: &Run) -> Result<DataFolder, StackError> {
    if options.memory {
        return Ok(DataFolder::in_memory()?);
    }
    let folder = options.data.clone().map_or_else(data::default_folder, Ok)?;
    Ok(DataFolder::open(&folder)?)
}

fn pages(options: &Run) -> Result<Pages, StackError> {
    match &options.pages {
        None => Ok(Pages::Plain),
        Some(folder) if folder.is_dir() => Ok(Pages::Folder(folder.clone())),
        Some(folder) => Err(StackError::NoPages(folder.clone())),
    }
}

/// One stream per function and event.
async fn streams(
    template: &Template,
    store: &Store,
) -> Result<BTreeMap<String, StreamRows>, StackError> {
    let mut streams = BTreeMap::new();
    for (id, function) in &template.functions {
        for event in function.events.values() {
            if let Event::Stream(mapping) = event
                && let Some(table) = template.table_of_stream(&mapping.stream_arn)
            {
                streams.insert(id.clone(), store.stream(table).await?);
            }
        }
    }
    Ok(streams)
}

/// The demo business, whole in the feed too: who signs in at once sees all of it.
async fn put_demo_in(
    origin: &str,
    last_day: Option<Date>,
    streams: &BTreeMap<String, StreamRows>,
) -> Result<(), StackError> {
    let origin = origin.to_owned();
    // Its requests block; they are answered by this very runtime.
    let seeding = tokio::task::spawn_blocking(move || seed::demo(&origin, last_day));
    seeding.await.map_err(io::Error::other)??;
    if tokio::time::timeout(PUBLISHED_WITHIN, consumed(streams)).await.is_err() {
        console::line("the demo business is not whole in the feed yet; it goes on");
    }
    Ok(())
}

/// Waits until each stream has been read to its end once.
async fn consumed(streams: &BTreeMap<String, StreamRows>) {
    for rows in streams.values() {
        // A stream that cannot be read is its pump's to tell of.
        while rows.waiting().await.is_ok_and(|count| count > 0) {
            tokio::time::sleep(POLL).await;
        }
    }
}

fn pumps(
    options: &Run,
    template: &Template,
    streams: &BTreeMap<String, StreamRows>,
    host: &Host,
    failures: &Failures,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let mut pumps = Vec::new();
    for (id, rows) in streams {
        let function = &template.functions[id];
        for event in function.events.values() {
            if let Event::Stream(mapping) = event {
                let target = Target {
                    host: host.clone(),
                    function: function.clone(),
                    failures: failures.clone(),
                };
                let chaos = options.stream_chaos.map(Chaos::new);
                let pump = Pump::new(rows.clone(), mapping.clone(), target, chaos);
                pumps.push(tokio::spawn(pump.run(stopped.clone())));
            }
        }
    }
    pumps
}

async fn bind(port: u16) -> Result<TcpListener, StackError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StackError::PortInUse { port },
        _ => StackError::Port { port, source },
    })
}

fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// In the data folder.
const STATUS_FILE: &str = "status.json";

/// The heavy work is done by the functions' own processes and by the store's threads.
const WORKER_THREADS: usize = 2;

/// How long `ready` waits for the feed to hold the demo business.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(30);

/// Between two looks at a stream.
const POLL: Duration = Duration::from_millis(50);
