//! The machine's own clock and dice.

use std::time::{Duration, SystemTime};

use protocol::Instant;

use crate::tables::Surroundings;

/// The machine's clock, Tokio's timer, and dice that are good enough for jitter.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealSurroundings;

impl Surroundings for RealSurroundings {
    #[expect(clippy::disallowed_methods, reason = "the one place where the real clock comes in")]
    fn now(&self) -> Instant {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let milliseconds = since_1970.unwrap_or_default().as_millis();
        Instant::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_runs_and_the_dice_differ() {
        let world = RealSurroundings;
        let first = world.now();
        assert!(first > Instant::from_millis(1_700_000_000_000), "{first}");
        assert!(world.now() >= first);
        assert_ne!(world.random(), world.random());
    }
}
