//! Calendar dates of a business, in America/Lima.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;

/// A day of trade in America/Lima: `"2026-11-22"`.
///
/// Held as the number of days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
pub struct BusinessDate(i64);

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date is written YYYY-MM-DD and exists")]
pub struct InvalidDate;

impl BusinessDate {
    pub(crate) fn from_number(days: i64) -> Self {
        Self(days)
    }

    /// Days from this date to `later`; negative if `later` is earlier.
    pub fn days_until(self, later: Self) -> i64 {
        later.0 - self.0
    }
}

impl FromStr for BusinessDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        Day::parse(text).map(|day| Self(day.number())).ok_or(InvalidDate)
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<BusinessDate> for String {
    fn from(date: BusinessDate) -> String {
        date.to_string()
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Day::from_number(self.0).fmt(f)
    }
}

impl fmt::Debug for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_dates() {
        assert_eq!("2028-02-29".parse::<BusinessDate>().unwrap().to_string(), "2028-02-29");
        for text in ["2026-02-30", "2026-2-3", "20261122", "2026-11-22T00:00:00Z", "", "2026-13-01"]
        {
            assert_eq!(text.parse::<BusinessDate>(), Err(InvalidDate), "{text:?}");
        }
    }

    #[test]
    fn days_are_counted_across_months() {
        let day = |text: &str| text.parse::<BusinessDate>().unwrap();
        assert_eq!(day("2026-02-27").days_until(day("2026-03-02")), 3);
        assert_eq!(day("2026-03-02").days_until(day("2026-02-27")), -3);
    }
}
