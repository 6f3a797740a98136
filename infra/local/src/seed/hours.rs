//! The days of the week of sales, and the hours at which things are done on one.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use protocol::Instant;

/// The days of which sales are put in: a week, of which the last is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Week {
    last: Date,
    now: Timestamp,
}

/// The hours of trade of one day, as far as they have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hours {
    opens_ms: i64,
    closes_ms: i64,
}

impl Week {
    /// The week that ends today in Lima.
    pub(super) fn until(now: Timestamp) -> Self {
        Self { last: LIMA.to_datetime(now).date(), now }
    }

    /// The week that ended on `last`; none if that day is still to come.
    pub(super) fn until_day(last: Date, now: Timestamp) -> Option<Self> {
        (last <= Self::until(now).last).then_some(Self { last, now })
    }

    /// Its first day.
    pub(super) fn first(self) -> Date {
        days_before(self.last, DAYS - 1)
    }

    /// Its last day.
    pub(super) fn last(self) -> Date {
        self.last
    }

    /// All its days, in order.
    pub(super) fn days(self) -> impl Iterator<Item = Date> {
        (0..DAYS).rev().map(move |ago| days_before(self.last, ago))
    }

    /// The hours of one of its days. Of today only what has passed: at dawn the whole day's trade
    /// is squeezed between midnight and now, since nothing is done in the future.
    pub(super) fn hours(self, day: Date) -> Hours {
        let at = |hour, minute| in_lima(day, hour, minute);
        let now_ms = self.now.as_millisecond();
        let closes_ms = at(18, 30).min(now_ms);
        let opens_ms = if at(8, 0) <= closes_ms { at(6, 0) } else { at(0, 0).min(closes_ms) };
        Hours { opens_ms, closes_ms }
    }
}

impl Hours {
    /// The moment when so many thousandths of the hours have passed.
    pub(super) fn moment(self, permille: u64) -> Instant {
        let permille = i64::try_from(permille.min(1000)).unwrap_or(1000);
        Instant::from_millis(self.opens_ms + (self.closes_ms - self.opens_ms) * permille / 1000)
    }
}

/// The day so many days earlier.
pub(super) fn days_before(day: Date, days: i64) -> Date {
    day.saturating_sub(Span::new().days(days))
}

fn in_lima(day: Date, hour: i8, minute: i8) -> i64 {
    let moment = LIMA.to_timestamp(day.at(hour, minute, 0, 0));
    moment.expect("a day of trade is within the years of the calendar").as_millisecond()
}

/// UTC−5 all year since 1994.
const LIMA: Offset = Offset::constant(-5);

const DAYS: i64 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    fn week(now: &str) -> Week {
        Week::until(now.parse().unwrap())
    }

    #[test]
    fn a_week_ends_today_in_lima() {
        let week = week("2026-11-23T04:59:00Z");
        let days: Vec<String> = week.days().map(|day| day.to_string()).collect();
        assert_eq!(days.len(), 7);
        assert_eq!((days[0].as_str(), days[6].as_str()), ("2026-11-16", "2026-11-22"));
        assert_eq!(
            (week.first(), week.last()),
            (days[0].parse().unwrap(), "2026-11-22".parse().unwrap())
        );
    }

    #[test]
    fn nothing_is_done_in_the_future_nor_on_another_day() {
        for now in [
            "2026-11-22T05:00:00Z",
            "2026-11-22T05:00:01Z",
            "2026-11-22T11:10:00Z",
            "2026-11-22T13:00:00Z",
            "2026-11-23T04:59:59Z",
        ] {
            let week = week(now);
            for day in week.days() {
                for permille in [0, 500, 1000] {
                    let at = week.hours(day).moment(permille);
                    assert!(at <= now.parse().unwrap(), "{at} at {now}");
                    assert_eq!(at.date_in_lima().to_string(), day.to_string(), "at {now}");
                }
            }
        }
    }

    #[test]
    fn a_day_that_is_to_come_is_no_last_day() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        assert_eq!(Week::until_day("2026-11-23".parse().unwrap(), now), None);
        assert!(Week::until_day("2026-11-21".parse().unwrap(), now).is_some());
    }
}
