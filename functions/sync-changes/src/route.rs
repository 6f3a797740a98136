//! The routes: a page of the feed with what the edge may keep of it, and a part of the snapshot.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gateway::{Answer, ApiError, FeedReader, Gate, Member, Parameters, Parts};
use protocol::{Cursor, ErrorCode, PAGE_CHANGES_MAX, SnapshotPage};
use serde_json::json;
use store::feed::caching::PageKind;
use store::feed::{FeedError, FeedPage, Part, changes, snapshot};
use store::tables::{Surroundings, Tables};

/// The routes over any store.
pub(crate) fn router<T, S>(gate: &Gate, tables: T, surroundings: S) -> Router
where
    T: Tables + 'static,
    S: Surroundings + 'static,
{
    let parts = Parts::new(tables, surroundings, gate);
    Router::new()
        .route("/sync/changes", get(sync_changes::<T, S>))
        .route("/sync/snapshot", get(sync_snapshot::<T, S>))
        .with_state(parts)
}

async fn sync_changes<T: Tables, S: Surroundings>(
    State(parts): State<Parts<T, S>>,
    FeedReader(claims): FeedReader,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let since: Option<Cursor> = parameters.read("since", ErrorCode::InvalidCursor)?;
    let limit = limit(&parameters)?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let business = &claims.business;
    let read = changes(&*parts.tables, &*parts.surroundings, business, since, limit, known);
    Ok(match read.await.map_err(unreadable)? {
        FeedPage::Page { page, kind } => (caching(&kind), Answer::ok(page)).into_response(),
        FeedPage::NotModified { kind } => {
            (StatusCode::NOT_MODIFIED, caching(&kind)).into_response()
        }
    })
}

async fn sync_snapshot<T: Tables, S: Surroundings>(
    State(parts): State<Parts<T, S>>,
    Member(claims): Member,
    parameters: Parameters,
) -> Result<Answer<SnapshotPage>, ApiError> {
    let as_of: Option<Cursor> = parameters.read("asOf", ErrorCode::InvalidCursor)?;
    let part: Option<Part> = parameters.read("part", ErrorCode::InvalidRequest)?;
    let resume = match (as_of, part) {
        (None, None) => None,
        (Some(as_of), Some(part)) => Some((as_of, part)),
        _ => {
            let problem = json!({ "problem": "asOf and part go together" });
            return Err(ApiError::new(ErrorCode::InvalidRequest).with_details(problem));
        }
    };
    let read = snapshot(&*parts.tables, &*parts.surroundings, &claims.business, resume);
    Ok(Answer::ok(read.await.map_err(unreadable)?))
}

/// `limit`: 1 to 100 in plain digits, 100 if absent.
fn limit(parameters: &Parameters) -> Result<u64, ApiError> {
    let wrong = || {
        let details = json!({ "path": "limit", "problem": "from 1 to 100" });
        ApiError::new(ErrorCode::InvalidRequest).with_details(details)
    };
    let Some(text) = parameters.get("limit") else { return Ok(PAGE_CHANGES_MAX) };
    let plain = !text.starts_with(['+', '0']);
    let limit = text.parse().ok().filter(|limit| plain && (1..=PAGE_CHANGES_MAX).contains(limit));
    limit.ok_or_else(wrong)
}

fn caching(kind: &PageKind) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kind.cache_control()));
    if let Some(tag) = kind.entity_tag().and_then(|tag| HeaderValue::from_str(tag).ok()) {
        headers.insert(header::ETAG, tag);
    }
    headers
}

fn unreadable(error: FeedError) -> ApiError {
    match error {
        FeedError::Store(error) => error.into(),
        FeedError::CursorExpired { .. } => ApiError::new(ErrorCode::CursorExpired)
            .with_details(json!({ "snapshot": "/api/sync/snapshot" })),
        FeedError::Rebuilding => {
            ApiError::new(ErrorCode::Rebuilding).retry_after(REBUILD_RETRY_SECONDS)
        }
        // An alarm counts answers with this code.
        gap @ FeedError::Gap { .. } => ApiError::new(ErrorCode::FeedGap).caused_by(gap),
        other @ (FeedError::NoFeed | FeedError::Foreign { .. }) => ApiError::internal(other),
    }
}

const REBUILD_RETRY_SECONDS: u64 = 30;
