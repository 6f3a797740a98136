//! What the edge may keep of a page: a sealed page for ever, a tail for a second.
//!
//! `s-maxage` and `stale-if-error` are RFC 9111 and RFC 5861; `immutable` is RFC 8246.

use protocol::planted::Bug;
use protocol::{Cursor, Epoch, Number};

use super::Head;

/// How long a page stays true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKind {
    /// A pure function of epoch and range: true for ever.
    Sealed,
    /// True until the next change.
    Tail {
        /// The epoch, range and head that it was read at.
        tag: String,
    },
    /// Read without a cursor: the URL names no epoch, so it is never kept.
    Start,
}

impl PageKind {
    /// The answer's `Cache-Control`.
    pub fn cache_control(&self) -> &'static str {
        match self {
            Self::Sealed => "public, max-age=0, s-maxage=31536000, immutable",
            Self::Tail { .. } if Bug::TailCachedTooLong.is_planted() => "s-maxage=86400",
            Self::Tail { .. } => "public, max-age=0, s-maxage=1, stale-if-error=3600",
            Self::Start => "no-store",
        }
    }

    /// A reader who says `If-None-Match: {known}` has this page: one tag of his list is this one's,
    /// compared weakly (RFC 9110, 13.1.2).
    pub(super) fn is_known(&self, known: &str) -> bool {
        let Some(own) = self.entity_tag() else { return false };
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        // No tag of ours has a comma inside.
        known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(own))
    }

    /// The answer's weak entity tag; tails only.
    pub fn entity_tag(&self) -> Option<&str> {
        match self {
            Self::Tail { tag } => Some(tag),
            Self::Sealed | Self::Start => None,
        }
    }
}

/// What the page after `since` is, given the head.
pub(super) fn kind_of(since: Option<Cursor>, limit: u64, head: &Head) -> PageKind {
    let Some(since) = since else { return PageKind::Start };
    let end = Number(since.number.0 + limit);
    if end.0.is_multiple_of(SEALED_STEP) && head.number >= end {
        PageKind::Sealed
    } else {
        PageKind::Tail { tag: tag(head.epoch, since.number, end, head.number) }
    }
}

fn tag(epoch: Epoch, since: Number, end: Number, head: Number) -> String {
    format!("W/\"{epoch}.{since}-{end}.{head}\"")
}

/// Sealed pages end at multiples of this.
const SEALED_STEP: u64 = 100;

#[cfg(test)]
mod tests {
    use protocol::Digest;

    use super::*;

    fn kind(since: u64, limit: u64, head: u64) -> PageKind {
        let head = Head {
            epoch: Epoch(7),
            number: Number(head),
            digest: Digest::EMPTY,
            floor: Number(0),
            rebuilding: false,
        };
        kind_of(Some(Cursor { epoch: Epoch(7), number: Number(since) }), limit, &head)
    }

    #[test]
    fn a_page_is_sealed_once_the_head_has_reached_its_end() {
        assert_eq!(kind(0, 100, 100), PageKind::Sealed);
        assert_eq!(kind(110, 90, 250), PageKind::Sealed);
        assert_eq!(kind(0, 100, 99), PageKind::Tail { tag: "W/\"7.0-100.99\"".into() });
        assert_ne!(kind(100, 99, 300), PageKind::Sealed);
    }

    #[test]
    fn a_tail_is_known_by_any_tag_of_a_list_and_a_sealed_page_by_none() {
        let tail = kind(0, 100, 99);
        for known in ["W/\"7.0-100.99\"", "\"7.0-100.99\"", "\"x\" , W/\"7.0-100.99\"", "*"] {
            assert!(tail.is_known(known), "{known}");
            assert!(!kind(0, 100, 100).is_known(known), "{known}");
        }
        for known in ["", "W/\"7.0-100.9\"", "7.0-100.99", "\"x\""] {
            assert!(!tail.is_known(known), "{known}");
        }
    }

    #[test]
    fn a_tail_changes_its_tag_with_the_head() {
        assert_ne!(kind(100, 100, 120).entity_tag(), kind(100, 100, 121).entity_tag());
    }
}
