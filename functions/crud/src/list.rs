//! A page of records: bounded in what it holds and in what it reads.
//!
//! Where a filter leaves little, a page may be short, even empty, and still have a cursor to go on
//! with: the list is over where there is none.

use domain::{Debts, StoredRecord};
use gateway::{Answer, ApiError, Claims, Parameters, Parts};
use protocol::{ErrorCode, JsonObject};
use serde::Serialize;
use store::rows::read_record;
use store::tables::{Surroundings, Tables};

use crate::collection::Collection;
use crate::debts::read_debts;
use crate::filter::{Filter, Filters, wrong};
use crate::place::Range;

/// `{"items":[…],"nextCursor":"…"}`, `nextCursor` null on the last page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_cursor: Option<String>,
}

/// `GET /{collection}`: those that the query's filters leave.
pub(crate) async fn list<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    collection: &Collection,
    parameters: &Parameters,
) -> Result<Answer<Page<JsonObject>>, ApiError> {
    let filters = read_filters(parameters, collection.filters)?;
    page(parts, claims, collection, parameters, filters).await
}

/// Filters of a list that is read page by page.
pub(crate) fn read_filters(parameters: &Parameters, known: &[Filter]) -> Result<Filters, ApiError> {
    Filters::read(parameters, known, &[CURSOR, LIMIT])
}

/// A page of `collection` by `filters`.
pub(crate) async fn page<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    collection: &Collection,
    parameters: &Parameters,
    filters: Filters,
) -> Result<Answer<Page<JsonObject>>, ApiError> {
    let limit = read_limit(parameters)?;
    let business = &claims.business;
    let range = Range::of(collection.entity, &filters);
    let cursor = parameters.get(CURSOR);
    let after = cursor.map(|cursor| range.read_cursor(business, cursor)).transpose()?;
    let debts = match filters.debt {
        Some(_) => Some(read_debts(parts, business).await?),
        None => None,
    };
    let mut search = Search { range, filters, debts, limit, items: Vec::new() };
    let next_cursor = search.run(parts, claims, after).await?;
    Ok(Answer::ok(Page { items: search.items, next_cursor }))
}

/// A list on its way through its range.
struct Search {
    range: Range,
    filters: Filters,
    debts: Option<Debts>,
    limit: usize,
    items: Vec<JsonObject>,
}

impl Search {
    /// Fills the page; gives the cursor to go on from.
    async fn run<T: Tables, S: Surroundings>(
        &mut self,
        parts: &Parts<T, S>,
        claims: &Claims,
        mut after: Option<store::tables::Item>,
    ) -> Result<Option<String>, ApiError> {
        let rows_max = if self.filters.are_none() { self.rows_of_a_page() } else { READ_ROWS_MAX };
        let mut cursor = None;
        for _ in 0..READS_MAX {
            let query = self.range.query(&claims.business, after, rows_max);
            let read = store::reading::query(&*parts.tables, &*parts.surroundings, &query).await?;
            let is_last = read.resume_after.is_none();
            let mut rows = read.items.into_iter().peekable();
            while let Some(row) = rows.next() {
                cursor = self.range.cursor_behind(&row);
                self.take(row)?;
                if self.items.len() >= self.limit {
                    let is_over = is_last && rows.peek().is_none();
                    return Ok(cursor.filter(|_| !is_over));
                }
            }
            match read.resume_after {
                Some(key) => after = Some(key),
                None => return Ok(None),
            }
        }
        Ok(cursor)
    }

    fn take(&mut self, row: store::tables::Item) -> Result<(), ApiError> {
        if self.range.key_of_row(&row).is_some() {
            let stored: StoredRecord = read_record(row).map_err(ApiError::internal)?;
            if self.filters.take_in(&stored, self.debts.as_ref()) {
                self.items.push(stored.record);
            }
        }
        Ok(())
    }

    /// One row more than the page holds, to know whether there are more.
    fn rows_of_a_page(&self) -> u32 {
        u32::try_from(self.limit + 1).unwrap_or(READ_ROWS_MAX)
    }
}

/// `limit`: 1 to 100 in plain digits, 50 if absent.
///
/// # Errors
/// `invalid_request`.
pub(crate) fn read_limit(parameters: &Parameters) -> Result<usize, ApiError> {
    let Some(text) = parameters.get(LIMIT) else { return Ok(LIMIT_DEFAULT) };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let limit = text.parse().ok().filter(|limit| is_plain && (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| wrong(ErrorCode::InvalidRequest, LIMIT, "from 1 to 100"))
}

pub(crate) const CURSOR: &str = "cursor";
pub(crate) const LIMIT: &str = "limit";
pub(crate) const LIMIT_MAX: usize = 100;
pub(crate) const LIMIT_DEFAULT: usize = 50;

/// Rows of one read, and reads of one request, at most.
const READ_ROWS_MAX: u32 = 250;
const READS_MAX: usize = 8;
