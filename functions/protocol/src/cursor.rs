//! A reader's place in the feed: `{epoch}.{number}`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Epoch, Number};

/// How far a reader has read: every change of `epoch` up to and including `number`.
///
/// Written `{epoch}.{number}` in strict decimal (`7.120`): no sign, no leading zero, at most 16
/// digits each, so that two readers at one place always ask for the same URL.
///
/// ```
/// let cursor: protocol::Cursor = "7.120".parse()?;
/// assert_eq!(cursor.to_string(), "7.120");
/// assert!("7.0120".parse::<protocol::Cursor>().is_err());
/// # Ok::<(), protocol::InvalidCursor>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The life of the feed that `number` belongs to.
    pub epoch: Epoch,
    /// The last change read; zero for none.
    pub number: Number,
}

/// Why a text is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is `epoch.number` in strict decimal, at most 16 digits each")]
pub struct InvalidCursor;

impl Cursor {
    /// The place before the first change of `epoch`.
    pub fn start(epoch: Epoch) -> Self {
        Self { epoch, number: Number(0) }
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (epoch, number) = text.split_once('.').ok_or(InvalidCursor)?;
        Ok(Self { epoch: Epoch(strict_decimal(epoch)?), number: Number(strict_decimal(number)?) })
    }
}

impl TryFrom<String> for Cursor {
    type Error = InvalidCursor;

    fn try_from(text: String) -> Result<Self, InvalidCursor> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> String {
        cursor.to_string()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.number)
    }
}

fn strict_decimal(text: &str) -> Result<u64, InvalidCursor> {
    let strict = (1..=COUNTER_DIGITS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if strict { text.parse().map_err(|_| InvalidCursor) } else { Err(InvalidCursor) }
}

/// Digits of `change#{number}` in the `changes` table.
const COUNTER_DIGITS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_decimals_are_read_back_as_written() {
        for text in ["0.0", "1.0", "7.120", "1763836800.9999999999999999"] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_no_cursor() {
        for text in [
            "", ".", "1", "1.", ".1", "01.1", "1.01", "+1.1", "1.-1", "1.1.1", " 1.1", "1.1 ",
            "1,1",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text:?}");
        }
        assert_eq!("1.10000000000000000".parse::<Cursor>(), Err(InvalidCursor));
    }
}
