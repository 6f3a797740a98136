//! How long and how dense a schedule is. Most are short days in which much goes wrong at once, so
//! that many are lived through in a second; some are long, for what only grows with time: sealed
//! pages, records with more than eight operations, conflicts in heaps; and some are of a business
//! that brings its many customers along, for what only comes with a long feed and a month: a floor.

use crate::agenda::Millis;
use crate::dice::Dice;

/// Bounds that a schedule's dice fall between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Customers that come along at the beginning of each shift.
    pub(crate) customers: usize,
    /// One of so many nights lasts over a month; none where it is nothing.
    pub(crate) month_one_in: Option<u64>,
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
        if dice.one_in(LONG_ONE_IN) {
            LONG
        } else if dice.one_in(GROWN_ONE_IN) {
            GROWN
        } else {
            SHORT
        }
    }
}

const LONG_ONE_IN: u64 = 250;
const GROWN_ONE_IN: u64 = 100;

const SHORT: Pace = Pace {
    customers: 0,
    month_one_in: None,
    shifts_max: 3,
    shift_ms: (5_000, 30_000),
    act_ms_max: [4_000, 12_000, 30_000],
    misfortune_ms: (1_000, 12_000),
    lasts_ms: (1_000, 45_000),
    illness: 2,
};

const LONG: Pace = Pace {
    customers: 0,
    month_one_in: Some(2),
    shifts_max: 4,
    shift_ms: (60_000, 420_000),
    act_ms_max: [4_000, 12_000, 40_000],
    misfortune_ms: (5_000, 90_000),
    lasts_ms: (2_000, 150_000),
    illness: 1,
};

const GROWN: Pace = Pace { customers: 60, month_one_in: Some(2), ..SHORT };
