//! The open database, opened anew when the browser or another tab has closed it.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use engine::StorageFault;
use gloo_timers::future::TimeoutFuture;
use rexie::{Rexie, Transaction, TransactionMode, TransactionResult};
use web_sys::IdbTransaction;

use crate::fault::{aborted, fault_of, is_closed};
use crate::{schema, strict};

/// The phone's database. Clones share one connection.
#[derive(Debug, Clone)]
pub struct Database {
    name: Rc<str>,
    open: Rc<RefCell<Option<Rc<Rexie>>>>,
}

/// A transaction under way, and the browser's own object for it, which knows why it was aborted.
pub(crate) struct Work {
    pub(crate) transaction: Transaction,
    native: Option<IdbTransaction>,
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
        let database = Self { name: name.into(), open: Rc::default() };
        database.connection().await?;
        Ok(database)
    }

    /// Begins a transaction; a connection that was closed behind our back is opened anew, once.
    pub(crate) async fn begin(
        &self,
        stores: &[&str],
        mode: TransactionMode,
    ) -> Result<Work, StorageFault> {
        let connection = self.connection().await?;
        let error = match connection.transaction(stores, mode) {
            Ok(transaction) => return Ok(Work::new(transaction)),
            Err(error) => error,
        };
        if !is_closed(&error) {
            return Err(fault_of(&error, None));
        }
        self.open.replace(None);
        let connection = self.connection().await?;
        connection.transaction(stores, mode).map(Work::new).map_err(|error| fault_of(&error, None))
    }

    async fn connection(&self) -> Result<Rc<Rexie>, StorageFault> {
        if let Some(open) = &*self.open.borrow() {
            return Ok(Rc::clone(open));
        }
        let opening = schema::declaration(&self.name).build();
        let opened = within(OPENING_MS, opening).await.ok_or(StorageFault::Blocked)?;
        let connection = Rc::new(opened.map_err(|error| fault_of(&error, None))?);
        self.open.replace(Some(Rc::clone(&connection)));
        Ok(connection)
    }
}

impl Work {
    fn new(transaction: Transaction) -> Self {
        Self { transaction, native: strict::latest() }
    }

    /// The fault behind an error of one of its requests.
    pub(crate) fn fault(&self, error: &rexie::Error) -> StorageFault {
        fault_of(error, self.native.as_ref())
    }

    /// Waits until the browser says that it is on the disk. Nothing but its own requests may have
    /// been awaited before.
    pub(crate) async fn done(self) -> Result<(), StorageFault> {
        let native = self.native;
        match self.transaction.done().await {
            Ok(TransactionResult::Committed) => Ok(()),
            Ok(TransactionResult::Aborted) => Err(aborted(native.as_ref())),
            Err(error) => Err(fault_of(&error, native.as_ref())),
        }
    }

    /// Takes everything back.
    pub(crate) async fn abort(self) -> Result<(), StorageFault> {
        self.transaction.abort().await.map_err(|error| fault_of(&error, self.native.as_ref()))
    }
}

/// The future's output, unless it takes longer.
async fn within<F: Future>(milliseconds: u32, future: F) -> Option<F::Output> {
    let (mut future, mut timer) = (pin!(future), pin!(TimeoutFuture::new(milliseconds)));
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        timer.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// Opening takes milliseconds; longer means that another tab does not let go.
const OPENING_MS: u32 = 10_000;
