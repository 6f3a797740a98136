//! The processes of one function: taken for one invocation, put back, replaced when they die.

use std::sync::Mutex;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::process::{Process, Specification};
use super::{Answer, InvokeError};

/// At most [`PROCESSES_MAX`] processes; further invocations wait for one of them.
#[derive(Debug)]
pub(super) struct Pool {
    specification: Specification,
    permits: Semaphore,
    idle: Mutex<Vec<Process>>,
}

impl Pool {
    pub(super) fn new(specification: Specification) -> Self {
        let permits = Semaphore::new(PROCESSES_MAX);
        Self { specification, permits, idle: Mutex::new(Vec::new()) }
    }

    /// Starts the first process.
    pub(super) async fn warm(&self) -> Result<(), InvokeError> {
        let process = self.take().await.map_err(|error| match error {
            InvokeError::NotStarted(why) => {
                InvokeError::NotStarted(format!("{}: {why}", self.specification.id))
            }
            other => other,
        })?;
        self.put_back(process);
        Ok(())
    }

    pub(super) async fn invoke(&self, event: Bytes) -> Result<Answer, InvokeError> {
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| InvokeError::NotStarted("the stack is stopping".into()))?;
        // A process that was put back may be about to end; it has not seen the event then.
        for _ in 0..=PROCESSES_MAX {
            let mut process = self.take().await?;
            let result = process.invoke(event.clone(), self.specification.timeout).await;
            match &result {
                Ok(_) | Err(InvokeError::Function(_)) => self.put_back(process),
                Err(_) => process.stop().await,
            }
            if !matches!(result, Err(InvokeError::NotTaken)) {
                return result;
            }
        }
        Err(InvokeError::NotTaken)
    }

    /// Lets nobody in any more and ends what is idle; what is at work ends with its invocation or
    /// with this process.
    pub(super) async fn stop(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle.lock().expect("no holder of the lock panics"));
        for process in idle {
            process.stop().await;
        }
    }

    async fn take(&self) -> Result<Process, InvokeError> {
        let idle = {
            let mut idle = self.idle.lock().expect("no holder of the lock panics");
            idle.retain(|process| !process.has_ended());
            idle.pop()
        };
        match idle {
            Some(process) => Ok(process),
            None => Process::start(&self.specification).await,
        }
    }

    fn put_back(&self, process: Process) {
        self.idle.lock().expect("no holder of the lock panics").push(process);
    }
}

/// Enough to let invocations of one function overlap, few enough for a laptop.
const PROCESSES_MAX: usize = 4;
