//! How long and how dense a schedule is. Most are short days in which much goes wrong at once, so
//! that many are lived through in a second; some are long, for what only grows with time: sealed
//! pages, records with more than eight operations, conflicts in heaps.

use crate::agenda::Millis;
use crate::dice::Dice;

/// Bounds that a schedule's dice fall between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Shifts of work, with nights between them.
    pub(crate) shifts_max: u64,
    /// A shift's length.
    pub(crate) shift_ms: (Millis, Millis),
    /// The longest time between two doings of one person; one of these a shift.
    pub(crate) act_ms_max: [Millis; 3],
    /// When a shift's first misfortune comes, and how far apart they are.
    pub(crate) misfortune_ms: (Millis, Millis),
    /// How long one lasts.
    pub(crate) lasts_ms: (Millis, Millis),
    /// Requests, commits and invocations go wrong so many times as often.
    pub(crate) illness: u64,
}

impl Pace {
    /// The pace of a schedule.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        if dice.one_in(LONG_ONE_IN) { LONG } else { SHORT }
    }
}

const LONG_ONE_IN: u64 = 100;

const SHORT: Pace = Pace {
    shifts_max: 3,
    shift_ms: (8_000, 50_000),
    act_ms_max: [4_000, 12_000, 30_000],
    misfortune_ms: (1_500, 15_000),
    lasts_ms: (1_000, 45_000),
    illness: 2,
};

const LONG: Pace = Pace {
    shifts_max: 4,
    shift_ms: (60_000, 420_000),
    act_ms_max: [4_000, 12_000, 40_000],
    misfortune_ms: (5_000, 90_000),
    lasts_ms: (2_000, 150_000),
    illness: 1,
};
