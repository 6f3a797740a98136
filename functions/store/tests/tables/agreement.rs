//! Random calls, on memory and on DynamoDB's adapter: they must answer alike, call by call, and
//! end with the same items. Where the local server is known to differ from AWS, the strategy does
//! not go there, and says so.

mod calls;

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::dynamodb::DynamoTables;
use store::memory::MemoryTables;
use store::tables::{BatchGot, QueryPage, StoreError, Tables};

use crate::local::LocalDynamo;
use calls::{Call, call, whole_partitions};

/// Sequences in a quick run; `PROPTEST_CASES` says otherwise.
const CASES: u32 = 200;
/// Calls of one sequence at most.
const CALLS_MAX: usize = 24;

/// What a call answered, without what may differ: the wording of errors, the order of a batch.
#[derive(Debug, PartialEq)]
enum Answer {
    Got(BatchGot),
    Page(QueryPage),
    Done,
    Refused,
    Failed(StoreError),
}

#[test]
fn memory_and_dynamodb_answer_alike() {
    let local = LocalDynamo::start();
    let cases = std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    // Every sequence has businesses of its own, so that one server serves them all.
    let world = AtomicU32::new(0);
    let sequences = prop::collection::vec(call(), 1..CALLS_MAX);
    let (runtime, dynamodb) = (crate::runtime(), local.tables());
    let outcome = TestRunner::new(config).run(&sequences, |calls| {
        let world = world.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(agree(&dynamodb, &MemoryTables::new(), world, &calls))
    });
    outcome.unwrap();
}

async fn agree(
    dynamodb: &DynamoTables,
    memory: &MemoryTables,
    world: u32,
    calls: &[Call],
) -> Result<(), TestCaseError> {
    let calls = calls.iter().map(|call| call.in_world(world));
    for call in calls.chain(whole_partitions(world)) {
        let (there, here) = (answer(dynamodb, &call).await, answer(memory, &call).await);
        prop_assert_eq!(there, here, "DynamoDB (left) and memory (right) on {:?}", call);
    }
    Ok(())
}

async fn answer(tables: &impl Tables, call: &Call) -> Answer {
    let outcome = match call {
        Call::BatchGet(keys) => tables.batch_get(keys).await.map(|mut got| {
            got.items.sort_by(|a, b| a.0.cmp(&b.0));
            Answer::Got(got)
        }),
        Call::Query(query) => tables.query(query).await.map(Answer::Page),
        Call::Transact(writes) => tables.transact(writes).await.map(|()| Answer::Done),
        Call::Write(write) => tables.write(write).await.map(|()| Answer::Done),
    };
    match outcome {
        Ok(answer) => answer,
        Err(StoreError::Invalid(_)) => Answer::Refused,
        Err(error) => Answer::Failed(error),
    }
}
