//! One event source mapping at work.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::chaos::Chaos;
use super::delivery::Delivery;
use super::{StreamError, filter};
use crate::console;
use crate::store::{StreamRow, StreamRows};
use crate::template::StreamMapping;

/// Carries one stream to one function until it is told to stop.
#[derive(Debug)]
pub(crate) struct Pump {
    rows: StreamRows,
    mapping: StreamMapping,
    delivery: Delivery,
    chaos: Option<Chaos>,
}

impl Pump {
    /// A pump from `rows` through `delivery`.
    pub(crate) fn new(
        rows: StreamRows,
        mapping: StreamMapping,
        target: super::delivery::Target,
        chaos: Option<Chaos>,
    ) -> Self {
        let delivery = Delivery::new(rows.clone(), mapping.clone(), target);
        Self { rows, mapping, delivery, chaos }
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

    /// One look at the stream, and the delivery of what is there.
    async fn round(&mut self) -> Result<(), StreamError> {
        let rows = self.gather().await?;
        if rows.is_empty() {
            sleep(POLL_INTERVAL).await;
            return Ok(());
        }
        let (wanted, unwanted): (Vec<StreamRow>, Vec<StreamRow>) =
            rows.into_iter().partition(|row| filter::passes(&self.mapping.patterns, &row.event));
        if !unwanted.is_empty() {
            self.rows.consumed(unwanted.iter().map(|row| row.row).collect()).await?;
        }
        match &mut self.chaos {
            None => self.delivery.deliver(wanted).await,
            Some(chaos) => {
                for step in chaos.plan(wanted) {
                    sleep(step.delay).await;
                    self.delivery.deliver(step.rows).await?;
                }
                Ok(())
            }
        }
    }

    /// The oldest rows, once they are enough or have waited the batch window.
    async fn gather(&self) -> Result<Vec<StreamRow>, StreamError> {
        let limit = match &self.chaos {
            Some(_) => self.mapping.batch_size.max(CHAOS_ROWS),
            None => self.mapping.batch_size,
        };
        let mut rows = self.rows.oldest(limit).await?;
        let deadline = Instant::now() + self.mapping.batch_window;
        while !rows.is_empty() && rows.len() < limit && Instant::now() < deadline {
            sleep(POLL_INTERVAL).await;
            rows = self.rows.oldest(limit).await?;
        }
        Ok(rows)
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
