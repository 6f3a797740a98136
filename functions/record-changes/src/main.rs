//! From the stream of `records` to the feed; `repair` and `rebuild` too.

mod handler;

use handler::handle;
use lambda_runtime::{LambdaEvent, service_fn, tracing};
use serde_json::Value;
use store::dynamodb::{DynamoTables, RealSurroundings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    tracing::init_default_subscriber();
    let tables = DynamoTables::from_environment()?;
    let tables = &tables;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        // On the heap: the runtime's own futures nest deep around this one.
        Box::pin(handle(tables, &RealSurroundings, &event.payload)).await
    }))
    .await
}
