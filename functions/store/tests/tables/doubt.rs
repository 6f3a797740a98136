//! What the adapter answers when replies are lost: it never calls harmless what may have happened.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::json;
use store::dynamodb::{DynamoTables, Settings};
use store::tables::CancellationReason::{ConditionFailed, Conflict, None as Fine, Throttled};
use store::tables::{Condition, RetryKind, StoreError, Tables};

use crate::building::{cancelled, key, put, put_if, range, stored};
use crate::local::LocalDynamo;

/// What happens to one request.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The server has done it; the reply never comes.
    LoseReply,
    /// It never reaches the server.
    LoseRequest,
    /// Another answer than the server's.
    Answer(u16, &'static str),
}

/// The SDK's HTTP client, with one step of a script a request; then none.
#[derive(Debug, Clone)]
struct Faulty {
    inner: SharedHttpClient,
    script: Arc<Mutex<VecDeque<Step>>>,
}

#[derive(Debug)]
struct FaultyConnector {
    inner: SharedHttpConnector,
    script: Arc<Mutex<VecDeque<Step>>>,
}

impl HttpClient for Faulty {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultyConnector { inner, script: Arc::clone(&self.script) })
    }
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, step) = (self.inner.clone(), self.script.lock().unwrap().pop_front());
        HttpConnectorFuture::new(async move {
            match step {
                None => inner.call(request).await,
                Some(Step::LoseRequest) => Err(ConnectorError::io("request lost".into())),
                Some(Step::LoseReply) => {
                    inner.call(request).await?;
                    Err(ConnectorError::io("reply lost".into()))
                }
                Some(Step::Answer(status, body)) => Ok(HttpResponse::new(
                    StatusCode::try_from(status).unwrap(),
                    SdkBody::from(body),
                )),
            }
        })
    }
}

const THROTTLED: Step = Step::Answer(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}"#,
);

/// The adapter over a script. It makes as many attempts as the script has steps for a call, so
/// that nobody waits for a pause that proves nothing.
fn over(local: &LocalDynamo, attempts: u32, steps: &[Step]) -> DynamoTables {
    let inner = aws_smithy_http_client::Builder::new().build_http();
    let script = Arc::new(Mutex::new(steps.iter().copied().collect()));
    let client = SharedHttpClient::new(Faulty { inner, script });
    DynamoTables::with_http_client(Settings { attempts, ..local.settings() }, client)
}

fn is_unknown<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unknown(_)))
}

#[test]
fn a_transaction_whose_reply_is_lost_takes_effect_once() {
    let local = LocalDynamo::start();
    crate::run(async {
        let first = put_if(&key("a"), json!({}), Condition::Absent);
        let tables = over(&local, 2, &[Step::LoseReply]);
        assert_eq!(
            tables.transact(std::slice::from_ref(&first)).await,
            Ok(()),
            "one token for both attempts"
        );
        assert_eq!(tables.transact(&[first]).await, cancelled(&[ConditionFailed]), "a new token");
    });
}

#[test]
fn a_write_that_meets_itself_says_read_again() {
    let local = LocalDynamo::start();
    crate::run(async {
        let tables = over(&local, 2, &[Step::LoseReply]);
        let first = put_if(&key("a"), json!({}), Condition::Absent);
        let error = tables.write(&first).await.unwrap_err();
        assert_eq!(error, StoreError::Cancelled(vec![ConditionFailed]));
        assert_eq!(error.retry_kind(), RetryKind::Reread);
        assert!(stored(&tables, &key("a")).await.is_some());
    });
}

#[test]
fn without_a_reply_at_the_last_attempt_nobody_knows() {
    let local = LocalDynamo::start();
    crate::run(async {
        for step in [
            Step::LoseReply,
            Step::LoseRequest,
            Step::Answer(500, r#"{"__type":"InternalServerError"}"#),
            Step::Answer(503, "<html>"),
        ] {
            let tables = over(&local, 1, &[step; 2]);
            assert!(is_unknown(&tables.transact(&[put(&key("a"), json!({}))]).await), "{step:?}");
            assert!(is_unknown(&tables.query(&range("a", "b")).await), "{step:?}");
        }
    });
}

#[test]
fn throttled_is_harmless_only_if_no_reply_was_lost_before() {
    let local = LocalDynamo::start();
    crate::run(async {
        let write = || put(&key("a"), json!({}));
        let calm = over(&local, 1, &[THROTTLED; 2]);
        assert_eq!(calm.transact(&[write()]).await, Err(StoreError::Throttled));
        assert_eq!(calm.write(&write()).await, Err(StoreError::Throttled));
        let doubtful = [Step::LoseReply, THROTTLED];
        let tables = over(&local, 2, &[doubtful, doubtful].concat());
        assert!(is_unknown(&tables.transact(&[write()]).await));
        assert!(is_unknown(&tables.write(&write()).await));
        assert!(stored(&tables, &key("a")).await.is_some());
    });
}

#[test]
fn every_refusal_of_dynamodb_has_its_meaning() {
    let local = LocalDynamo::start();
    crate::run(async {
        let write = put(&key("a"), json!({}));
        let reasons = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},
            {"Code":"TransactionConflict"},{"Code":"ThrottlingError"},
            {"Code":"ConditionalCheckFailed"}]}"#;
        let tables = over(&local, 1, &[Step::Answer(400, reasons)]);
        let outcome = tables.transact(std::slice::from_ref(&write)).await;
        assert_eq!(outcome, cancelled(&[Fine, Conflict, Throttled, ConditionFailed]));
        let conflict = Step::Answer(400, r#"{"__type":"TransactionConflictException"}"#);
        assert_eq!(over(&local, 1, &[conflict]).write(&write).await, cancelled(&[Conflict]));
        for body in [
            r#"{"__type":"ItemCollectionSizeLimitExceededException"}"#,
            r#"{"__type":"IdempotentParameterMismatchException"}"#,
            r#"{"__type":"ResourceNotFoundException"}"#,
            r#"{"__type":"com.amazon.coral.validate#ValidationException"}"#,
        ] {
            let outcome = over(&local, 1, &[Step::Answer(400, body)]).write(&write).await;
            assert!(matches!(outcome, Err(StoreError::Invalid(_))), "{body}: {outcome:?}");
        }
        let at_work = Step::Answer(400, r#"{"__type":"TransactionInProgressException"}"#);
        assert!(is_unknown(&over(&local, 1, &[at_work]).transact(&[write]).await));
    });
}

#[test]
fn a_table_without_a_name_is_refused_when_it_is_used() {
    let local = LocalDynamo::start();
    let mut settings = local.settings();
    settings.names.records = None;
    crate::run(async {
        let tables = DynamoTables::new(settings);
        let refused = Err(StoreError::Invalid("RECORDS_TABLE is not set".into()));
        assert_eq!(tables.write(&put(&key("a"), json!({}))).await, refused);
    });
}
