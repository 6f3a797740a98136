//! A clock that stands still until somebody waits, and dice that fall the same way every time.

use std::future::{Future, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use protocol::Instant;

use crate::tables::Surroundings;

/// Virtual time: waiting passes it at once.
#[derive(Debug, Clone)]
pub struct VirtualSurroundings {
    now_ms: Arc<AtomicI64>,
    dice: Arc<AtomicU64>,
}

impl VirtualSurroundings {
    /// A world that begins at `now` with dice of this seed.
    pub fn new(now: Instant, seed: u64) -> Self {
        Self {
            now_ms: Arc::new(AtomicI64::new(now.as_millis())),
            dice: Arc::new(AtomicU64::new(seed)),
        }
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.now_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Surroundings for VirtualSurroundings {
    fn now(&self) -> Instant {
        Instant::from_millis(self.now_ms.load(Ordering::Relaxed))
    }

    /// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    fn random(&self) -> u64 {
        let state = self.dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send {
        self.advance(pause);
        ready(())
    }
}
