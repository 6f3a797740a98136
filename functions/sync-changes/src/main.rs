//! `GET /sync/changes` and `GET /sync/snapshot`: what every phone of a business reads.

mod route;

use gateway::Gate;
use store::dynamodb::{DynamoTables, RealSurroundings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    gateway::start_tracing();
    let gate = Gate::from_environment()?;
    let tables = DynamoTables::from_environment()?;
    gateway::run(route::router(&gate, tables, RealSurroundings), &gate).await
}
