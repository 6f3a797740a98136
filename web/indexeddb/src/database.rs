//! The open database: one connection, dropped when it fails and opened again by the next access.
//!
//! A browser may end a connection at any time: another tab upgrades the database, the disk of a
//! phone that slept is gone for a moment (iOS: `UnknownError` at every further `transaction()`), or
//! a request is never answered. So every transaction has a bound, a connection that fails is
//! dropped, and what certainly left nothing behind is tried once more on a fresh one.
//!
//! | an attempt ends | the connection | then |
//! |---|---|---|
//! | `transaction()` throws | is dropped | once more |
//! | a request fails | is dropped | the transaction was aborted: once more |
//! | no answer in time, `abort()` accepted | is dropped | once more |
//! | no answer in time, `abort()` refused: it may be committing | is dropped | the caller is told |
//! | the commit fails | is dropped | the caller is told |
//! | `Stale`, a full disk, an empty database, another version | stays | the caller is told |

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use engine::StorageFault;
use gloo_timers::future::TimeoutFuture;
use rexie::{Rexie, Transaction, TransactionMode, TransactionResult};
use web_sys::IdbTransaction;

use crate::fault::{aborted, fault_of};
use crate::{schema, strict};

/// The phone's database. Clones share one connection.
#[derive(Debug, Clone)]
pub struct Database {
    name: Rc<str>,
    connection: Rc<Connection>,
}

/// The connection in use, if any.
#[derive(Debug, Default)]
struct Connection {
    open: RefCell<Option<Rc<Rexie>>>,
    /// How many were dropped: tells an attempt whether its own connection failed.
    dropped: Cell<u32>,
    /// Attempts in a row that were not answered in time.
    unanswered: Cell<u32>,
}

/// A transaction under way, and the browser's own object for it, which knows why it was aborted.
pub(crate) struct Work {
    pub(crate) transaction: Transaction,
    native: Option<IdbTransaction>,
    connection: Rc<Connection>,
}

/// An attempt that failed.
struct Failed {
    fault: StorageFault,
    /// Nothing of it was written, and nothing will be.
    undone: bool,
}

impl Database {
    /// Opens [`NAME`](crate::NAME), or makes it.
    ///
    /// # Errors
    /// [`StorageFault::Blocked`] when another tab keeps an older version open, or has already made a
    /// newer one; otherwise what the browser says.
    pub async fn open() -> Result<Self, StorageFault> {
        Self::open_named(schema::NAME).await
    }

    /// Opens a database by another name: for tests.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_named(name: &str) -> Result<Self, StorageFault> {
        strict::ask_for_durability();
        let database = Self { name: name.into(), connection: Rc::default() };
        database.connection().await?;
        Ok(database)
    }

    /// Performs requests in one transaction; a write is answered once it is on the disk. Where the
    /// connection fails and nothing was written, `perform` is called once more on a fresh one.
    /// Nothing but requests of the transaction may be awaited in it.
    pub(crate) async fn transact<T>(
        &self,
        stores: &[&str],
        mode: TransactionMode,
        perform: impl AsyncFn(&Work) -> Result<T, StorageFault>,
    ) -> Result<T, StorageFault> {
        let dropped = self.connection.dropped.get();
        match self.attempt(stores, mode, &perform).await {
            Err(Failed { fault: StorageFault::Aborted, undone: true })
                if self.connection.dropped.get() != dropped =>
            {
                let again = self.attempt(stores, mode, &perform).await;
                again.map_err(|failed| failed.fault)
            }
            outcome => outcome.map_err(|failed| failed.fault),
        }
    }

    async fn attempt<T>(
        &self,
        stores: &[&str],
        mode: TransactionMode,
        perform: &impl AsyncFn(&Work) -> Result<T, StorageFault>,
    ) -> Result<T, Failed> {
        let began = self.begin(stores, mode).await;
        let work = began.map_err(|fault| Failed { fault, undone: true })?;
        let native = work.native.clone();
        let steps = ANSWER_STEPS << self.connection.unanswered.get().min(ANSWER_DOUBLINGS_MAX);
        let outcome = within(steps, async {
            match perform(&work).await {
                Ok(found) if mode == TransactionMode::ReadOnly => Ok(found),
                Ok(found) => {
                    let done = work.done().await;
                    done.map(|()| found).map_err(|fault| Failed { fault, undone: false })
                }
                Err(fault) => {
                    // A failed request has aborted it already; what counts is why.
                    let _aborted = work.abort().await;
                    Err(Failed { fault, undone: true })
                }
            }
        });
        if let Some(outcome) = outcome.await {
            self.connection.unanswered.set(0);
            return outcome;
        }
        self.connection.unanswered.set(self.connection.unanswered.get().saturating_add(1));
        self.connection.drop_open();
        let aborted = native.is_some_and(|transaction| transaction.abort().is_ok());
        let undone = aborted || mode == TransactionMode::ReadOnly;
        Err(Failed { fault: StorageFault::Aborted, undone })
    }

    /// Begins a transaction; where the connection refuses, on a fresh one.
    async fn begin(&self, stores: &[&str], mode: TransactionMode) -> Result<Work, StorageFault> {
        let open = self.connection().await?;
        let new = |transaction| Work::new(transaction, Rc::clone(&self.connection));
        if let Ok(transaction) = open.transaction(stores, mode) {
            return Ok(new(transaction));
        }
        drop(open);
        self.connection.drop_open();
        let open = self.connection().await?;
        let looked = within(ANSWER_STEPS, is_empty(&open)).await.ok_or(StorageFault::Aborted)?;
        if looked.map_err(|error| fault_of(&error, None))? {
            return Err(StorageFault::Evicted);
        }
        open.transaction(stores, mode).map(new).map_err(|error| fault_of(&error, None))
    }

    async fn connection(&self) -> Result<Rc<Rexie>, StorageFault> {
        if let Some(open) = &*self.connection.open.borrow() {
            return Ok(Rc::clone(open));
        }
        let mut opened = self.open_once().await;
        if opened == Err(StorageFault::Aborted) {
            opened = self.open_once().await;
        }
        opened?;
        let open = self.connection.open.borrow();
        open.clone().ok_or(StorageFault::Aborted)
    }

    async fn open_once(&self) -> Result<(), StorageFault> {
        let opening = schema::declaration(&self.name).build();
        let opened = within(OPENING_STEPS, opening).await.ok_or(StorageFault::Blocked)?;
        let fresh = opened.map_err(|error| fault_of(&error, None))?;
        let mut open = self.connection.open.borrow_mut();
        if open.is_some() {
            // Another access was faster. One that is merely forgotten would block upgrades.
            fresh.close();
        } else {
            *open = Some(Rc::new(fresh));
        }
        Ok(())
    }
}

impl Connection {
    /// The next access opens a fresh one. Transactions of others on this one end by themselves.
    fn drop_open(&self) {
        self.dropped.set(self.dropped.get().wrapping_add(1));
        if let Some(open) = self.open.take().and_then(Rc::into_inner) {
            open.close();
        }
    }

    /// What the browser cannot explain is laid to the connection.
    fn noted(&self, fault: StorageFault) -> StorageFault {
        if fault == StorageFault::Aborted {
            self.drop_open();
        }
        fault
    }
}

impl Work {
    fn new(transaction: Transaction, connection: Rc<Connection>) -> Self {
        Self { transaction, native: strict::latest(), connection }
    }

    /// The fault behind an error of one of its requests.
    pub(crate) fn fault(&self, error: &rexie::Error) -> StorageFault {
        self.connection.noted(fault_of(error, self.native.as_ref()))
    }

    /// Waits until the browser says that it is on the disk. Nothing but its own requests may have
    /// been awaited before.
    async fn done(self) -> Result<(), StorageFault> {
        let Self { transaction, native, connection } = self;
        let fault = match transaction.done().await {
            Ok(TransactionResult::Committed) => return Ok(()),
            Ok(TransactionResult::Aborted) => aborted(native.as_ref()),
            Err(error) => fault_of(&error, native.as_ref()),
        };
        Err(connection.noted(fault))
    }

    /// Takes everything back.
    async fn abort(self) -> Result<(), rexie::Error> {
        self.transaction.abort().await.map(drop)
    }
}

/// A database that was in use has rows: this one was made after the browser removed it.
async fn is_empty(connection: &Rexie) -> Result<bool, rexie::Error> {
    let work = connection.transaction(&[schema::META], TransactionMode::ReadOnly)?;
    Ok(work.store(schema::META)?.count(None).await? == 0)
}

/// The future's output, unless it takes longer than so many steps. A page that was frozen has used
/// up one of them when it wakes, not all.
async fn within<F: Future>(steps: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..steps {
        let mut timer = pin!(TimeoutFuture::new(STEP_MS));
        let output = poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            timer.as_mut().poll(context).map(|()| None)
        });
        if let Some(output) = output.await {
            return Some(output);
        }
    }
    None
}

const STEP_MS: u32 = 2_000;

/// Opening takes milliseconds; longer means that another tab does not let go.
const OPENING_STEPS: u32 = 5;

/// The largest transactions take seconds on a slow phone; twice as long after each that was not
/// answered, so that one which is merely large succeeds in the end.
const ANSWER_STEPS: u32 = 10;
const ANSWER_DOUBLINGS_MAX: u32 = 4;
