//! The Lambda function `crud`: wires the routes to DynamoDB, Secrets Manager and the clock.

use gateway::Gate;
use lambda_http::Error;
use store::dynamodb::{DynamoTables, RealSurroundings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    gateway::start_tracing();
    let tables = DynamoTables::from_environment()?;
    let gate = Gate::from_environment()?;
    gateway::run(crud::routes(tables, RealSurroundings, &gate), &gate).await
}
