//! Calendar dates of a business, in America/Lima.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day of trade in America/Lima: `"2026-11-22"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
pub struct BusinessDate(Date);

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date is written YYYY-MM-DD and exists")]
pub struct InvalidDate;

impl BusinessDate {
    pub(crate) fn from_civil(date: Date) -> Self {
        Self(date)
    }

    /// Days from this date to `later`; negative if `later` is earlier.
    pub fn days_until(self, later: Self) -> i64 {
        let span = later.0.duration_since(self.0);
        span.as_hours() / 24
    }
}

impl FromStr for BusinessDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(InvalidDate);
        }
        text.parse().map(Self).map_err(|_| InvalidDate)
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
        self.0.fmt(f)
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
