//! URLs that many phones share: the same few ranges, however far each phone has read.
//!
//! | the phone | asks for `since` | with `limit` |
//! |---|---|---|
//! | catches up: the hundred that it is in is known to be full | down to a multiple of 100 | 100 |
//! | is near the head | down to a multiple of 10 | up to the next hundred |
//! | follows `nextSince` within one pull | exactly | up to the next hundred |

use protocol::{Cursor, Number, PAGE_CHANGES_MAX};

use crate::http::{Method, Request};

/// What a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) since: Cursor,
    pub(crate) limit: u64,
}

impl Range {
    /// The first page of a pull.
    pub(crate) fn first(cursor: Cursor, head: Option<Number>) -> Self {
        let end = next_hundred(cursor.number.0);
        let sealed = head.is_some_and(|head| head.0 >= end);
        let step = if sealed { PAGE_CHANGES_MAX } else { TAIL_STEP };
        let since = cursor.number.0 - cursor.number.0 % step;
        Self { since: Cursor { number: Number(since), ..cursor }, limit: end - since }
    }

    /// The page after one that said `hasMore`.
    pub(crate) fn following(next_since: Cursor) -> Self {
        let limit = next_hundred(next_since.number.0) - next_since.number.0;
        Self { since: next_since, limit }
    }

    pub(crate) fn request(self) -> Request {
        let path = format!("/sync/changes?since={}&limit={}", self.since, self.limit);
        Request { method: Method::Get, path, body: None, deadline_ms: PAGE_DEADLINE_MS }
    }
}

/// The first multiple of 100 above `number`.
fn next_hundred(number: u64) -> u64 {
    (number / PAGE_CHANGES_MAX + 1) * PAGE_CHANGES_MAX
}

const TAIL_STEP: u64 = 10;
const PAGE_DEADLINE_MS: u64 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn first(cursor: &str, head: Option<u64>) -> String {
        let range = Range::first(cursor.parse().unwrap(), head.map(Number));
        format!("{}+{}", range.since, range.limit)
    }

    #[test]
    fn a_phone_that_catches_up_asks_for_whole_hundreds() {
        assert_eq!(first("7.0", Some(250)), "7.0+100");
        assert_eq!(first("7.157", Some(250)), "7.100+100");
        assert_eq!(first("7.199", Some(200)), "7.100+100");
    }

    #[test]
    fn near_the_head_tens_are_asked_for_up_to_the_next_hundred() {
        assert_eq!(first("7.157", Some(199)), "7.150+50");
        assert_eq!(first("7.157", None), "7.150+50");
        assert_eq!(first("7.100", Some(100)), "7.100+100");
        assert_eq!(first("7.0", None), "7.0+100");
    }

    #[test]
    fn within_one_pull_the_place_is_exact() {
        let range = Range::following("7.137".parse().unwrap());
        assert_eq!(range.request().path, "/sync/changes?since=7.137&limit=63");
    }
}
