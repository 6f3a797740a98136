//! `POST /sync/batch`: operations made offline, and what became of each.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ErrorCode, FieldConflict, Instant, RecordId, Version};

/// At most so many operations in a batch.
pub const BATCH_OPERATIONS_MAX: usize = 50;

/// `{"operations":[…]}`, 1 to 50. Each element is read by itself with
/// [`Operation::from_json`](crate::Operation::from_json).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BatchRequest {
    /// The operations, in the order in which they were done.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::Operation>, min_items = 1, max_items = 50))]
    pub operations: Vec<Value>,
}

/// The answer to a batch: a result for each operation, in the request's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// In the order of the request.
    pub results: Vec<OperationResult>,
    /// Counts over `results`.
    pub summary: BatchSummary,
}

/// Counts over the results of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BatchSummary {
    /// All results.
    pub total: usize,
    /// Those with `success` true.
    pub succeeded: usize,
    /// The others.
    pub failed: usize,
}

/// What became of one operation.
///
/// ```json
/// {"operationId":"0b2c…","success":true,"status":"applied","entityId":"7f1e…","version":1,
///  "record":{…},"serverTimestamp":"2026-11-22T13:05:01.250Z"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OperationResult {
    /// As sent; absent where the element had none, and `index` tells which it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    /// Place in the batch, from 0; only where there is no `operationId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// It has taken effect, now or before.
    pub success: bool,
    /// How it went.
    pub status: OperationStatus,
    /// The record that it was about; for `sale_items` the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<RecordId>,
    /// The record's version after it; for `sale_items` the sale's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The record after it; for `sale_items` the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub record: Option<Value>,
    /// Why it failed, in Spanish, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why it failed, for a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// Whether sending it again may help; on failures only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// The fields that lost or won against another device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Vec<FieldConflict>>,
    /// The server's clock.
    pub server_timestamp: Instant,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum OperationStatus {
    /// It took effect now, alone.
    Applied,
    /// It had taken effect before.
    Duplicate,
    /// It took effect beside changes that it did not know of.
    Merged,
    /// It met another change of the same field; one of the two stands, both are reported.
    Conflict,
    /// It is refused for good.
    Rejected,
    /// Nothing is known against it; send it again.
    Retry,
    /// It waits for another operation that failed or has not arrived.
    Blocked,
}

impl OperationStatus {
    /// It has taken effect.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Applied | Self::Duplicate | Self::Merged | Self::Conflict)
    }

    /// Sending it again unchanged may help.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Retry | Self::Blocked)
    }

    /// No later answer will differ: what the phone waits for before it may change the operation.
    pub fn is_final(self) -> bool {
        !self.is_retryable()
    }
}

impl BatchResponse {
    /// Counts `results`.
    pub fn new(results: Vec<OperationResult>) -> Self {
        let succeeded = results.iter().filter(|result| result.success).count();
        let total = results.len();
        Self { results, summary: BatchSummary { total, succeeded, failed: total - succeeded } }
    }
}
