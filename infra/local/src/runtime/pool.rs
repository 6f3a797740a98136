//! The processes of one function: taken for one invocation, put back, replaced when they die.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

use super::process::{Process, Specification};
use super::{Answer, InvokeError};

/// At most [`PROCESSES_MAX`] processes; [`WAITING_MAX`] further invocations wait for one of them.
#[derive(Debug)]
pub(super) struct Pool {
    specification: Specification,
    permits: Semaphore,
    waiting: AtomicUsize,
    idle: Mutex<Vec<Process>>,
}

impl Pool {
    pub(super) fn new(specification: Specification) -> Self {
        let permits = Semaphore::new(PROCESSES_MAX);
        let waiting = AtomicUsize::new(0);
        Self { specification, permits, waiting, idle: Mutex::new(Vec::new()) }
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
        let _permit = self.permit().await?;
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

    /// Waits for a free process, unless too many wait already.
    async fn permit(&self) -> Result<SemaphorePermit<'_>, InvokeError> {
        let stopping = || InvokeError::NotStarted("the stack is stopping".into());
        match self.permits.try_acquire() {
            Ok(permit) => return Ok(permit),
            Err(TryAcquireError::Closed) => return Err(stopping()),
            Err(TryAcquireError::NoPermits) => {}
        }
        let waiting = Waiting::enter(&self.waiting).ok_or(InvokeError::Busy)?;
        let permit = self.permits.acquire().await.map_err(|_| stopping());
        drop(waiting);
        permit
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

/// One invocation among those that wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    /// `None` if there are as many as may be.
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        let one_more = |count: usize| (count < WAITING_MAX).then_some(count + 1);
        let entered = count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
        // Not `then_some`: one that is made and thrown away would leave a place that it never took.
        entered.is_ok().then(|| Self(count))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// More would wait so long that their callers have given up before their turn, and a function
/// would work for nobody. Lambda too refuses past its concurrency.
const WAITING_MAX: usize = 32;

/// Enough to let invocations of one function overlap, few enough for a laptop.
const PROCESSES_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_invocations_wait_and_who_leaves_makes_room() {
        let count = AtomicUsize::new(0);
        let mut waiting: Vec<_> =
            (0..WAITING_MAX).map(|_| Waiting::enter(&count).expect("there is room")).collect();
        for _ in 0..2 * WAITING_MAX {
            assert!(Waiting::enter(&count).is_none(), "a refusal makes no room");
        }
        waiting.pop();
        assert!(Waiting::enter(&count).is_some());
    }
}
