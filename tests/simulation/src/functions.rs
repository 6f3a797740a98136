//! The functions as the cloud runs them: the product's own push, feed, snapshot, record-changes,
//! repair and rebuild, each a future that the world polls step by step.

use std::future::Future;
use std::pin::Pin;

use domain::Channel;
use protocol::{BatchRequest, BatchResponse, BusinessId, Cursor, ErrorCode, Operation};
use serde_json::json;
use store::feed::caching::PageKind;
use store::feed::{FeedError, FeedPage, Part, changes, snapshot};
use store::push::{PushError, Sender, push};
use store::record_changes::{
    PublishError, Report, Scope, StreamRecord, rebuild, record_changes, repair_all,
};

use crate::cloud::{CloudSurroundings, CloudTables};

/// What a function answers over HTTP.
#[derive(Debug, Clone)]
pub(crate) struct OriginAnswer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The envelope.
    pub(crate) body: String,
    /// `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u64>,
    /// What the edge may keep of it; pages of the feed only.
    pub(crate) kind: Option<PageKind>,
}

/// What an invocation comes to.
#[derive(Debug)]
pub(crate) enum Done {
    /// An answer to a request.
    Answered(OriginAnswer),
    /// A batch of the stream was worked off, wholly or in part.
    Consumed(Report),
    /// A repair or rebuild is over; false if it has to be called again.
    Mended(bool),
}

/// An invocation under way.
pub(crate) type Invocation = Pin<Box<dyn Future<Output = Done> + Send>>;

/// `POST /sync/batch`.
pub(crate) fn sync_batch(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    sender: Sender,
    channel: Channel,
    body: String,
) -> Invocation {
    Box::pin(async move {
        let Ok(batch) = serde_json::from_str::<BatchRequest>(&body) else {
            return refused(400, ErrorCode::InvalidRequest);
        };
        let operations: Vec<_> = batch.operations.iter().map(Operation::from_json).collect();
        let pushed = push(&tables, &surroundings, &sender, channel, &operations).await;
        match pushed {
            Ok(results) => answered(&BatchResponse::new(results), None),
            Err(PushError::Sender(refusal)) => refused(401, refusal.code),
            Err(PushError::Store(_)) => busy(ErrorCode::Unavailable),
            Err(PushError::Foreign(_)) => refused(500, ErrorCode::Internal),
        }
    })
}

/// `POST /closings`.
pub(crate) fn close_day(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    sender: Sender,
    operation: Operation,
) -> Invocation {
    Box::pin(async move {
        match store::closing::close_day(&tables, &surroundings, &sender, &operation).await {
            Ok(result) => answered(&result, None),
            Err(PushError::Sender(refusal)) => refused(401, refusal.code),
            Err(PushError::Store(_)) => busy(ErrorCode::Unavailable),
            Err(PushError::Foreign(_)) => refused(500, ErrorCode::Internal),
        }
    })
}

/// `GET /sync/changes`.
pub(crate) fn sync_changes(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    business: BusinessId,
    since: Option<Cursor>,
    limit: u64,
    known: Option<String>,
) -> Invocation {
    Box::pin(async move {
        let read = changes(&tables, &surroundings, &business, since, limit, known.as_deref()).await;
        match read {
            Ok(FeedPage::Page { page, kind }) => answered(&page, Some(kind)),
            Ok(FeedPage::NotModified { kind }) => Done::Answered(OriginAnswer {
                status: 304,
                body: String::new(),
                retry_after: None,
                kind: Some(kind),
            }),
            Err(error) => unreadable(&error),
        }
    })
}

/// `GET /sync/snapshot`.
pub(crate) fn sync_snapshot(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    business: BusinessId,
    resume: Option<(Cursor, Part)>,
) -> Invocation {
    Box::pin(async move {
        match snapshot(&tables, &surroundings, &business, resume).await {
            Ok(page) => answered(&page, None),
            Err(error) => unreadable(&error),
        }
    })
}

/// A batch of the stream.
pub(crate) fn consume(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    records: Vec<StreamRecord>,
) -> Invocation {
    Box::pin(async move { Done::Consumed(record_changes(&tables, &surroundings, records).await) })
}

/// A scheduled repair, or one from the failure queue.
pub(crate) fn mend(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    scope: Scope,
) -> Invocation {
    Box::pin(async move {
        let reports = repair_all(&tables, &surroundings, &scope).await;
        Done::Mended(reports.is_ok_and(|all| all.iter().all(|(_, report)| report.is_ok())))
    })
}

/// A rebuild after a restore.
pub(crate) fn begin_anew(
    tables: CloudTables,
    surroundings: CloudSurroundings,
    business: BusinessId,
) -> Invocation {
    Box::pin(async move {
        let rebuilt: Result<_, PublishError> = rebuild(&tables, &surroundings, &business).await;
        Done::Mended(rebuilt.is_ok())
    })
}

/// The envelope of a failure.
pub(crate) fn failure(code: &str) -> String {
    json!({"success": false, "error": {"code": code, "message": code}}).to_string()
}

fn answered(data: &impl serde::Serialize, kind: Option<PageKind>) -> Done {
    let data = serde_json::to_string(data).expect("answers are JSON");
    let body = format!(r#"{{"data":{data},"success":true}}"#);
    Done::Answered(OriginAnswer { status: 200, body, retry_after: None, kind })
}

fn refused(status: u16, code: ErrorCode) -> Done {
    let body = failure(&code.to_string());
    Done::Answered(OriginAnswer { status, body, retry_after: None, kind: None })
}

fn busy(code: ErrorCode) -> Done {
    let body = failure(&code.to_string());
    Done::Answered(OriginAnswer { status: 503, body, retry_after: Some(2), kind: None })
}

fn unreadable(error: &FeedError) -> Done {
    match error {
        FeedError::Store(_) => busy(ErrorCode::Unavailable),
        FeedError::CursorExpired { .. } => refused(410, ErrorCode::CursorExpired),
        FeedError::Rebuilding => busy(ErrorCode::Rebuilding),
        FeedError::Gap { .. } => refused(500, ErrorCode::FeedGap),
        FeedError::NoFeed | FeedError::Foreign { .. } => refused(500, ErrorCode::Internal),
    }
}
