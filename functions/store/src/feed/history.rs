//! What the feed says of one record, the newest change first.
//!
//! The feed has no index by record: its rows are read backwards from the record's last change, a
//! bounded number at a time. Changes below the floor are gone.

use domain::RecordKey;
use protocol::{BusinessId, Change, Cursor, Number};

use super::rows::{Published, published_key, read_change};
use super::{FeedError, Head, change_sort_key};
use crate::reading::read_items;
use crate::tables::{Item, Query, Surroundings, Table, Tables};

/// Some of a record's changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryPage {
    /// The newest first. Fewer than asked for, even none, where the bound of one request was met.
    pub changes: Vec<Change>,
    /// Where to go on, if there may be more: everything from this number on has been read.
    pub next: Option<Cursor>,
}

/// Reads at most `limit` changes of `record` below `before` (absent: from its last change).
///
/// # Errors
/// [`FeedError`]; `before` of another epoch or beyond the head is [`FeedError::CursorExpired`].
pub async fn history<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    record: &RecordKey,
    before: Option<Cursor>,
    limit: usize,
) -> Result<HistoryPage, FeedError> {
    let (head_key, image_key) = (Head::key(business), published_key(business, record));
    let keys = [head_key.clone(), image_key.clone()];
    let mut found = read_items(tables, surroundings, keys).await?;
    let head = Head::from_item(found.remove(&head_key).ok_or(FeedError::NoFeed)?)?;
    if head.rebuilding {
        return Err(FeedError::Rebuilding);
    }
    if let Some(cursor) = before
        && (cursor.epoch != head.epoch || cursor.number > head.number)
    {
        let (epoch, number) = (head.epoch, head.number);
        return Err(FeedError::CursorExpired { cursor, epoch, number });
    }
    let Some(image) = found.remove(&image_key) else { return Ok(HistoryPage::default()) };
    let (_, image) = Published::from_item(image)?;
    let newest = match before {
        Some(cursor) => image.number.0.min(cursor.number.0.saturating_sub(1)),
        None => image.number.0,
    };
    let mut search = Search { record, limit, page: HistoryPage::default() };
    let lowest = head.floor.next();
    if Number(newest) < lowest {
        return Ok(search.page);
    }
    let mut rows = rows_between(business, lowest, Number(newest));
    for _ in 0..READS_MAX {
        let read = crate::reading::query(tables, surroundings, &rows).await?;
        for item in read.items {
            match search.take(item)? {
                Step::GoOn => continue,
                Step::Full(number) if number > lowest => {
                    search.page.next = Some(Cursor { epoch: head.epoch, number });
                }
                Step::Full(_) | Step::WasFirst => search.page.next = None,
            }
            return Ok(search.page);
        }
        let Some(after) = read.resume_after else {
            search.page.next = None;
            return Ok(search.page);
        };
        search.page.next = number_of(&after).map(|number| Cursor { epoch: head.epoch, number });
        rows.after = Some(after);
    }
    Ok(search.page)
}

/// What a row means for the search.
enum Step {
    GoOn,
    /// The page is full; the rest is below this number.
    Full(Number),
    /// The record began here.
    WasFirst,
}

/// A search on its way down the feed.
struct Search<'a> {
    record: &'a RecordKey,
    limit: usize,
    page: HistoryPage,
}

impl Search<'_> {
    fn take(&mut self, item: Item) -> Result<Step, FeedError> {
        let text = |name: &str| item.get(name).and_then(serde_json::Value::as_str);
        let is_ours = text("entityId") == Some(self.record.id.as_str())
            && text("entity") == Some(self.record.entity.as_str());
        if !is_ours {
            return Ok(Step::GoOn);
        }
        let (change, _) = read_change(item)?;
        let (number, is_first) = (change.number, change.version.0 == 1);
        self.page.changes.push(change);
        Ok(match is_first {
            true => Step::WasFirst,
            false if self.page.changes.len() >= self.limit => Step::Full(number),
            false => Step::GoOn,
        })
    }
}

fn rows_between(business: &BusinessId, lowest: Number, newest: Number) -> Query {
    Query {
        limit: Some(READ_ROWS_MAX),
        descending: true,
        ..Query::range(
            Table::Changes,
            business.to_string(),
            change_sort_key(lowest),
            change_sort_key(newest),
        )
    }
}

fn number_of(row: &Item) -> Option<Number> {
    row.get("change")?.as_str()?.strip_prefix("change#")?.parse().ok().map(Number)
}

/// Rows of one read, and reads of one request, at most: some 2 MB of changes.
const READ_ROWS_MAX: u32 = 250;
const READS_MAX: usize = 8;
