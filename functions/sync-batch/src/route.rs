//! The route: reads a batch element by element, pushes it, answers a result for each.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use domain::Channel;
use gateway::{Answer, ApiError, Gate, JsonBody, Parts, SignedIn, note_operation, note_results};
use protocol::{BATCH_OPERATIONS_MAX, BatchRequest, BatchResponse, ErrorCode, Operation};
use serde_json::json;
use store::push::push;
use store::tables::{Surroundings, Tables};

/// The routes over any store.
pub(crate) fn router<T, S>(gate: &Gate, tables: T, surroundings: S) -> Router
where
    T: Tables + 'static,
    S: Surroundings + 'static,
{
    let parts = Parts::new(tables, surroundings, gate);
    Router::new().route("/sync/batch", post(sync_batch::<T, S>)).with_state(parts)
}

async fn sync_batch<T: Tables, S: Surroundings>(
    State(parts): State<Parts<T, S>>,
    SignedIn(claims): SignedIn,
    JsonBody(batch): JsonBody<BatchRequest>,
) -> Result<Answer<BatchResponse>, ApiError> {
    if !(1..=BATCH_OPERATIONS_MAX).contains(&batch.operations.len()) {
        let sent = json!({ "operations": batch.operations.len() });
        return Err(ApiError::new(ErrorCode::InvalidBatchSize).with_details(sent));
    }
    let operations: Vec<_> = batch.operations.iter().map(Operation::from_json).collect();
    operations.iter().flatten().for_each(note_operation);
    let sender = claims.sender();
    let results =
        push(&*parts.tables, &*parts.surroundings, &sender, Channel::Batch, &operations).await?;
    note_results(&results);
    Ok(Answer::ok(BatchResponse::new(results)))
}
