//! Planted differences are found, each by its own name, and a business in order has none.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use protocol::{BusinessId, Digest, Epoch, Instant, Number, Version};
use serde_json::{Value, json};

use super::{Difference, Verification, verify};
use crate::feed::{change_sort_key, new_feed};
use crate::memory::{Fault, MemoryTables, Script, VirtualSurroundings};
use crate::record_changes::{rebuild, repair};
use crate::tables::{Condition, Item, Key, Surroundings, Table, Tables, Write};

/// Two customers, one changed once, one deleted, and the receipts of it, all published.
struct World {
    tables: MemoryTables,
    surroundings: VirtualSurroundings,
    business: BusinessId,
}

impl World {
    async fn new() -> Self {
        let business: BusinessId = "b1".parse().unwrap();
        let now = "2026-11-22T13:00:00.000Z".parse().unwrap();
        let tables = MemoryTables::new();
        let world = Self { tables, surroundings: VirtualSurroundings::new(now, 1), business };
        world.tables.transact(&new_feed(&world.business, Epoch(7))).await.unwrap();
        world.record("a", 1, false).await;
        world.publish().await;
        world.record("a", 2, false).await;
        world.record("b", 1, true).await;
        world.publish().await;
        world.receipt("op-a-2", "customers#a", 2).await;
        let guard = json!({"business": "b1", "record": "unique#dni#1", "version": 1, "owner": "a"});
        world.put(Table::Records, guard).await;
        world
    }

    async fn put(&self, table: Table, item: Value) {
        let Value::Object(item) = item else { panic!("an item is an object") };
        let put = Write::Put { table, item, condition: Condition::None };
        self.tables.write(&put).await.unwrap();
    }

    async fn record(&self, id: &str, version: u64, deleted: bool) {
        let at = "2026-11-22T13:00:00.000Z";
        let mut value = json!({"id": id, "name": "Rosa", "version": version, "updatedBy": "u1",
            "updatedAt": at, "balance": 12});
        if deleted {
            value["deletedAt"] = at.into();
        }
        let item = json!({"business": "b1", "record": format!("customers#{id}"),
            "version": version, "value": value, "clocks": {},
            "operations": [format!("op-{id}-{version}")]});
        self.put(Table::Records, item).await;
    }

    async fn receipt(&self, operation: &str, record: &str, version: u64) {
        let at = "2026-11-22T13:00:00.000Z";
        let item = json!({"business": "b1", "operation": operation, "hash": "1:ab",
            "outcome": "applied", "version": version, "record": record, "manualRetries": 0,
            "by": "u1", "clientTimestamp": at, "decidedAt": at, "expiresAt": 1});
        self.put(Table::Operations, item).await;
    }

    async fn publish(&self) {
        repair(&self.tables, &self.surroundings, &self.business).await.unwrap();
    }

    /// Changes an item behind everybody's back.
    async fn tamper(&self, table: Table, sort: &str, change: impl FnOnce(&mut Item)) {
        let mut item = self.tables.peek(&Key::new(table, "b1", sort)).expect("it is there");
        change(&mut item);
        self.put(table, Value::Object(item)).await;
    }

    async fn remove(&self, table: Table, sort: &str) {
        let key = Key::new(table, "b1", sort);
        self.tables.write(&Write::Delete { key, condition: Condition::None }).await.unwrap();
    }

    async fn verify(&self) -> Verification {
        verify(&self.tables, &self.surroundings, &self.business).await.unwrap()
    }

    async fn differences(&self) -> Vec<Difference> {
        self.verify().await.differences
    }
}

fn record(id: &str) -> String {
    format!("customers#{id}")
}

#[tokio::test]
async fn a_business_in_order_has_no_differences() {
    let world = World::new().await;
    let found = world.verify().await;
    assert!(found.is_clean(), "{:?}", found.differences);
    let counts = (found.records, found.changes, found.published, found.receipts);
    assert_eq!(counts, (2, 3, 2, 1));
}

#[tokio::test]
async fn so_has_one_whose_feed_was_rebuilt_or_read_through_a_poor_connection() {
    let world = World::new().await;
    rebuild(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(world.differences().await, []);
    let faults = [Fault::Partial(1), Fault::Throttle, Fault::LoseReply, Fault::Partial(1)];
    let shaky = world.tables.with_faults(Script::new(faults));
    let found = verify(&shaky, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(found.differences, []);
}

#[tokio::test]
async fn what_was_not_published_is_found_and_a_repair_mends_it() {
    let world = World::new().await;
    world.record("a", 3, false).await;
    world.record("c", 1, false).await;
    let expected = [
        Difference::OtherVersion {
            record: record("a"),
            version: Version(3),
            published: Version(2),
        },
        Difference::NotPublished { record: record("c"), version: Version(1) },
    ];
    assert_eq!(world.differences().await, expected);
    world.publish().await;
    assert_eq!(world.differences().await, []);
}

/// Whoever waits, meanwhile the stream brings what there is and a phone writes once more.
struct Busy<'a> {
    world: &'a World,
    version: AtomicU64,
    is_published: bool,
}

impl Surroundings for Busy<'_> {
    fn now(&self) -> Instant {
        self.world.surroundings.now()
    }

    fn random(&self) -> u64 {
        self.world.surroundings.random()
    }

    async fn sleep(&self, _pause: Duration) {
        if self.is_published {
            self.world.publish().await;
        }
        let version = self.version.fetch_add(1, Ordering::Relaxed);
        self.world.record("a", version, false).await;
    }
}

#[tokio::test]
async fn a_record_that_is_written_without_end_differs_only_if_the_feed_does_not_follow_it() {
    for is_published in [true, false] {
        let world = World::new().await;
        world.record("a", 3, false).await;
        let busy = Busy { world: &world, version: AtomicU64::new(4), is_published };
        let found = verify(&world.tables, &busy, &world.business).await.unwrap();
        assert_eq!(found.is_clean(), is_published, "{found:?}");
        assert_eq!(found.moving, usize::from(is_published));
    }
}

#[tokio::test]
async fn another_content_under_the_same_version_is_found() {
    let world = World::new().await;
    world.tamper(Table::Records, "customers#a", |item| item["value"]["balance"] = 13.into()).await;
    let expected = Difference::OtherContent { record: record("a"), version: Version(2) };
    assert_eq!(world.differences().await, [expected]);
}

#[tokio::test]
async fn a_published_image_that_differs_from_its_change_and_record_is_found() {
    let world = World::new().await;
    let image = "published#customers#a";
    world.tamper(Table::Changes, image, |item| item["value"]["name"] = "Luis".into()).await;
    let expected = [
        Difference::LastChange {
            record: record("a"),
            number: Number(2),
            published: Some(Number(2)),
        },
        Difference::OtherContent { record: record("a"), version: Version(2) },
    ];
    assert_eq!(world.differences().await, expected);
}

#[tokio::test]
async fn a_wrong_digest_is_found_in_the_head_and_in_a_row() {
    let world = World::new().await;
    let wrong = Digest::EMPTY;
    world.tamper(Table::Changes, "head", |item| item["digest"] = json!(wrong)).await;
    let row = change_sort_key(Number(1));
    world.tamper(Table::Changes, &row, |item| item["digest"] = json!(wrong)).await;
    let found = world.differences().await;
    let told: Vec<&str> = found
        .iter()
        .map(|difference| match difference {
            Difference::RowDigest { number: Number(1), .. } => "row 1",
            // Its own is right, but no longer follows from the row before.
            Difference::RowDigest { number: Number(2), .. } => "row 2",
            Difference::HeadDigest { number: Number(3), .. } => "head",
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(told, ["row 1", "row 2", "head"]);
}

#[tokio::test]
async fn a_gap_is_found_wherever_it_is_and_rows_beyond_the_head_too() {
    for missing in [1, 2, 3] {
        let world = World::new().await;
        world.remove(Table::Changes, &change_sort_key(Number(missing))).await;
        let gap = Difference::Gap { from: Number(missing), to: Number(missing) };
        assert_eq!(world.differences().await.first(), Some(&gap));
    }
    let world = World::new().await;
    let row = world.tables.peek(&Key::new(Table::Changes, "b1", change_sort_key(Number(3))));
    let mut row = row.unwrap();
    row["change"] = change_sort_key(Number(9)).into();
    world.put(Table::Changes, Value::Object(row)).await;
    assert_eq!(world.differences().await, [Difference::BeyondHead { number: Number(9) }]);
}

#[tokio::test]
async fn a_published_orphan_and_a_lost_record_are_found() {
    let world = World::new().await;
    world.remove(Table::Records, "customers#a").await;
    let expected = [
        Difference::PublishedOrphan { record: record("a"), version: Version(2) },
        Difference::ReceiptWithoutRecord {
            operation: "op-a-2".into(),
            record: record("a"),
            version: Version(2),
            found: None,
        },
    ];
    assert_eq!(world.differences().await, expected);
}

#[tokio::test]
async fn a_receipt_of_a_version_that_was_never_reached_is_found() {
    let world = World::new().await;
    world.receipt("op-a-9", "customers#a", 9).await;
    let expected = Difference::ReceiptWithoutRecord {
        operation: "op-a-9".into(),
        record: record("a"),
        version: Version(9),
        found: Some(Version(2)),
    };
    assert_eq!(world.differences().await, [expected]);
}

#[tokio::test]
async fn a_missing_image_and_one_of_another_epoch_are_found() {
    let world = World::new().await;
    world.remove(Table::Changes, "published#customers#a").await;
    world.tamper(Table::Changes, "published#customers#b", |item| item["epoch"] = 6.into()).await;
    let found = world.differences().await;
    let has = |wanted: &Difference| assert!(found.contains(wanted), "{wanted}: {found:?}");
    has(&Difference::OtherEpoch { item: "published#customers#b".into(), epoch: Epoch(6) });
    has(&Difference::LastChange { record: record("a"), number: Number(2), published: None });
    has(&Difference::NotPublished { record: record("a"), version: Version(2) });
    assert!(found.iter().any(|one| matches!(one, Difference::HeadDigest { .. })), "{found:?}");
}

#[tokio::test]
async fn what_is_not_of_our_shape_is_found_once_and_the_rest_is_still_compared() {
    let world = World::new().await;
    world.tamper(Table::Records, "customers#b", |item| drop(item.remove("clocks"))).await;
    world.tamper(Table::Operations, "op-a-2", |item| item["outcome"] = "retry".into()).await;
    world.record("c", 1, false).await;
    let found = world.differences().await;
    let unreadable: Vec<&str> = found
        .iter()
        .filter_map(|one| match one {
            Difference::Unreadable { item, .. } => Some(item.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(unreadable, ["customers#b", "op-a-2"]);
    assert!(found.contains(&Difference::NotPublished { record: record("c"), version: Version(1) }));
    assert_eq!(found.len(), 3, "{found:?}");
}

#[tokio::test]
async fn a_business_without_a_feed_or_in_the_middle_of_a_rebuild_is_told_as_that() {
    let world = World::new().await;
    world
        .tamper(Table::Changes, "head", |item| item.extend([("rebuilding".into(), true.into())]))
        .await;
    assert_eq!(world.differences().await, [Difference::Rebuilding]);
    world.remove(Table::Changes, "head").await;
    assert_eq!(world.differences().await, [Difference::NoFeed]);
}
