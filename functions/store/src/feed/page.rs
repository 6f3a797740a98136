//! A page of the feed.

use protocol::{BusinessId, Change, ChangesPage, Cursor, Digest, Number, PAGE_CHANGES_MAX};

use protocol::planted::Bug;

use super::rows::read_change;
use super::{FeedError, Head, change_sort_key, read_head};
use crate::feed::caching::{PageKind, kind_of};
use crate::tables::{Query, Surroundings, Table, Tables};

/// What a reader gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedPage {
    /// The page, and what may be kept of it.
    Page {
        /// The page.
        page: ChangesPage,
        /// Sealed, tail, or the start of the feed.
        kind: PageKind,
    },
    /// The reader has it already.
    NotModified {
        /// Always a tail.
        kind: PageKind,
    },
}

/// Reads the page after `since` (absent: from the start of the present epoch), at most `limit`
/// changes. `known` is the reader's `If-None-Match`: the entity tags of what he has.
///
/// # Errors
/// [`FeedError`]; a change that is missing at or below the head is [`FeedError::Gap`].
pub async fn changes<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    since: Option<Cursor>,
    limit: u64,
    known: Option<&str>,
) -> Result<FeedPage, FeedError> {
    let limit = limit.clamp(1, PAGE_CHANGES_MAX);
    let head = read_head(tables, surroundings, business).await?;
    if head.rebuilding {
        return Err(FeedError::Rebuilding);
    }
    let from = since.unwrap_or(Cursor::start(head.epoch));
    check(from, &head)?;
    let kind = kind_of(since, limit, &head);
    if known.is_some_and(|known| kind.is_known(known)) {
        return Ok(FeedPage::NotModified { kind });
    }
    let last = Number((from.number.0 + limit).min(head.number.0));
    let mut rows = read_range(tables, surroundings, business, from, last).await?;
    if Bug::GapServed.is_planted() && rows.len() > 2 {
        rows.remove(1);
    }
    let digest = match rows.last() {
        Some((_, digest)) => *digest,
        // Nothing after the cursor: it stands at the head.
        None => head.digest,
    };
    let sealed = kind == PageKind::Sealed;
    let page = ChangesPage {
        changes: rows.into_iter().map(|(change, _)| change).collect(),
        next_since: Cursor { epoch: head.epoch, number: last },
        digest: digest.to_string(),
        // A sealed page must not depend on the moment it was read at.
        has_more: (sealed && !Bug::SealedOfItsMoment.is_planted()) || last < head.number,
        head: (!sealed).then_some(head.number),
    };
    Ok(FeedPage::Page { page, kind })
}

fn check(cursor: Cursor, head: &Head) -> Result<(), FeedError> {
    let stands =
        cursor.epoch == head.epoch && cursor.number >= head.floor && cursor.number <= head.number;
    if stands {
        return Ok(());
    }
    Err(FeedError::CursorExpired { cursor, epoch: head.epoch, number: head.number })
}

/// Every change after `from` up to `last`, or [`FeedError::Gap`].
async fn read_range<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    from: Cursor,
    last: Number,
) -> Result<Vec<(Change, Digest)>, FeedError> {
    let mut expected = from.number.next();
    let mut rows = Vec::new();
    if expected > last {
        return Ok(rows);
    }
    let mut query = Query::range(
        Table::Changes,
        business.to_string(),
        change_sort_key(expected),
        change_sort_key(last),
    );
    loop {
        let found = crate::reading::query(tables, surroundings, &query).await?;
        for item in found.items {
            let (change, digest) = read_change(item)?;
            if change.number != expected {
                return Err(FeedError::Gap { epoch: from.epoch, number: expected });
            }
            expected = expected.next();
            rows.push((change, digest));
        }
        match found.resume_after {
            Some(after) => query.after = Some(after),
            None if expected == last.next() => return Ok(rows),
            None => return Err(FeedError::Gap { epoch: from.epoch, number: expected }),
        }
    }
}
