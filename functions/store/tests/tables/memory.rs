//! What memory has besides: faults, the stream, instants to come back to.

use serde_json::json;
use store::memory::{Fault, MemoryTables, Script};
use store::tables::CancellationReason::{ConditionFailed, Conflict, None as Fine, Throttled};
use store::tables::{Condition, Key, StoreError, Table, Tables};

use crate::building::{cancelled, delete, fill, item, key, put, put_if, range, sorts, stored};

async fn lost<T>(call: impl Future<Output = Result<T, StoreError>>) -> bool {
    matches!(call.await, Err(StoreError::Unknown(_)))
}

#[test]
fn a_lost_reply_is_written_and_a_lost_request_is_not() {
    crate::run(async {
        let tables = MemoryTables::new();
        let shaky = tables.with_faults(Script::new([Fault::LoseReply, Fault::LoseRequest]));
        assert!(lost(shaky.transact(&[put(&key("a"), json!({}))])).await);
        assert!(lost(shaky.write(&put(&key("b"), json!({})))).await);
        assert!(tables.peek(&key("a")).is_some());
        assert!(tables.peek(&key("b")).is_none());
        assert_eq!(shaky.write(&put(&key("b"), json!({}))).await, Ok(()), "the script is over");
    });
}

#[test]
fn a_throttled_call_and_a_conflict_write_nothing() {
    crate::run(async {
        let tables = MemoryTables::new();
        fill(&tables, &[put(&key("a"), json!({}))]).await;
        let writes = [put_if(&key("a"), json!({}), Condition::Absent), put(&key("b"), json!({}))];
        let faults = [Fault::Throttle, Fault::Conflict(3), Fault::ThrottleWrite(0)];
        let shaky = tables.with_faults(Script::new(faults));
        assert_eq!(shaky.transact(&writes).await, Err(StoreError::Throttled));
        assert_eq!(shaky.transact(&writes).await, cancelled(&[ConditionFailed, Conflict]));
        assert_eq!(shaky.transact(&writes[1..]).await, cancelled(&[Throttled]));
        assert_eq!(shaky.transact(&writes).await, cancelled(&[ConditionFailed, Fine]));
        assert_eq!(tables.peek(&key("b")), None);
    });
}

#[test]
fn a_partial_read_leaves_the_rest_to_be_asked_again() {
    crate::run(async {
        let tables = MemoryTables::new();
        fill(&tables, &["1", "2", "3"].map(|sort| put(&key(sort), json!({})))).await;
        let faults = [Fault::Partial(1), Fault::Partial(0), Fault::Partial(2), Fault::Partial(0)];
        let shaky = tables.with_faults(Script::new(faults));
        let keys = ["1", "2", "9"].map(key);
        let got = shaky.batch_get(&keys).await.unwrap();
        assert_eq!(got.unprocessed.len(), 2);
        assert_eq!(shaky.batch_get(&keys).await.unwrap().unprocessed.len(), 3);
        let page = shaky.query(&range("1", "9")).await.unwrap();
        assert_eq!((sorts(&page), &page.resume_after), (vec!["1", "2"], &Some(key("2").to_item())));
        assert_eq!(sorts(&shaky.query(&range("1", "9")).await.unwrap()), ["1"]);
    });
}

#[test]
fn a_batch_comes_in_an_order_that_the_seed_decides() {
    crate::run(async {
        let tables = MemoryTables::new();
        let keys: Vec<_> = (0..20).map(|number| key(&number.to_string())).collect();
        for key in &keys {
            fill(&tables, &[put(key, json!({}))]).await;
        }
        let order = async |seed| {
            let got = tables.with_seed(seed).batch_get(&keys).await.unwrap();
            got.items.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(order(1).await, order(1).await);
        assert_ne!(order(1).await, order(2).await);
        assert_ne!(order(1).await, keys);
    });
}

#[test]
fn the_stream_tells_every_write_of_records_that_changed_something() {
    crate::run(async {
        let tables = MemoryTables::new();
        let (first, second) = (json!({"version": 1}), json!({"version": 2}));
        let elsewhere = Key::new(Table::Changes, "b", "a");
        let writes = [put(&key("a"), first.clone()), put(&elsewhere, json!({}))];
        assert_eq!(tables.transact(&writes).await, Ok(()));
        let unchanged = put(&key("a"), json!({"version": 1}));
        let void = delete(&key("nothing"));
        fill(&tables, &[unchanged, void, put(&key("a"), second.clone()), delete(&key("a"))]).await;
        let refused = put_if(&key("a"), json!({}), Condition::Equals(Vec::new()));
        assert!(tables.write(&refused).await.is_err());
        let told: Vec<_> =
            tables.stream(0).into_iter().map(|told| (told.sequence, told.old, told.new)).collect();
        let (first, second) = (item(&key("a"), first), item(&key("a"), second));
        let (first, second) = (std::sync::Arc::new(first), std::sync::Arc::new(second));
        assert_eq!(
            told,
            [
                (1, None, Some(first.clone())),
                (2, Some(first), Some(second.clone())),
                (3, Some(second), None),
            ]
        );
        assert_eq!(tables.stream(2).len(), 1);
        tables.trim_stream(2);
        assert_eq!(tables.stream(0).len(), 1);
    });
}

#[test]
fn a_restore_brings_the_items_back_and_starts_the_stream_anew() {
    crate::run(async {
        let tables = MemoryTables::new();
        fill(&tables, &[put(&key("a"), json!({"version": 1}))]).await;
        let before = tables.snapshot();
        fill(&tables, &[put(&key("a"), json!({"version": 2})), put(&key("b"), json!({}))]).await;
        tables.restore(&before);
        assert_eq!(stored(&tables, &key("a")).await, Some(item(&key("a"), json!({"version": 1}))));
        assert_eq!(tables.scan(Table::Records).len(), 1);
        assert!(tables.stream(0).is_empty());
        fill(&tables, &[delete(&key("a"))]).await;
        assert_eq!(tables.stream(0)[0].sequence, 4, "sequence numbers never fall back");
    });
}
