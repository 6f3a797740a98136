//! One event source mapping at work.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::chaos::{Chaos, Step};
use super::delivery::Delivery;
use super::lanes::Lanes;
use super::{StreamError, filter};
use crate::console;
use crate::store::{StreamRow, StreamRows};
use crate::template::StreamMapping;

/// Carries one stream to one function until it is told to stop.
#[derive(Debug)]
pub(crate) struct Pump {
    rows: StreamRows,
    mapping: StreamMapping,
    delivery: Arc<Delivery>,
    lanes: Lanes,
    running: JoinSet<Delivered>,
    chaos: Option<Chaos>,
}

/// What became of a lane's rows.
#[derive(Debug)]
struct Delivered {
    lane: usize,
    rows: Vec<i64>,
    result: Result<(), StreamError>,
}

impl Pump {
    /// A pump from `rows` through `delivery`.
    pub(crate) fn new(
        rows: StreamRows,
        mapping: StreamMapping,
        target: super::delivery::Target,
        chaos: Option<Chaos>,
    ) -> Self {
        let delivery = Arc::new(Delivery::new(rows.clone(), mapping.clone(), target));
        let lanes = Lanes::new(mapping.lanes);
        Self { rows, mapping, delivery, lanes, running: JoinSet::new(), chaos }
    }

    /// Runs until `stopping` says so.
    pub(crate) async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                biased;
                () = told(&mut stopping) => return,
                result = self.round() => {
                    if let Err(error) = result {
                        console::line(&format!("stream: {error}; trying again"));
                        sleep(TROUBLE_PAUSE).await;
                    }
                }
            }
        }
    }

    /// One look at the stream, and batches for the lanes that are idle.
    async fn round(&mut self) -> Result<(), StreamError> {
        self.read().await?;
        let batch = self.batch();
        while let Some((lane, rows)) = self.lanes.next(batch, self.mapping.batch_window) {
            self.start(lane, rows);
        }
        // Until a lane is done, or it is time to look again.
        match timeout(POLL_INTERVAL, self.running.join_next()).await {
            Ok(Some(delivered)) => self.finish(delivered.expect("a delivery does not panic")),
            Ok(None) => {
                sleep(POLL_INTERVAL).await;
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }

    /// Takes in the rows that are new; those that the filter keeps out are consumed.
    async fn read(&mut self) -> Result<(), StreamError> {
        let batch = self.batch();
        if !self.lanes.is_hungry(batch) {
            return Ok(());
        }
        let rows = self.rows.oldest(batch * self.mapping.lanes, self.lanes.known()).await?;
        let mut unwanted = Vec::new();
        for row in rows {
            if filter::passes(&self.mapping.patterns, &row.event) {
                self.lanes.add(row);
            } else {
                unwanted.push(row.row);
            }
        }
        if !unwanted.is_empty() {
            self.rows.consumed(unwanted).await?;
        }
        Ok(())
    }

    fn start(&mut self, lane: usize, rows: Vec<StreamRow>) {
        let numbers = rows.iter().map(|row| row.row).collect();
        let steps = match &mut self.chaos {
            None => vec![Step { delay: Duration::ZERO, rows }],
            Some(chaos) => chaos.plan(rows),
        };
        let delivery = Arc::clone(&self.delivery);
        self.running.spawn(async move {
            let mut result = Ok(());
            for step in steps {
                sleep(step.delay).await;
                result = delivery.deliver(step.rows).await;
                if result.is_err() {
                    break;
                }
            }
            Delivered { lane, rows: numbers, result }
        });
    }

    fn finish(&mut self, delivered: Delivered) -> Result<(), StreamError> {
        match &delivered.result {
            Ok(()) => self.lanes.done(delivered.lane, &delivered.rows),
            Err(_) => self.lanes.failed(delivered.lane, &delivered.rows),
        }
        delivered.result
    }

    /// Rows that a lane delivers at once.
    fn batch(&self) -> usize {
        match &self.chaos {
            Some(_) => self.mapping.batch_size.max(CHAOS_ROWS),
            None => self.mapping.batch_size,
        }
    }
}

/// Returns once the stack stops; an error means that it has already gone.
async fn told(stopping: &mut watch::Receiver<bool>) {
    stopping.wait_for(|stop| *stop).await.map(|_| ()).ok();
}

/// Seconds since 1970, as records count them.
pub(super) fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}

/// Between two looks at a stream without rows. An indexed look costs some microseconds.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// After the store's file could not be read.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// How many rows chaos mixes at least.
const CHAOS_ROWS: usize = 200;
