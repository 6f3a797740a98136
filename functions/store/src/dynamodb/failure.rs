//! What the SDK's errors mean to a caller, and whether an earlier attempt may have taken effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

use crate::tables::{CancellationReason, RetryKind, StoreError};

/// Watches the attempts of one call. The SDK tells of the last one only: "throttled" may follow
/// an attempt whose reply was lost, and that one may have been written.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// An attempt has gone out and has not been answered.
    unanswered: AtomicBool,
    /// So it was when the next one went out.
    in_doubt: AtomicBool,
}

impl Attempts {
    /// `error`, unless it says of a write that it did not take effect and nobody can know that.
    pub(super) fn judge(&self, error: StoreError) -> StoreError {
        let in_doubt = self.0.in_doubt.load(Ordering::Relaxed);
        if in_doubt && error.retry_kind() == RetryKind::Transient {
            return StoreError::Unknown(format!("{error}, after an attempt without a reply"));
        }
        error
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0.unanswered.swap(true, Ordering::Relaxed) {
            self.0.in_doubt.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // An attempt that times out never comes here: it stays unanswered.
        let answered = match (context.response(), context.output_or_error()) {
            (Some(_), Some(Ok(_))) => true,
            (Some(response), Some(Err(error))) => {
                error.is_operation_error() && !response.status().is_server_error()
            }
            _ => false,
        };
        if answered {
            self.0.unanswered.store(false, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The error of any call.
pub(super) fn of<E>(error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    // The whole reply is never told: what stands in it is customers' data.
    match error {
        SdkError::ConstructionFailure(_) => {
            StoreError::Invalid(DisplayErrorContext(error).to_string())
        }
        SdkError::ServiceError(answer) => {
            let (code, status) = (answer.err().code(), answer.raw().status());
            let message = answer.err().message().unwrap_or_default();
            let text = || format!("{status} {}: {message}", code.unwrap_or("without a code"));
            of_code(code, status.is_server_error(), text)
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
            StoreError::Unknown(DisplayErrorContext(error).to_string())
        }
        _ => StoreError::Unknown("half a reply".into()),
    }
}

/// The error of a transaction: with a reason for each of its writes.
pub(super) fn of_transaction(error: &SdkError<TransactWriteItemsError>) -> StoreError {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return of(error);
    };
    let reasons = cancelled.cancellation_reasons().iter();
    let reasons: Vec<_> = reasons.map(|reason| of_reason(reason.code())).collect();
    if reasons.is_empty() {
        return StoreError::Unknown("cancelled without reasons".into());
    }
    StoreError::Cancelled(reasons)
}

fn of_code(code: Option<&str>, server_error: bool, text: impl Fn() -> String) -> StoreError {
    match code.unwrap_or_default() {
        "ConditionalCheckFailedException" => {
            StoreError::Cancelled(vec![CancellationReason::ConditionFailed])
        }
        "TransactionConflictException" | "ReplicatedWriteConflictException" => {
            StoreError::Cancelled(vec![CancellationReason::Conflict])
        }
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded" => StoreError::Throttled,
        // An attempt of this very call is still at work.
        "TransactionInProgressException" => StoreError::Unknown(text()),
        _ if server_error => StoreError::Unknown(text()),
        _ => StoreError::Invalid(text()),
    }
}

/// Codes: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
fn of_reason(code: Option<&str>) -> CancellationReason {
    match code.unwrap_or("None") {
        "None" => CancellationReason::None,
        "ConditionalCheckFailed" => CancellationReason::ConditionFailed,
        "TransactionConflict" => CancellationReason::Conflict,
        "ProvisionedThroughputExceeded" | "ThrottlingError" => CancellationReason::Throttled,
        // ValidationError, ItemCollectionSizeLimitExceeded.
        _ => CancellationReason::Invalid,
    }
}
