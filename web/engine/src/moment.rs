//! What the surroundings lend the engine with every event: two clocks and a die.
//!
//! The wall clock of a phone may be wrong or jump, so it only stamps what a person did. All waiting
//! is measured on the other clock, which never goes back.

use protocol::Instant;

/// Milliseconds of a clock that never goes back and has no meaning outside of this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elapsed(pub u64);

/// When an event happened, and a random number for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock, as the phone believes it.
    pub wall: Instant,
    /// The clock that never goes back.
    pub elapsed: Elapsed,
    /// Evenly distributed over all values; a new one with each event.
    pub random: u64,
}

impl Elapsed {
    /// So many milliseconds later.
    #[must_use]
    pub fn plus(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds since `earlier`; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
