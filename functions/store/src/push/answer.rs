//! Words a decision as the result that the phone reads.

use domain::Decision;
use protocol::{
    ErrorCode, Instant, MalformedOperation, Operation, OperationResult, OperationStatus,
};

/// The result of a decision that is durable, or that needed nothing written.
pub(crate) fn decided(operation: &Operation, decision: &Decision, now: Instant) -> OperationResult {
    let failed = decision.refusal.as_ref();
    OperationResult {
        version: decision.version,
        record: decision.record.clone(),
        error: failed.map(|refusal| refusal.text().to_owned()),
        code: failed.map(|refusal| refusal.code),
        conflict: (!decision.conflict.is_empty()).then(|| decision.conflict.clone()),
        ..bare(operation, decision.status, now)
    }
}

/// The result of an operation of which nothing is known but that it should be sent again.
pub(crate) fn retry(operation: &Operation, code: ErrorCode, now: Instant) -> OperationResult {
    OperationResult {
        error: Some(code.message().into()),
        code: Some(code),
        ..bare(operation, OperationStatus::Retry, now)
    }
}

/// The result of an element that is no operation.
pub(super) fn malformed(
    malformed: &MalformedOperation,
    index: usize,
    now: Instant,
) -> OperationResult {
    OperationResult {
        operation_id: malformed.operation_id.clone(),
        index: malformed.operation_id.is_none().then_some(index),
        success: false,
        status: OperationStatus::Rejected,
        entity_id: malformed.entity_id.clone(),
        version: None,
        record: None,
        error: Some(format!("{} ({})", malformed.code.message(), malformed.field)),
        code: Some(malformed.code),
        retryable: Some(false),
        conflict: None,
        server_timestamp: now,
    }
}

fn bare(operation: &Operation, status: OperationStatus, now: Instant) -> OperationResult {
    OperationResult {
        operation_id: Some(operation.operation_id.to_string()),
        index: None,
        success: status.is_success(),
        status,
        entity_id: Some(operation.entity_id.clone()),
        version: None,
        record: None,
        error: None,
        code: None,
        retryable: (!status.is_success()).then(|| status.is_retryable()),
        conflict: None,
        server_timestamp: now,
    }
}
