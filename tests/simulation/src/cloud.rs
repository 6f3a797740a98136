//! What the cloud lends a function: tables that fail, a clock, dice, and pauses between any two
//! calls, in which the world may let others go first or let it die.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use protocol::Instant;
use store::memory::{Call, Fault, Faults, MemoryTables};
use store::tables::{BatchGot, Key, Query, QueryPage, StoreError, Surroundings, Tables, Write};

use crate::dice::Dice;

/// How bad it is: one call in so many goes wrong; zero is fine weather.
#[derive(Debug, Clone)]
pub(crate) struct Weather(Arc<Sky>);

#[derive(Debug)]
struct Sky {
    dice: AtomicU64,
    one_in: AtomicU64,
}

impl Weather {
    /// Fine weather with dice of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Sky { dice: AtomicU64::new(seed), one_in: AtomicU64::new(0) }))
    }

    /// From now on one call in `one_in` goes wrong; none if it is zero.
    pub(crate) fn set(&self, one_in: u64) {
        self.0.one_in.store(one_in, Relaxed);
    }

    fn dice(&self) -> Dice {
        Dice::new(self.0.dice.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed))
    }

    /// A read is cut in two between which others may write.
    fn tears(&self) -> bool {
        let one_in = self.0.one_in.load(Relaxed);
        one_in != 0 && self.dice().one_in(one_in)
    }
}

impl Faults for Weather {
    fn strike(&self, call: Call<'_>) -> Fault {
        let one_in = self.0.one_in.load(Relaxed);
        if one_in == 0 {
            return Fault::None;
        }
        let mut dice = self.dice();
        if !dice.one_in(one_in) {
            return Fault::None;
        }
        let place = dice.place(100);
        match (dice.below(6), call) {
            (0, _) => Fault::Throttle,
            (1, _) => Fault::LoseRequest,
            (2, _) => Fault::LoseReply,
            (_, Call::BatchGet(_) | Call::Query(_)) => Fault::Partial(place % 6),
            (3, _) => Fault::ThrottleWrite(place),
            _ => Fault::Conflict(place),
        }
    }
}

/// The tables as one function's invocation sees them.
#[derive(Debug, Clone)]
pub(crate) struct CloudTables {
    tables: MemoryTables,
    weather: Weather,
}

impl CloudTables {
    /// `tables` in this weather.
    pub(crate) fn new(tables: &MemoryTables, weather: &Weather) -> Self {
        Self { tables: tables.with_faults(weather.clone()), weather: weather.clone() }
    }
}

impl Tables for CloudTables {
    async fn batch_get(&self, keys: &[Key]) -> Result<BatchGot, StoreError> {
        Pause::default().await;
        if keys.len() < 2 || !self.weather.tears() {
            return self.tables.batch_get(keys).await;
        }
        // A batch read is no transaction: others may write between two of its items.
        let (first, second) = keys.split_at(keys.len() / 2);
        let mut got = self.tables.batch_get(first).await?;
        Pause::default().await;
        let more = self.tables.batch_get(second).await?;
        got.items.extend(more.items);
        got.unprocessed.extend(more.unprocessed);
        Ok(got)
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        Pause::default().await;
        self.tables.query(query).await
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), StoreError> {
        Pause::default().await;
        let result = self.tables.transact(writes).await;
        // What was written is written, whether or not anybody lives to hear of it.
        Pause::default().await;
        result
    }

    async fn write(&self, write: &Write) -> Result<(), StoreError> {
        Pause::default().await;
        let result = self.tables.write(write).await;
        Pause::default().await;
        result
    }
}

/// Lets the world go on once.
#[derive(Debug, Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Clock, dice and alarm of one invocation.
#[derive(Debug, Clone)]
pub(crate) struct CloudSurroundings {
    clock: Arc<AtomicI64>,
    dice: Arc<AtomicU64>,
    alarm: Arc<AtomicI64>,
}

impl CloudSurroundings {
    /// With the world's clock; `alarm` is when whoever sleeps wants to be woken.
    pub(crate) fn new(clock: &Arc<AtomicI64>, seed: u64, alarm: &Arc<AtomicI64>) -> Self {
        Self {
            clock: Arc::clone(clock),
            dice: Arc::new(AtomicU64::new(seed)),
            alarm: Arc::clone(alarm),
        }
    }
}

impl Surroundings for CloudSurroundings {
    fn now(&self) -> Instant {
        Instant::from_millis(self.clock.load(Relaxed))
    }

    fn random(&self) -> u64 {
        Dice::new(self.dice.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed)).roll()
    }

    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send {
        let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX / 2);
        self.alarm.store(self.clock.load(Relaxed) + pause_ms, Relaxed);
        Pause::default()
    }
}
