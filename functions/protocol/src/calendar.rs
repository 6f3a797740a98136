//! The Gregorian calendar, as far as moments and dates on the wire need it. Ours, since it is a
//! page: a library that also knows time zones and other formats is a tenth of what a phone downloads.

use std::fmt;

/// A day of the Gregorian calendar, extended backwards (ISO 8601).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    year: i64,
    month: i64,
    of_month: i64,
}

impl Day {
    /// A day that exists, of the years 0 to 9999, by its text `YYYY-MM-DD`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let (year, month, day) =
            (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?);
        let exists = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        exists.then_some(Self { year, month, of_month: day })
    }

    /// Days since 1970-01-01.
    ///
    /// Source: Howard Hinnant, `days_from_civil` in "chrono-Compatible Low-Level Date Algorithms".
    pub(crate) fn number(self) -> i64 {
        // Years begin in March here, so that a leap day is a year's last.
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.of_month - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * DAYS_OF_ERA + day_of_era - DAYS_TO_1970
    }

    /// The day with this number; the inverse of [`Self::number`], from the same source.
    pub(crate) fn from_number(number: i64) -> Self {
        let shifted = number + DAYS_TO_1970;
        let era = shifted.div_euclid(DAYS_OF_ERA);
        let of_era = shifted.rem_euclid(DAYS_OF_ERA);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        Self { year: year_of_era + era * 400 + i64::from(month <= 2), month, of_month }
    }
}

/// `YYYY-MM-DD`; a year before 0 as ECMAScript writes it, `-YYYYYY`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.year < 0 {
            f.write_str("-")?;
            digits(f, -self.year, 6)?;
        } else {
            digits(f, self.year, 4)?;
        }
        f.write_str("-")?;
        digits(f, self.month, 2)?;
        f.write_str("-")?;
        digits(f, self.of_month, 2)
    }
}

/// Milliseconds since 1970 began, of a moment as RFC 3339 writes it. Seconds may be missing, as in
/// ISO 8601, and what is finer than a millisecond is cut off. A leap second counts as the one before.
pub(crate) fn parse_moment(text: &str) -> Option<i64> {
    let day = Day::parse(text.get(..10)?)?;
    let rest = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(zone_at);
    let in_day = parse_time(time)?;
    Some(day.number() * DAY_MS + in_day - parse_offset(zone)?)
}

/// Milliseconds since 1970 began as RFC 3339 in UTC, always with 3 places.
pub(crate) fn write_moment(f: &mut fmt::Formatter<'_>, milliseconds: i64) -> fmt::Result {
    fmt::Display::fmt(&Day::from_number(milliseconds.div_euclid(DAY_MS)), f)?;
    let in_day = milliseconds.rem_euclid(DAY_MS);
    for (before, value, places) in [
        ("T", in_day / HOUR_MS, 2),
        (":", in_day / MINUTE_MS % 60, 2),
        (":", in_day / SECOND_MS % 60, 2),
        (".", in_day % SECOND_MS, 3),
    ] {
        f.write_str(before)?;
        digits(f, value, places)?;
    }
    f.write_str("Z")
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
fn parse_time(text: &str) -> Option<i64> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let bytes = whole.as_bytes();
    let separated = match bytes.len() {
        5 => fraction.is_none() && bytes[2] == b':',
        8 => bytes[2] == b':' && bytes[5] == b':',
        _ => false,
    };
    if !separated {
        return None;
    }
    let (hour, minute) = (number(&bytes[..2])?, number(&bytes[3..5])?);
    let second = if bytes.len() == 8 { number(&bytes[6..])? } else { 0 };
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let thousandths = fraction.map_or(Some(0), thousandths)?;
    Some(hour * HOUR_MS + minute * MINUTE_MS + second.min(59) * SECOND_MS + thousandths)
}

/// One digit or more after the point.
fn thousandths(fraction: &str) -> Option<i64> {
    let bytes = fraction.as_bytes();
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |at: usize| bytes.get(at).map_or(0, |byte| i64::from(byte - b'0'));
    Some(digit(0) * 100 + digit(1) * 10 + digit(2))
}

/// `Z`, `±HH`, `±HHMM` or `±HH:MM`, in milliseconds.
fn parse_offset(zone: &str) -> Option<i64> {
    let bytes = zone.as_bytes();
    let (sign, rest) = bytes.split_first()?;
    if matches!(sign, b'Z' | b'z') {
        return rest.is_empty().then_some(0);
    }
    let (hours, minutes) = match rest.len() {
        2 => (number(rest)?, 0),
        4 => (number(&rest[..2])?, number(&rest[2..])?),
        5 if rest[2] == b':' => (number(&rest[..2])?, number(&rest[3..])?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = hours * HOUR_MS + minutes * MINUTE_MS;
    Some(if *sign == b'-' { -offset } else { offset })
}

/// Up to 4 decimal digits and nothing else.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// The last `places` (at most 6) digits of a number that is not negative.
fn digits(f: &mut fmt::Formatter<'_>, number: i64, places: usize) -> fmt::Result {
    let mut text = [b'0'; 6];
    let mut rest = number;
    for digit in text[..places].iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    f.write_str(str::from_utf8(&text[..places]).unwrap_or_default())
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const SECOND_MS: i64 = 1_000;

/// Of 400 years, after which the calendar repeats itself.
const DAYS_OF_ERA: i64 = 146_097;
/// From 0000-03-01.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{BusinessDate, Instant};

    proptest! {
        #[test]
        fn moments_are_those_of_another_calendar(milliseconds in -62_167_219_200_000..253_402_000_000_000i64) {
            let other = jiff::Timestamp::from_millisecond(milliseconds).unwrap();
            let ours = Instant::from_millis(milliseconds);
            prop_assert_eq!(ours.to_string(), format!("{other:.3}"));
            prop_assert_eq!(ours.to_string().parse::<Instant>().unwrap(), ours);
            let lima = other.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5)));
            if lima.year() >= 0 {
                prop_assert_eq!(ours.date_in_lima().to_string(), lima.date().to_string());
            }
        }

        #[test]
        fn dates_are_those_of_another_calendar(year in 0..=9999i16, month in 0..=13i8, day in 0..=32i8) {
            let ours = format!("{year:04}-{month:02}-{day:02}").parse::<BusinessDate>().ok();
            let other = jiff::civil::Date::new(year, month, day).ok();
            prop_assert_eq!(ours.map(|date| date.to_string()), other.map(|date| date.to_string()));
        }
    }

    #[test]
    fn every_way_of_rfc_3339_is_read() {
        let read = |text: &str| text.parse::<Instant>().map(|moment| moment.to_string()).ok();
        for text in [
            "2026-11-22T13:05:00Z",
            "2026-11-22t13:05:00.0004z",
            "2026-11-22 13:05:00+00:00",
            "2026-11-22T08:05:00-05:00",
            "2026-11-22T08:05-0500",
            "2026-11-22T18:35:00,0+05:30",
        ] {
            assert_eq!(read(text).as_deref(), Some("2026-11-22T13:05:00.000Z"), "{text}");
        }
        assert_eq!(read("2016-12-31T23:59:60Z").as_deref(), Some("2016-12-31T23:59:59.000Z"));
        for text in [
            "2026-11-22T24:00:00Z",
            "2026-11-22T13:60:00Z",
            "2026-11-22T13:05:00.Z",
            "2026-11-22T13:05:00+24:00",
            "2026-11-22T13:05:00+5",
            "2026-11-22T1é:05:00Z",
            "2026-11-2éT13:05:00Z",
            "2026-11-22T13:05.5Z",
            "2026-11-22T13:05:00Zulu",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
