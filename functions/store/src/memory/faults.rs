//! What goes wrong, decided call by call: by a script, or by a simulated world.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::tables::{Key, Query, Write};

/// A call that is about to run.
#[derive(Debug, Clone, Copy)]
pub enum Call<'a> {
    /// `BatchGetItem`.
    BatchGet(&'a [Key]),
    /// `Query`.
    Query(&'a Query),
    /// `TransactWriteItems`.
    Transact(&'a [Write]),
    /// `PutItem` or `DeleteItem`.
    Write(&'a Write),
}

/// What goes wrong with a call. What a kind of call cannot suffer leaves it as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It is refused as too fast.
    Throttle,
    /// It is refused for good.
    Refuse,
    /// It never arrives; the caller learns of no reply.
    LoseRequest,
    /// It arrives and does what it does; the caller learns of no reply.
    LoseReply,
    /// A read stops after so many items: the other keys come back unprocessed, the page is short.
    Partial(usize),
    /// Another transaction is writing the same item as the write of this number (modulo their
    /// count): nothing is written.
    Conflict(usize),
    /// The item of the write of this number (modulo their count) is too busy: nothing is written.
    ThrottleWrite(usize),
}

/// Whoever decides what goes wrong. A closure from [`Call`] to [`Fault`] is one.
pub trait Faults: Send + Sync {
    /// What happens to `call`.
    fn strike(&self, call: Call<'_>) -> Fault;
}

/// Faults in a row, one a call; then none.
#[derive(Debug, Default)]
pub struct Script(Mutex<VecDeque<Fault>>);

impl Script {
    /// One of `faults` a call, in order.
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self(Mutex::new(faults.into_iter().collect()))
    }
}

impl Faults for Script {
    fn strike(&self, _call: Call<'_>) -> Fault {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default()
    }
}

impl<F: Fn(Call<'_>) -> Fault + Send + Sync> Faults for F {
    fn strike(&self, call: Call<'_>) -> Fault {
        self(call)
    }
}
