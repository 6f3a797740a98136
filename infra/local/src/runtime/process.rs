//! One process of a function, from its start to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::api::{Invocation, Readiness, Reply, RuntimeApi};
use super::{Answer, InvokeError};

/// How a function's processes are started.
#[derive(Debug, Clone)]
pub(super) struct Specification {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) binary: PathBuf,
    pub(super) timeout: Duration,
    pub(super) environment: BTreeMap<String, String>,
}

/// A process that waits for work, or does some. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    work: mpsc::Sender<Invocation>,
    readiness: watch::Receiver<Readiness>,
    ended: watch::Receiver<Option<String>>,
    _kill: oneshot::Sender<()>,
}

impl Process {
    /// Starts one and waits until it asks for work.
    ///
    /// # Errors
    ///
    /// When it cannot be started, ends, reports an error or is too slow.
    pub(super) async fn start(specification: &Specification) -> Result<Self, InvokeError> {
        let failed = |error: std::io::Error| InvokeError::NotStarted(error.to_string());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?.to_string();
        let mut child = spawn(specification, &address).map_err(failed)?;
        let (work, invocations) = mpsc::channel(1);
        let (ready, readiness) = watch::channel(Readiness::Starting);
        let (end, ended) = watch::channel(None);
        let (kill, killed) = oneshot::channel();
        let api = RuntimeApi::new(&specification.arn, invocations, ready);
        let server = tokio::spawn(api.serve(listener));
        pass_on(&specification.id, child.stdout.take());
        pass_on(&specification.id, child.stderr.take());
        tokio::spawn(watch_over(child, killed, server, end));
        let mut process = Self { work, readiness, ended, _kill: kill };
        process.come_up().await?;
        Ok(process)
    }

    async fn come_up(&mut self) -> Result<(), InvokeError> {
        let mut ended = self.ended.clone();
        let readiness = tokio::select! {
            biased;
            state = self.readiness.wait_for(|state| *state != Readiness::Starting) => {
                state.map_or_else(|_| Readiness::Failed("it ended".into()), |state| state.clone())
            }
            end = ended.wait_for(Option::is_some) => Readiness::Failed(reason(end.ok().as_deref())),
            () = tokio::time::sleep(START_MAX) => Readiness::Failed("it took too long".into()),
        };
        match readiness {
            Readiness::Failed(why) => Err(InvokeError::NotStarted(why)),
            Readiness::Starting | Readiness::Ready => Ok(()),
        }
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Gives it an event. After an error other than the function's own, the process is of no use.
    ///
    /// # Errors
    ///
    /// When it answers with an error, ends, or takes too long.
    pub(super) async fn invoke(
        &mut self,
        event: Bytes,
        timeout: Duration,
    ) -> Result<Answer, InvokeError> {
        let request_id = uuid::Uuid::new_v4().to_string();
        let (reply, replied) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let invocation = Invocation {
            request_id: request_id.clone(),
            event,
            timeout,
            taken: Arc::clone(&taken),
            reply,
        };
        let ended = self.ended.clone();
        let crashed = || {
            if taken.load(Ordering::Acquire) {
                InvokeError::Crashed(reason(Some(&ended.borrow())))
            } else {
                InvokeError::NotTaken
            }
        };
        if self.work.send(invocation).await.is_err() {
            return Err(crashed());
        }
        tokio::select! {
            biased;
            reply = replied => match reply {
                Ok(Reply::Response(body)) => Ok(Answer { request_id, body }),
                Ok(Reply::Error(body)) => Err(InvokeError::Function(body)),
                Err(_) => Err(crashed()),
            },
            // An error means that its watch has gone, and so has the process.
            _ = self.ended.wait_for(Option::is_some) => Err(crashed()),
            () = tokio::time::sleep(timeout) => Err(InvokeError::TimedOut),
        }
    }

    /// Kills it and waits until it has gone.
    pub(super) async fn stop(self) {
        let Self { mut ended, _kill: kill, work: _, readiness: _ } = self;
        drop(kill);
        // An error means that its watch has gone, and so has the process.
        ended.wait_for(Option::is_some).await.map(|_| ()).ok();
    }
}

fn spawn(specification: &Specification, api: &str) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg("exec-child")
        .arg(std::process::id().to_string())
        .arg(&specification.binary)
        .env_clear()
        .envs(&specification.environment)
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Waits for the end, or brings it about once nobody holds the process any more.
async fn watch_over(
    mut child: Child,
    killed: oneshot::Receiver<()>,
    server: JoinHandle<()>,
    end: watch::Sender<Option<String>>,
) {
    let status = tokio::select! {
        status = child.wait() => status,
        _ = killed => {
            // It may have ended by itself in this moment; the wait below tells either way.
            child.start_kill().ok();
            child.wait().await
        }
    };
    let text =
        status.map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
    end.send_replace(Some(text));
    server.abort();
}

/// Lines that the process writes, with its function's name before them.
fn pass_on(id: &str, output: Option<impl AsyncRead + Unpin + Send + 'static>) {
    let Some(output) = output else { return };
    let id = id.to_string();
    tokio::spawn(async move {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
            crate::console::line(&format!("[{id}] {}", String::from_utf8_lossy(&line).trim_end()));
            line.clear();
        }
    });
}

fn reason(end: Option<&Option<String>>) -> String {
    end.and_then(Clone::clone).unwrap_or_else(|| "for no known reason".into())
}

/// Lambda's own bound for the start of a runtime.
const START_MAX: Duration = Duration::from_secs(10);
