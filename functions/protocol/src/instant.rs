//! Moments: RFC 3339 in UTC, milliseconds kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::BusinessDate;
use crate::calendar::{DAY_MS, parse_moment, write_moment};

/// A moment in UTC, to the millisecond: `"2026-11-22T13:05:00.000Z"`.
///
/// Always 3 places on the wire, so that within years 0 to 9999 the order of texts is the order of
/// moments. What a device's clock says beyond the years that RFC 3339 can write (JavaScript writes
/// `+275760-09-13T00:00:00.000Z`) counts as the last or first moment: a clock alone never makes
/// the server refuse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
pub struct Instant(i64);

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an instant is written as RFC 3339, like 2026-11-22T13:05:00.000Z")]
pub struct InvalidInstant;

impl Instant {
    /// The moment `milliseconds` after 1970 began, held within what can be written.
    pub fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds.clamp(FIRST_MS, LAST_MS))
    }

    /// Milliseconds since 1970 began.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// The moment `milliseconds` later (earlier if negative), held within what can be written.
    #[must_use]
    pub fn plus_millis(self, milliseconds: i64) -> Self {
        Self::from_millis(self.as_millis().saturating_add(milliseconds))
    }

    /// The calendar date in America/Lima (UTC−5 all year since 1994).
    pub fn date_in_lima(self) -> BusinessDate {
        BusinessDate::from_number((self.0 + LIMA_OFFSET_MS).div_euclid(DAY_MS))
    }
}

impl FromStr for Instant {
    type Err = InvalidInstant;

    fn from_str(text: &str) -> Result<Self, InvalidInstant> {
        if let Some(extended) = text.strip_prefix('+') {
            return beyond(extended).map(|()| Self::from_millis(i64::MAX));
        }
        if let Some(extended) = text.strip_prefix('-') {
            return beyond(extended).map(|()| Self::from_millis(i64::MIN));
        }
        parse_moment(text).map(Self::from_millis).ok_or(InvalidInstant)
    }
}

impl TryFrom<String> for Instant {
    type Error = InvalidInstant;

    fn try_from(text: String) -> Result<Self, InvalidInstant> {
        text.parse()
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> String {
        instant.to_string()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_moment(f, self.0)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A six-digit year, as ECMAScript writes it outside of 0 to 9999.
fn beyond(extended: &str) -> Result<(), InvalidInstant> {
    let year = extended.get(..6).ok_or(InvalidInstant)?;
    let rest_is_a_date = extended.get(6..7) == Some("-") && extended.ends_with('Z');
    let six_digits = year.bytes().all(|byte| byte.is_ascii_digit());
    if six_digits && rest_is_a_date { Ok(()) } else { Err(InvalidInstant) }
}

const LIMA_OFFSET_MS: i64 = -5 * 60 * 60 * 1_000;

/// -9999-01-03T01:59:59Z and 9999-12-29T22:00:00.999Z: every date around them can still be written,
/// wherever on earth it is asked for.
const FIRST_MS: i64 = -377_704_936_801_000;
const LAST_MS: i64 = 253_402_120_800_999;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        text.parse::<Instant>().unwrap().to_string()
    }

    #[test]
    fn milliseconds_are_always_written() {
        assert_eq!(written("2026-11-22T13:05:00Z"), "2026-11-22T13:05:00.000Z");
        assert_eq!(written("2026-11-22T08:05:00.1239-05:00"), "2026-11-22T13:05:00.123Z");
        assert_eq!(written("1970-01-01T00:00:00.000Z"), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn years_that_only_javascript_can_write_are_bounded() {
        assert!(written("+275760-09-13T00:00:00.000Z").starts_with("9999-12-"));
        assert!(written("-271821-04-20T00:00:00.000Z").starts_with("-009999-01-"));
        let far: Instant = "+275760-09-13T00:00:00.000Z".parse().unwrap();
        assert_eq!(written(&far.to_string()), far.to_string());
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in
            ["", "ayer", "2026-02-30T00:00:00Z", "2026-11-22", "2026-11-22T13:05:00", "+", "-1"]
        {
            assert_eq!(text.parse::<Instant>(), Err(InvalidInstant), "{text:?}");
        }
    }

    #[test]
    fn the_day_in_lima_starts_at_five_in_utc() {
        let date = |text: &str| text.parse::<Instant>().unwrap().date_in_lima().to_string();
        assert_eq!(date("2026-11-22T04:59:59.999Z"), "2026-11-21");
        assert_eq!(date("2026-11-22T05:00:00.000Z"), "2026-11-22");
    }
}
