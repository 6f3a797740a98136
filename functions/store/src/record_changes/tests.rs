//! The consumer against what a stream may do to it: the feed stays gapless, each change once.

use std::time::Duration;

use domain::RecordKey;
use protocol::{
    Action, BusinessId, ChangesPage, Cursor, Digest, Epoch, JsonObject, Number, Version,
};
use serde_json::{Value, json};

use super::{
    Image, Scope, StreamRecord, marked, publish, raise_floor, rebuild, record_changes, repair,
    repair_all,
};
use crate::feed::{FeedError, FeedPage, changes, new_feed, read_head, snapshot};
use crate::memory::{Fault, MemoryTables, Script, VirtualSurroundings};
use crate::tables::{Condition, Item, Key, Surroundings, Table, Tables, Write};

/// A business with a feed in memory.
struct World {
    tables: MemoryTables,
    surroundings: VirtualSurroundings,
    business: BusinessId,
}

impl World {
    async fn new() -> Self {
        let business: BusinessId = "b1".parse().unwrap();
        let tables = MemoryTables::new();
        let now = "2026-11-22T13:00:00.000Z".parse().unwrap();
        let world = Self { tables, surroundings: VirtualSurroundings::new(now, 1), business };
        world.tables.transact(&new_feed(&world.business, Epoch(7))).await.unwrap();
        world
    }

    async fn put(&self, table: Table, item: Item) {
        let put = Write::Put { table, item, condition: Condition::None };
        self.tables.write(&put).await.unwrap();
    }

    /// Stores a version of a customer; returns what the stream says of it.
    async fn customer(&self, id: &str, version: u64, deleted: bool) -> StreamRecord {
        let item = customer_item(id, version, deleted, &self.surroundings.now().to_string());
        self.put(Table::Records, item.clone()).await;
        StreamRecord {
            sequence: format!("{id}-{version}"),
            keys: Key::of(Table::Records, &item).unwrap().to_item(),
            new_image: Some(item),
        }
    }

    async fn consume(&self, records: Vec<StreamRecord>) -> super::Report {
        record_changes(&self.tables, &self.surroundings, records).await
    }

    async fn page(&self, since: &str, limit: u64) -> Result<ChangesPage, FeedError> {
        let since: Cursor = since.parse().unwrap();
        let read =
            changes(&self.tables, &self.surroundings, &self.business, Some(since), limit, None);
        match read.await? {
            FeedPage::Page { page, .. } => Ok(page),
            FeedPage::NotModified { .. } => panic!("no tag was sent"),
        }
    }

    /// Reads the whole feed and checks what every feed must hold.
    async fn whole_feed(&self) -> Vec<(u64, Action, String, u64)> {
        let head = read_head(&self.tables, &self.surroundings, &self.business).await.unwrap();
        let mut seen = Vec::new();
        let mut cursor = Cursor::start(head.epoch).to_string();
        let mut digest = Digest::EMPTY;
        let mut live: std::collections::BTreeMap<RecordKey, Version> =
            std::collections::BTreeMap::new();
        loop {
            let page = self.page(&cursor, 3).await.unwrap();
            for change in &page.changes {
                assert_eq!(change.number, Number(seen.len() as u64 + 1), "gapless");
                let key = RecordKey::new(change.entity, change.entity_id.clone());
                if let Some(before) = live.remove(&key) {
                    assert!(before < change.version, "order per record");
                    digest.toggle(key.entity, &key.id, before);
                }
                if change.record.is_some() {
                    digest.toggle(key.entity, &key.id, change.version);
                    live.insert(key, change.version);
                }
                let id = change.entity_id.to_string();
                seen.push((change.number.0, change.action, id, change.version.0));
            }
            assert_eq!(page.digest, digest.to_string(), "digest at {cursor}");
            cursor = page.next_since.to_string();
            if !page.has_more {
                return seen;
            }
        }
    }
}

fn customer_item(id: &str, version: u64, deleted: bool, at: &str) -> Item {
    let mut value = json!({"id": id, "name": "Rosa", "version": version, "updatedBy": "u1",
        "updatedAt": at});
    if deleted {
        value["deletedAt"] = value["updatedAt"].clone();
    }
    let item = json!({"business": "b1", "record": format!("customers#{id}"), "version": version,
        "value": value, "clocks": {}, "operations": [format!("op-{id}-{version}")]});
    let Value::Object(item) = item else { unreachable!() };
    item
}

#[tokio::test]
async fn the_same_event_twice_and_overlapping_ones_publish_each_change_once() {
    let world = World::new().await;
    let first = world.customer("a", 1, false).await;
    let second = world.customer("b", 1, false).await;
    let third = world.customer("a", 2, false).await;
    let all = vec![first.clone(), second.clone(), third.clone()];
    assert_eq!(world.consume(all.clone()).await.published, 3);
    assert_eq!(world.consume(all).await.published, 0);
    assert_eq!(world.consume(vec![second, third]).await.published, 0);
    let feed = world.whole_feed().await;
    let expected =
        [(1, Action::Insert, "a", 1), (2, Action::Insert, "b", 1), (3, Action::Update, "a", 2)];
    assert_eq!(feed, expected.map(|(n, action, id, v)| (n, action, id.to_owned(), v)));
}

#[tokio::test]
async fn what_comes_late_is_older_than_what_is_published_and_is_left_out() {
    let world = World::new().await;
    let old = world.customer("a", 1, false).await;
    let new = world.customer("a", 3, false).await;
    assert_eq!(world.consume(vec![new]).await.published, 1);
    assert_eq!(world.consume(vec![old]).await.published, 0);
    assert_eq!(world.whole_feed().await, [(1, Action::Insert, "a".to_owned(), 3)]);
}

#[tokio::test]
async fn deletes_and_revivals_are_seen_as_such_and_leave_the_digest_right() {
    let world = World::new().await;
    for (version, deleted) in [(1, false), (2, true), (3, false), (4, true)] {
        let record = world.customer("a", version, deleted).await;
        assert_eq!(world.consume(vec![record]).await.published, 1);
    }
    let never_live = world.customer("b", 2, true).await;
    world.consume(vec![never_live]).await;
    let actions: Vec<Action> = world.whole_feed().await.iter().map(|change| change.1).collect();
    assert_eq!(
        actions,
        [Action::Insert, Action::Delete, Action::Insert, Action::Delete, Action::Delete]
    );
    let head = read_head(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(head.digest, Digest::EMPTY);
}

#[tokio::test]
async fn no_fault_of_the_store_makes_a_gap_or_a_double() {
    let faults = [
        Fault::Throttle,
        Fault::LoseRequest,
        Fault::LoseReply,
        Fault::Partial(1),
        Fault::Conflict(2),
        Fault::ThrottleWrite(1),
    ];
    for fault in faults {
        for call in 0..6 {
            let world = World::new().await;
            let mut records = Vec::new();
            for id in 0..60 {
                records.push(world.customer(&format!("c{id}"), 1, false).await);
            }
            let script: Vec<Fault> =
                std::iter::repeat_n(Fault::None, call).chain([fault]).collect();
            let shaky = World { tables: world.tables.with_faults(Script::new(script)), ..world };
            let report = shaky.consume(records.clone()).await;
            assert_eq!(report.marked, [], "{fault:?} at call {call}");
            let calm = World { tables: shaky.tables.with_faults(Script::new([])), ..shaky };
            calm.consume(records).await;
            assert_eq!(calm.whole_feed().await.len(), 60, "{fault:?} at call {call}");
        }
    }
}

#[tokio::test]
async fn a_poison_record_marks_its_business_and_hinders_nobody() {
    let world = World::new().await;
    let mut poison = world.customer("a", 1, false).await;
    poison.new_image.as_mut().unwrap().insert("operations".into(), json!([]));
    let good = world.customer("b", 1, false).await;
    let report = world.consume(vec![poison, good]).await;
    assert_eq!((report.published, report.failed.len()), (1, 0));
    assert_eq!(report.marked.len(), 1);
    assert!(marked(&world.tables, &world.surroundings, &world.business).await.unwrap().is_some());

    let repaired = repair_all(&world.tables, &world.surroundings, &Scope::Marked).await.unwrap();
    assert_eq!(repaired[0].1.as_ref().unwrap().published, 1);
    assert_eq!(world.whole_feed().await.len(), 2);
    assert!(marked(&world.tables, &world.surroundings, &world.business).await.unwrap().is_none());
}

#[tokio::test]
async fn a_business_without_a_feed_is_marked_and_others_go_on() {
    let world = World::new().await;
    let good = world.customer("a", 1, false).await;
    let mut stray = world.customer("b", 1, false).await;
    stray.keys.insert("business".into(), "b2".into());
    world.put(Table::Records, stray.keys.clone()).await;
    let report = world.consume(vec![stray, good]).await;
    assert_eq!(report.published, 1);
    assert_eq!(report.marked[0].0.as_str(), "b2");
}

#[tokio::test]
async fn what_comes_late_of_a_business_that_was_deleted_leaves_nothing() {
    let world = World::new().await;
    let late = world.customer("a", 1, false).await;
    let deleted = World { tables: MemoryTables::new(), ..world };
    assert_eq!(deleted.consume(vec![late]).await, super::Report::default());
    assert!(deleted.tables.scan(Table::Changes).is_empty());
}

#[tokio::test]
async fn repair_publishes_what_the_stream_never_brought() {
    let world = World::new().await;
    for id in 0..130 {
        let record = world.customer(&format!("c{id:03}"), 1, false).await;
        if id % 3 == 0 {
            world.consume(vec![record]).await;
        }
    }
    let report = repair(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(report.published, 130 - 44);
    assert_eq!(
        repair(&world.tables, &world.surroundings, &world.business).await.unwrap().published,
        0
    );
    assert_eq!(world.whole_feed().await.len(), 130);
}

#[tokio::test]
async fn a_rebuild_starts_a_new_epoch_with_every_record_and_tombstone() {
    let world = World::new().await;
    for (id, version, deleted) in [("a", 1, false), ("b", 4, true), ("c", 2, false)] {
        let record = world.customer(id, version, deleted).await;
        world.consume(vec![record]).await;
    }
    rebuild(&world.tables, &world.surroundings, &world.business).await.unwrap();
    let head = read_head(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert!(head.epoch > Epoch(7) && !head.rebuilding);
    assert_eq!(world.whole_feed().await.len(), 3);
    assert!(matches!(world.page("7.1", 10).await, Err(FeedError::CursorExpired { .. })));
    let part = snapshot(&world.tables, &world.surroundings, &world.business, None).await.unwrap();
    assert_eq!(part.records.len(), 3);
    assert_eq!(part.records.iter().filter(|record| record.record.is_none()).count(), 1);
}

#[tokio::test]
async fn a_rebuild_puts_back_the_receipts_that_a_restore_has_lost() {
    let world = World::new().await;
    for id in ["a", "b", "c"] {
        world.customer(id, 1, false).await;
    }
    let receipt = |id: &str, rest: Value| {
        let mut item = json!({"business": "b1", "operation": id, "hash": "1:ab", "by": "u1",
            "record": "customers#b", "clientTimestamp": "2026-11-22T12:59:00.000Z",
            "decidedAt": "2026-11-22T12:59:00.000Z", "manualRetries": 0});
        let (Value::Object(item), Value::Object(rest)) = (&mut item, rest) else { unreachable!() };
        item.extend(rest);
        item.clone()
    };
    let kept = receipt("op-b-1", json!({"outcome": "applied", "version": 1}));
    world.put(Table::Operations, kept.clone()).await;
    // It was refused at first: of that a receipt was kept, but not of its success.
    let refused = receipt("op-c-1", json!({"outcome": "rejected", "code": "deleted"}));
    world.put(Table::Operations, refused).await;
    let found = rebuild(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(found.receipts, 2);
    let receipts = world.tables.scan(Table::Operations);
    let outcomes: Vec<_> =
        receipts.iter().map(|item| (item["operation"].clone(), item["outcome"].clone())).collect();
    let expected = ["op-a-1", "op-b-1", "op-c-1"].map(|id| (json!(id), json!("applied")));
    assert_eq!(outcomes, expected);
    assert!(receipts.iter().any(|item| **item == kept), "what was there stays as it was");
    let again = rebuild(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(again.receipts, 0);
}

#[tokio::test]
async fn a_rebuild_killed_at_any_call_resumes() {
    for call in 0..9 {
        let world = World::new().await;
        for id in 0..5 {
            let record = world.customer(&format!("c{id}"), 1, false).await;
            world.consume(vec![record]).await;
        }
        let death: Vec<Fault> = std::iter::repeat_n(Fault::None, call)
            .chain(std::iter::repeat_n(Fault::Throttle, 50))
            .collect();
        let dying = world.tables.with_faults(Script::new(death));
        let first = rebuild(&dying, &world.surroundings, &world.business).await;
        if first.is_err() && call > 2 {
            assert!(matches!(world.page("7.0", 10).await, Err(FeedError::Rebuilding)));
            let held = world.customer("late", 1, false).await;
            assert_eq!(world.consume(vec![held]).await.failed.len(), 1, "waits for the rebuild");
        }
        rebuild(&world.tables, &world.surroundings, &world.business).await.unwrap();
        let feed = world.whole_feed().await;
        assert!((5..=6).contains(&feed.len()), "{} changes after death at {call}", feed.len());
    }
}

#[tokio::test]
async fn a_mark_of_long_ago_came_back_with_a_restore_and_begins_another_epoch() {
    let world = World::new().await;
    let record = world.customer("a", 1, false).await;
    world.consume(vec![record]).await;
    let death = std::iter::repeat_n(Fault::None, 3).chain(std::iter::repeat_n(Fault::Throttle, 50));
    let dying = world.tables.with_faults(Script::new(death.collect::<Vec<_>>()));
    rebuild(&dying, &world.surroundings, &world.business).await.unwrap_err();
    let head =
        async || read_head(&world.tables, &world.surroundings, &world.business).await.unwrap();
    let marked = head().await;
    assert!(marked.rebuilding);
    world.surroundings.advance(Duration::from_mins(21));
    rebuild(&world.tables, &world.surroundings, &world.business).await.unwrap();
    let done = head().await;
    assert!(done.epoch > marked.epoch && !done.rebuilding);
    assert_eq!(world.whole_feed().await.len(), 1);
}

#[tokio::test]
async fn the_floor_rises_past_old_changes_in_hundreds_and_old_cursors_expire() {
    let world = World::new().await;
    let mut images = Vec::new();
    for id in 0..250 {
        let record = world.customer(&format!("c{id}"), 1, false).await;
        images.extend(record.into_image().unwrap());
    }
    publish(&world.tables, &world.surroundings, &world.business, images).await.unwrap();
    raise_floor(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert_eq!(world.page("7.0", 100).await.unwrap().changes.len(), 100, "nothing is old yet");

    world.surroundings.advance(Duration::from_hours(31 * 24));
    raise_floor(&world.tables, &world.surroundings, &world.business).await.unwrap();
    assert!(matches!(world.page("7.199", 1).await, Err(FeedError::CursorExpired { .. })));
    assert_eq!(world.page("7.200", 100).await.unwrap().changes.len(), 50);
    let rows = world.tables.scan(Table::Changes);
    let kept = rows.iter().filter(|row| row["change"].as_str().unwrap().starts_with("change#"));
    assert_eq!(kept.count(), 50);
}

#[tokio::test]
async fn a_missing_row_is_a_gap_and_never_a_short_page() {
    let world = World::new().await;
    for id in ["a", "b", "c"] {
        let record = world.customer(id, 1, false).await;
        world.consume(vec![record]).await;
    }
    let row = Key::new(Table::Changes, "b1", "change#0000000000000002");
    let delete = Write::Delete { key: row, condition: Condition::None };
    world.tables.write(&delete).await.unwrap();
    let read = world.page("7.0", 10).await;
    assert!(matches!(read, Err(FeedError::Gap { number: Number(2), .. })), "{read:?}");
}

#[tokio::test]
async fn a_snapshot_of_many_parts_holds_every_record_once() {
    let world = World::new().await;
    let mut images = Vec::new();
    for id in 0..450 {
        let record = world.customer(&format!("c{id}"), 1, id % 5 == 0).await;
        images.extend(record.into_image().unwrap());
    }
    publish(&world.tables, &world.surroundings, &world.business, images).await.unwrap();
    let mut resume = None;
    let mut records = std::collections::BTreeSet::new();
    let mut parts = 0;
    loop {
        let page =
            snapshot(&world.tables, &world.surroundings, &world.business, resume).await.unwrap();
        parts += 1;
        for record in page.records {
            assert!(records.insert((record.entity, record.entity_id)), "twice");
        }
        let Some(next) = page.next_part else { break };
        resume = Some((page.as_of, next.parse().unwrap()));
    }
    assert_eq!((records.len(), parts), (450, 3));
}

#[test]
fn an_image_without_its_author_is_poison() {
    let mut item = customer_item("a", 1, false, "2026-11-22T13:00:00.000Z");
    let value: &mut JsonObject = item["value"].as_object_mut().unwrap();
    value.remove("updatedBy");
    let stored = crate::rows::read_record(item).unwrap();
    assert!(Image::of("customers#a", stored).is_err());
}
