//! What every database must do that performs the engine's effects, as data: any shell, waiting or
//! not, runs the same steps against an empty store and compares.

use protocol::{
    Action, BusinessId, Cursor, Entity, Epoch, Instant, JsonObject, Number, OperationId, Version,
};
use serde_json::json;

use crate::{
    Account, Committed, Expectation, Generation, OperationRecord, Query, QueueStatus,
    RecordVersion, RowWrite, Rows, Sequence, StorageFault, SyncState, SyncedKey, SyncedRecord,
    Transaction,
};

/// A fact about a store, shown by steps that begin with an empty one.
#[derive(Debug)]
pub struct Case {
    /// The fact.
    pub name: &'static str,
    /// In order.
    pub steps: Vec<Step>,
}

/// Something to do, and what must come of it.
#[derive(Debug)]
pub enum Step {
    /// Commit this.
    Commit(Transaction, Result<Committed, StorageFault>),
    /// Read this; the order of operations and records does not count, that of versions does.
    Read(Query, Rows),
}

/// All of them.
pub fn cases() -> Vec<Case> {
    vec![
        sequences_rise_in_the_order_of_commits(),
        an_expectation_that_does_not_hold_writes_nothing(),
        a_queue_is_one_accounts_and_leaves_out_what_has_retired(),
        operations_are_found_by_id_whatever_their_status(),
        all_operations_of_a_business_are_found_for_a_restore(),
        only_old_processed_operations_are_forgotten(),
        sets_of_records_are_apart_and_go_as_a_whole(),
        versions_come_in_the_order_of_keys_part_by_part(),
        records_of_unknown_entities_are_kept_as_they_came(),
        rows_and_sync_state_come_back_as_they_were_written(),
    ]
}

/// Sorts what has no order, so that answers can be compared.
pub fn comparable(mut rows: Rows) -> Rows {
    match &mut rows {
        Rows::Queue { operations, .. } | Rows::Operations(operations) => {
            operations.sort_by_key(|operation| operation.sequence);
        }
        Rows::Records(records) => records.sort_by(|one, other| one.key.cmp(&other.key)),
        Rows::Versions(_) => {}
    }
    rows
}

fn sequences_rise_in_the_order_of_commits() -> Case {
    let second = vec![
        RowWrite::Enqueue(operation("b", 0, "user-2")),
        RowWrite::Enqueue(operation("a", 0, "user-2")),
    ];
    let queue =
        [operation("c", 1, "user-2"), operation("b", 2, "user-2"), operation("a", 3, "user-2")];
    Case {
        name: "sequences rise in the order of commits",
        steps: vec![
            commit(vec![RowWrite::Enqueue(operation("c", 0, "user-2"))], &[1]),
            commit(second, &[2, 3]),
            commit(vec![RowWrite::RemoveOperation(id("a"))], &[]),
            // A place is never given twice.
            commit(vec![RowWrite::Enqueue(operation("d", 0, "user-2"))], &[4]),
            commit(vec![RowWrite::PutOperation(queue[2].clone())], &[]),
            Step::Read(
                Query::Queue(account("user-2")),
                Rows::Queue {
                    sync: None,
                    operations: queue.into_iter().chain([operation("d", 4, "user-2")]).collect(),
                },
            ),
        ],
    }
}

fn an_expectation_that_does_not_hold_writes_nothing() -> Case {
    let stored = operation("a", 1, "user-2");
    let absent = Expectation::Operation { id: id("a"), updated_at: None };
    let changed =
        Expectation::Operation { id: id("a"), updated_at: Some(stored.updated_at.plus_millis(1)) };
    let revision = |revision| Expectation::Sync { business: business(), revision };
    let refused = |expectation| {
        let writes = vec![RowWrite::RemoveOperation(id("a")), put_sync(2)];
        let held = Expectation::Operation { id: id("none"), updated_at: None };
        let transaction = Transaction { expectations: vec![held, expectation], writes };
        Step::Commit(transaction, Err(StorageFault::Stale))
    };
    let held = vec![
        Expectation::Operation { id: id("a"), updated_at: Some(stored.updated_at) },
        revision(1),
    ];
    Case {
        name: "an expectation that does not hold writes nothing",
        steps: vec![
            commit(vec![RowWrite::Enqueue(stored.clone()), put_sync(1)], &[1]),
            refused(absent),
            refused(changed),
            refused(revision(0)),
            refused(revision(2)),
            Step::Read(
                Query::Queue(account("user-2")),
                Rows::Queue { sync: Some(Box::new(state(1))), operations: vec![stored] },
            ),
            Step::Commit(
                Transaction { expectations: held, writes: vec![put_sync(2)] },
                Ok(Committed::default()),
            ),
        ],
    }
}

fn a_queue_is_one_accounts_and_leaves_out_what_has_retired() -> Case {
    let mut rows = status_rows();
    rows.push(operation("other", 9, "user-3"));
    Case {
        name: "a queue is one account's and leaves out what has retired",
        steps: vec![
            put_all(&rows),
            Step::Read(
                Query::Queue(account("user-2")),
                Rows::Queue { sync: None, operations: rows[..3].to_vec() },
            ),
        ],
    }
}

fn operations_are_found_by_id_whatever_their_status() -> Case {
    let mut rows = status_rows();
    rows.push(operation("other", 9, "user-3"));
    let ids = ["retired", "pending", "none", "other"].map(id).to_vec();
    let operations = vec![rows[0].clone(), rows[3].clone()];
    Case {
        name: "operations are found by id whatever their status, but only one's own",
        steps: vec![
            put_all(&rows),
            Step::Read(
                Query::Operations { account: account("user-2"), ids },
                Rows::Queue { sync: None, operations },
            ),
        ],
    }
}

fn all_operations_of_a_business_are_found_for_a_restore() -> Case {
    let mut rows = status_rows();
    rows.push(operation("other", 9, "user-3"));
    let mut elsewhere = operation("elsewhere", 10, "user-2");
    elsewhere.account.business = named("b-2");
    let all: Vec<_> = rows.iter().chain([&elsewhere]).cloned().collect();
    Case {
        name: "all operations of a business are found for a restore",
        steps: vec![
            put_all(&all),
            Step::Read(Query::BusinessOperations(business()), Rows::Operations(rows)),
        ],
    }
}

fn only_old_processed_operations_are_forgotten() -> Case {
    let rows = status_rows();
    let forget = |before: Instant| RowWrite::ForgetProcessed { business: business(), before };
    let left = rows[..2].to_vec();
    Case {
        name: "only old processed operations are forgotten",
        steps: vec![
            put_all(&rows),
            commit(vec![forget(at())], &[]),
            Step::Read(Query::BusinessOperations(business()), Rows::Operations(rows)),
            commit(vec![forget(at().plus_millis(1))], &[]),
            Step::Read(Query::BusinessOperations(business()), Rows::Operations(left)),
        ],
    }
}

fn sets_of_records_are_apart_and_go_as_a_whole() -> Case {
    let read = |generation| Query::Records {
        business: business(),
        generation: Generation(generation),
        keys: vec![key("a"), key("b"), key("none")],
    };
    let keep = RowWrite::KeepGenerations { business: business(), generations: vec![Generation(2)] };
    Case {
        name: "sets of records are apart and go as a whole",
        steps: vec![
            commit(vec![put_record(1, "a", 1), put_record(1, "b", 1), put_record(2, "a", 5)], &[]),
            Step::Read(read(1), Rows::Records(vec![record("a", 1), record("b", 1)])),
            Step::Read(read(2), Rows::Records(vec![record("a", 5)])),
            commit(vec![keep], &[]),
            Step::Read(read(1), Rows::Records(Vec::new())),
            Step::Read(read(2), Rows::Records(vec![record("a", 5)])),
        ],
    }
}

fn versions_come_in_the_order_of_keys_part_by_part() -> Case {
    let names = ["a", "a#1", "b", "c"];
    let mut writes: Vec<_> = names.iter().rev().map(|name| put_record(1, name, 1)).collect();
    let dead = SyncedRecord { key: key("b"), version: Version(2), record: None };
    let generation = Generation(1);
    writes.push(RowWrite::PutRecord { business: business(), generation, record: dead });
    let part = |after: Option<&str>| Query::Versions {
        business: business(),
        generation,
        after: after.map(key),
        limit: 2,
    };
    let row = |name: &str, version, live| RecordVersion {
        key: key(name),
        version: Version(version),
        live,
    };
    Case {
        name: "versions come in the order of keys, part by part",
        steps: vec![
            commit(writes, &[]),
            Step::Read(part(None), Rows::Versions(vec![row("a", 1, true), row("a#1", 1, true)])),
            Step::Read(
                part(Some("a#1")),
                Rows::Versions(vec![row("b", 2, false), row("c", 1, true)]),
            ),
            Step::Read(part(Some("c")), Rows::Versions(Vec::new())),
        ],
    }
}

fn records_of_unknown_entities_are_kept_as_they_came() -> Case {
    let unknown = |id: &str| SyncedKey::new(named("price_lists"), named(id));
    let live = SyncedRecord {
        key: unknown("wholesale"),
        version: Version(3),
        record: Some(json!({"id": "wholesale", "rows": [{"of": "the future"}]})),
    };
    let dead = SyncedRecord { key: unknown("old"), version: Version(2), record: None };
    let put = |record: &SyncedRecord| RowWrite::PutRecord {
        business: business(),
        generation: Generation(1),
        record: record.clone(),
    };
    let version_of = |row: &SyncedRecord| {
        let live = row.record.is_some();
        RecordVersion { key: row.key.clone(), version: row.version, live }
    };
    let records_of =
        |keys| Query::Records { business: business(), generation: Generation(1), keys };
    let part = |after: Option<SyncedKey>| Query::Versions {
        business: business(),
        generation: Generation(1),
        after,
        limit: 2,
    };
    let rosa = record("rosa", 1);
    Case {
        name: "records of unknown entities are kept as they came",
        steps: vec![
            commit(vec![put(&live), put(&dead), put(&rosa)], &[]),
            Step::Read(
                records_of(vec![live.key.clone(), dead.key.clone()]),
                Rows::Records(vec![live.clone(), dead.clone()]),
            ),
            // Among the others, in the order of the entities' names.
            Step::Read(part(None), Rows::Versions([&rosa, &dead].map(version_of).to_vec())),
            Step::Read(part(Some(dead.key.clone())), Rows::Versions(vec![version_of(&live)])),
        ],
    }
}

fn rows_and_sync_state_come_back_as_they_were_written() -> Case {
    let mut full = operation("a", 1, "user-2");
    full.data = object(json!({"name": "Ñandú 🐔", "list": [1, "2.50", null, true]}));
    full.base_version = Some(Version(3));
    full.last_error = Some("No.".to_owned());
    (full.sent_at, full.next_retry_at) = (Some(at()), Some(at().plus_millis(7)));
    full.replaces = Some(id("b"));
    full.unknown = object(json!({"ofTheFuture": {"list": [1, 2]}}));
    Case {
        name: "rows and sync state come back as they were written",
        steps: vec![
            commit(vec![RowWrite::PutOperation(full.clone()), put_sync(1)], &[]),
            Step::Read(
                Query::Queue(account("user-2")),
                Rows::Queue { sync: Some(Box::new(state(1))), operations: vec![full] },
            ),
        ],
    }
}

/// Pending, failed, processed and awaiting the feed, processed and retired.
fn status_rows() -> Vec<OperationRecord> {
    let failed = OperationRecord {
        status: QueueStatus::Failed,
        code: Some("invalid_field".to_owned()),
        ..operation("failed", 2, "user-2")
    };
    let awaiting = OperationRecord {
        status: QueueStatus::Processed,
        result_version: Some(Version(4)),
        ..operation("awaiting", 3, "user-2")
    };
    let retired =
        OperationRecord { status: QueueStatus::Processed, ..operation("retired", 4, "user-2") };
    vec![operation("pending", 1, "user-2"), failed, awaiting, retired]
}

fn operation(name: &str, sequence: u64, user: &str) -> OperationRecord {
    OperationRecord {
        id: id(name),
        sequence: Sequence(sequence),
        entity: Entity::Customers,
        operation: Action::Insert,
        entity_id: named("rosa"),
        data: object(json!({"name": "Rosa"})),
        timestamp: at(),
        base_version: None,
        status: QueueStatus::Pending,
        retry_count: 0,
        last_error: None,
        created_at: at(),
        updated_at: at(),
        next_retry_at: None,
        sent_at: None,
        device_id: named("cart-a"),
        manual_retries: 0,
        replaces: None,
        code: None,
        result_version: None,
        account: account(user),
        blocked_count: 0,
        joined: vec![id("joined")],
        unknown: JsonObject::new(),
    }
}

fn state(revision: u64) -> SyncState {
    let cursor = Some(Cursor { epoch: Epoch(7), number: Number(12) });
    SyncState { revision, cursor, generation: Generation(1), ..SyncState::default() }
}

fn put_sync(revision: u64) -> RowWrite {
    RowWrite::PutSync { business: business(), state: Box::new(state(revision)) }
}

fn put_record(generation: u32, name: &str, version: u64) -> RowWrite {
    let (generation, record) = (Generation(generation), record(name, version));
    RowWrite::PutRecord { business: business(), generation, record }
}

fn record(name: &str, version: u64) -> SyncedRecord {
    let record = Some(json!({"id": name, "version": version}));
    SyncedRecord { key: key(name), version: Version(version), record }
}

fn put_all(rows: &[OperationRecord]) -> Step {
    commit(rows.iter().cloned().map(RowWrite::PutOperation).collect(), &[])
}

fn commit(writes: Vec<RowWrite>, sequences: &[u64]) -> Step {
    let sequences = sequences.iter().copied().map(Sequence).collect();
    let transaction = Transaction { expectations: Vec::new(), writes };
    Step::Commit(transaction, Ok(Committed { sequences }))
}

fn key(name: &str) -> SyncedKey {
    SyncedKey::new(Entity::Customers.into(), named(name))
}

fn account(user: &str) -> Account {
    Account { business: business(), user: named(user) }
}

fn business() -> BusinessId {
    named("b-1")
}

fn id(name: &str) -> OperationId {
    named(name)
}

fn at() -> Instant {
    Instant::from_millis(1_795_352_700_000)
}

fn named<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> T {
    name.parse().expect("the cases use valid names")
}

fn object(value: serde_json::Value) -> JsonObject {
    if let serde_json::Value::Object(fields) = value { fields } else { panic!("no object") }
}
