//! One line per request: what was asked, by which business and device, and how it went, with the
//! metrics of it.
//!
//! It carries ids and nothing that a person could be known by: no names, no addresses, no bodies,
//! no tokens, no paths with what was filled into them. What is known only deep inside a route is
//! noted there ([`note_operations`]); the notes belong to the request that is being answered, and are
//! dropped outside of one.

use std::cell::RefCell;
use std::time::Instant as Stopwatch;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use lambda_http::Context;
use lambda_http::request::RequestContext;
use protocol::{ErrorCode, Operation, OperationResult, OperationStatus};

use crate::{Claims, Clock, Metrics};

/// What routes tell of the request that they answer.
#[derive(Debug, Default)]
struct Notes {
    business: Option<String>,
    user: Option<String>,
    device: Option<String>,
    operations: Vec<String>,
    refused: usize,
}

/// What the answer failed with, among its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FailedWith(pub(crate) ErrorCode);

tokio::task_local! {
    static NOTES: RefCell<Notes>;
}

/// Notes whose request it is.
pub(crate) fn note_claims(claims: &Claims) {
    note(|notes| {
        notes.business = Some(claims.business.to_string());
        notes.user = Some(claims.user.to_string());
    });
}

/// Notes an operation that the request carries.
pub fn note_operation(operation: &Operation) {
    note(|notes| {
        notes.operations.push(operation.operation_id.to_string());
        if let Some(device) = &operation.device_id {
            notes.device = Some(device.to_string());
        }
    });
}

/// Notes what became of the operations; those that were refused for good are counted.
pub fn note_results<'a>(results: impl IntoIterator<Item = &'a OperationResult>) {
    let refused = results.into_iter().filter(|result| result.status == OperationStatus::Rejected);
    let refused = refused.count();
    note(|notes| notes.refused += refused);
}

fn note(change: impl FnOnce(&mut Notes)) {
    // An error says that no request is being answered: there is no line to note it in.
    NOTES.try_with(|notes| change(&mut notes.borrow_mut())).unwrap_or_default();
}

/// Answers `request` with `next` and writes its line.
pub(crate) async fn answer(clock: Clock, request: Request, next: Next) -> Response {
    let started = Stopwatch::now();
    let route = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.route_key.clone(),
        _ => None,
    };
    let request_id =
        request.extensions().get::<Context>().map(|context| context.request_id.clone());
    let (response, notes) = NOTES
        .scope(RefCell::default(), async {
            let response = next.run(request).await;
            (response, NOTES.with(RefCell::take))
        })
        .await;
    let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let line = Metrics::at(clock())
        .milliseconds("Latency", latency_ms)
        .property("route", route)
        .property("requestId", request_id);
    with_outcome(line, &response, notes).write();
    response
}

fn with_outcome(line: Metrics, response: &Response, notes: Notes) -> Metrics {
    let status = response.status();
    let code = response.extensions().get::<FailedWith>().map(|failed| failed.0);
    let mut line = line
        .count("Failures", usize::from(status.is_server_error()))
        .property("status", status.as_u16())
        .property("code", code.map(ErrorCode::as_str))
        .property("business", notes.business)
        .property("user", notes.user)
        .property("device", notes.device);
    if !notes.operations.is_empty() {
        line = line
            .count("Operations", notes.operations.len())
            .count("OperationsRefused", notes.refused)
            .property("operations", notes.operations);
    }
    // Its alarm wants to hear of every one, and CloudWatch bills a metric by being there.
    if code == Some(ErrorCode::FeedGap) { line.count("FeedGaps", 1) } else { line }
}
