//! A host of the Lambda Runtime API: starts the functions' real binaries and hands them events.
//!
//! Each function has a [`Pool`] of processes, started when they are needed up to a
//! small bound, used one invocation at a time, and replaced when they die. Each process has a
//! Runtime API of its own (`api`), so it is known by the port it asks on. See
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

mod api;
pub(crate) mod child;
mod environment;
mod pool;
mod process;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

pub(crate) use environment::Endpoints;

use crate::template::Function;
use pool::Pool;
use process::Specification;

/// All functions, by logical id.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pools: Arc<BTreeMap<String, Arc<Pool>>>,
}

/// What a function answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Of the invocation.
    pub(crate) request_id: String,
    /// As the function wrote it.
    pub(crate) body: Bytes,
}

/// Why an invocation has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// The event is larger than Lambda takes.
    #[error("the event has {0} bytes, Lambda takes {PAYLOAD_BYTES_MAX}")]
    EventTooLarge(usize),
    /// The function answered with an error.
    #[error("the function answered with an error: {}", String::from_utf8_lossy(.0))]
    Function(Bytes),
    /// Its process ended before it answered.
    #[error("the function's process ended: {0}")]
    Crashed(String),
    /// Its process ended before it asked for the event: another one may have it.
    #[error("the function's process ended before it took the event")]
    NotTaken,
    /// It took longer than it may; its process was killed.
    #[error("the function took longer than its timeout")]
    TimedOut,
    /// Its process did not come up.
    #[error("the function did not start: {0}")]
    NotStarted(String),
    /// Every process is at work and too many invocations wait for one.
    #[error("too many invocations wait")]
    Busy,
    /// There is no such function.
    #[error("there is no function {0}")]
    Unknown(String),
}

/// Why the host cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error(
    "the binary of {function} is missing: {path} is no file (build it, or name another --bin-dir)"
)]
pub(crate) struct MissingBinary {
    function: String,
    path: PathBuf,
}

impl Host {
    /// Prepares `functions`, whose binaries are in `folder`; nothing is started yet.
    ///
    /// # Errors
    ///
    /// When a binary is missing.
    pub(crate) fn new<'a>(
        functions: impl Iterator<Item = &'a Function>,
        folder: &Path,
        endpoints: &Endpoints,
    ) -> Result<Self, MissingBinary> {
        let mut pools = BTreeMap::new();
        for function in functions {
            let path = folder.join(&function.binary);
            if !path.is_file() {
                return Err(MissingBinary { function: function.id.clone(), path });
            }
            let specification = Specification {
                id: function.id.clone(),
                arn: function.arn.clone(),
                binary: path,
                timeout: function.timeout,
                environment: environment::of(function, endpoints),
            };
            pools.insert(function.id.clone(), Arc::new(Pool::new(specification)));
        }
        Ok(Self { pools: Arc::new(pools) })
    }

    /// Starts one process of every function and waits until each asks for work.
    ///
    /// # Errors
    ///
    /// The first one that does not come up.
    pub(crate) async fn warm(&self) -> Result<(), InvokeError> {
        let starts = self.pools.values().map(|pool| {
            let pool = Arc::clone(pool);
            tokio::spawn(async move { pool.warm().await })
        });
        for start in starts.collect::<Vec<_>>() {
            start.await.map_err(|error| InvokeError::NotStarted(error.to_string()))??;
        }
        Ok(())
    }

    /// Gives `event` to the function `id` and waits for its answer. The invocation goes on when
    /// the caller loses interest, as on Lambda.
    ///
    /// # Errors
    ///
    /// When there is no answer; see [`InvokeError`].
    pub(crate) async fn invoke(&self, id: &str, event: Bytes) -> Result<Answer, InvokeError> {
        let pool = self.pools.get(id).ok_or_else(|| InvokeError::Unknown(id.into()))?;
        if event.len() > PAYLOAD_BYTES_MAX {
            return Err(InvokeError::EventTooLarge(event.len()));
        }
        let pool = Arc::clone(pool);
        tokio::spawn(async move { pool.invoke(event).await })
            .await
            .map_err(|error| InvokeError::Crashed(error.to_string()))?
    }

    /// Ends every process.
    pub(crate) async fn stop(&self) {
        for pool in self.pools.values() {
            pool.stop().await;
        }
    }
}

/// Of an event, and of an answer: Lambda's bound for synchronous calls.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;
