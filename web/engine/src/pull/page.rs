//! Which pages are believed.
//!
//! | page | is |
//! |---|---|
//! | not contiguous from `since`, of another epoch, or not as asked | no answer |
//! | ends below the cursor | stale: ignored, nothing compared |
//! | a tail whose `Date` is older than one already seen | stale |
//! | anything else | applied from the cursor on |

use protocol::{Cursor, Digest, Instant, Number, PublishedRecord, arrange};
use serde::Deserialize;

use super::Range;
use super::apply::key_of;
use crate::{SyncState, SyncedKey};

/// A page of the feed that is whole in itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) changes: Vec<PublishedRecord>,
    pub(crate) next_since: Cursor,
    pub(crate) digest: Digest,
    pub(crate) has_more: bool,
    /// On the tail: the newest change.
    pub(crate) head: Option<Number>,
    /// On the tail: the server's clock.
    pub(crate) tail_at: Option<Instant>,
}

/// A [`ChangesPage`](protocol::ChangesPage) as a phone reads it: open to the entities and actions
/// of later servers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage {
    changes: Vec<PublishedRecord>,
    next_since: Cursor,
    digest: String,
    has_more: bool,
    #[serde(default)]
    head: Option<Number>,
}

/// Why a page is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageFault {
    #[error("La respuesta del servidor no se entiende.")]
    Malformed,
    #[error("A la respuesta del servidor le faltan cambios.")]
    Gap,
    #[error("La respuesta del servidor es de otra copia de los datos.")]
    OtherEpoch,
}

impl Page {
    /// Reads a page and proves that nothing is missing in it.
    pub(crate) fn read(
        range: Range,
        data: &str,
        answered_at: Option<Instant>,
    ) -> Result<Self, PageFault> {
        let page: WirePage = protocol::json::from_str(data).map_err(|_| PageFault::Malformed)?;
        let digest = page.digest.parse().map_err(|_| PageFault::Malformed)?;
        if page.next_since.epoch != range.since.epoch {
            return Err(PageFault::OtherEpoch);
        }
        let since = range.since.number.0;
        let contiguous = (since + 1..).zip(&page.changes).all(|(n, change)| change.number.0 == n);
        let count = page.changes.len() as u64;
        if !contiguous || page.next_since.number.0 != since + count || count > range.limit {
            return Err(PageFault::Gap);
        }
        if page.has_more && count == 0 {
            return Err(PageFault::Gap);
        }
        Ok(Self {
            changes: page.changes,
            next_since: page.next_since,
            digest,
            has_more: page.has_more,
            head: page.head,
            tail_at: page.head.and(answered_at),
        })
    }

    /// It tells less than is known.
    pub(crate) fn is_stale(&self, sync: &SyncState) -> bool {
        let ends_below = sync.cursor.is_none_or(|cursor| {
            self.next_since.epoch != cursor.epoch || self.next_since.number < cursor.number
        });
        ends_below || self.tail_at.is_some_and(|at| sync.last_tail_at.is_some_and(|seen| at < seen))
    }

    /// The changes that are not in yet.
    pub(crate) fn news(&self, cursor: Option<Cursor>) -> impl Iterator<Item = &PublishedRecord> {
        let from = cursor.map(|cursor| cursor.number).unwrap_or_default();
        self.changes.iter().filter(move |change| change.number > from)
    }

    /// The records that those are about.
    pub(crate) fn keys(&self, cursor: Option<Cursor>) -> Vec<SyncedKey> {
        let mut keys: Vec<_> = self.news(cursor).map(key_of).collect();
        arrange(&mut keys, Ord::cmp);
        keys.dedup();
        keys
    }
}
