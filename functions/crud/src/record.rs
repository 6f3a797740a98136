//! One record: as it is, and how it became so.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::{RecordKey, RowKey};
use gateway::{Answer, ApiError, Claims, Parameters, Parts};
use protocol::{Change, Cursor, Entity, ErrorCode, JsonObject, RecordId, Version};
use store::feed::{FeedError, history};
use store::reading::read_items;
use store::rows::{key_of, read_record};
use store::tables::{Surroundings, Tables};

use crate::filter::{Filters, wrong};
use crate::list::{CURSOR, LIMIT, Page, read_limit};

/// A record, its version as `ETag` to give back in `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    version: Version,
    record: JsonObject,
}

/// `GET /{collection}/{id}`; one that is deleted is not found.
pub(crate) async fn record<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    key: RecordKey,
) -> Result<Found, ApiError> {
    let key = key_of(&claims.business, &RowKey::from(key));
    let mut found = read_items(&*parts.tables, &*parts.surroundings, [key.clone()]).await?;
    let item = found.remove(&key).ok_or(ErrorCode::RecordNotFound)?;
    let stored = read_record(item).map_err(ApiError::internal)?;
    if stored.is_deleted() {
        return Err(ErrorCode::RecordNotFound.into());
    }
    Ok(Found { version: stored.version, record: stored.record })
}

/// `GET /records/{entity}/{id}/history`: the record's changes, the newest first, also of one that
/// is deleted. Changes that the feed no longer holds are not in it.
pub(crate) async fn record_history<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    entity: &str,
    id: &str,
    parameters: &Parameters,
) -> Result<Answer<Page<Change>>, ApiError> {
    Filters::read(parameters, &[], &[CURSOR, LIMIT])?;
    let limit = read_limit(parameters)?;
    let before: Option<Cursor> = parameters.read(CURSOR, ErrorCode::InvalidCursor)?;
    let record = RecordKey::new(read_entity(entity)?, read_id(id)?);
    let (tables, surroundings) = (&*parts.tables, &*parts.surroundings);
    let read = history(tables, surroundings, &claims.business, &record, before, limit);
    let page = read.await.map_err(unreadable)?;
    if page.changes.is_empty() && before.is_none() {
        // Nothing of it is in the feed: perhaps not yet, perhaps it never was.
        let key = key_of(&claims.business, &RowKey::from(record));
        let found = read_items(tables, surroundings, [key]).await?;
        if found.is_empty() {
            return Err(ErrorCode::RecordNotFound.into());
        }
    }
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    Ok(Answer::ok(Page { items: page.changes, next_cursor }))
}

/// Lines of a sale have no history of their own: it is the sale's.
fn read_entity(text: &str) -> Result<Entity, ApiError> {
    let entity = text.parse().ok().filter(|entity| *entity != Entity::SaleItems);
    entity.ok_or_else(|| wrong(ErrorCode::UnknownEntity, "entity", "no kind of record"))
}

fn read_id(text: &str) -> Result<RecordId, ApiError> {
    text.parse().map_err(|_| wrong(ErrorCode::InvalidId, "id", "no identifier"))
}

fn unreadable(error: FeedError) -> ApiError {
    match error {
        FeedError::Store(error) => error.into(),
        FeedError::CursorExpired { .. } => {
            wrong(ErrorCode::InvalidCursor, CURSOR, "no cursor of this list")
        }
        FeedError::Rebuilding => {
            ApiError::new(ErrorCode::Rebuilding).retry_after(REBUILD_RETRY_SECONDS)
        }
        gap @ FeedError::Gap { .. } => ApiError::new(ErrorCode::FeedGap).caused_by(gap),
        other @ (FeedError::NoFeed | FeedError::Foreign { .. }) => ApiError::internal(other),
    }
}

impl IntoResponse for Found {
    fn into_response(self) -> Response {
        let mut response = Answer::ok(self.record).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

const REBUILD_RETRY_SECONDS: u64 = 30;
