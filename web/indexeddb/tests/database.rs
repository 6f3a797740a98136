//! The database beyond the engine's cases: its schema, durability, pages, small rows, two tabs.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeSet;

use engine::{Generation, Query, RowWrite, Rows, SyncedKey, SyncedRecord, Transaction};
use indexeddb::{Database, VERSION};
use protocol::{BusinessId, Entity, Version};
use rexie::{Rexie, TransactionMode};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn the_stores_and_indexes_are_those_that_people_look_for() {
    drop(Database::open_named("schema").await.unwrap());
    let raw = Rexie::builder("schema-raw").version(1).build().await.unwrap();
    assert!(raw.store_names().is_empty());
    assert_eq!(indexeddb::NAME, "avileo-sync");
    assert_eq!(VERSION, 1);
    let stored = web_database("schema").await;
    let names: BTreeSet<_> = stored.store_names().into_iter().collect();
    assert_eq!(names, ["meta", "operations", "records"].map(str::to_owned).into());
    let work = stored.transaction(&["operations"], TransactionMode::ReadOnly).unwrap();
    let indexes: BTreeSet<_> =
        work.store("operations").unwrap().index_names().into_iter().collect();
    let expected = ["age", "createdAt", "resultVersion", "sequence", "status"];
    assert_eq!(indexes, expected.map(str::to_owned).into());
}

#[wasm_bindgen_test]
async fn numbers_and_unknown_fields_of_records_come_back_digit_by_digit() {
    let database = Database::open_named("digits").await.unwrap();
    let text = r#"{"big":12345678901234567890.10,"id":"rosa","ofTheFuture":{"weight":2.50}}"#;
    let record = SyncedRecord {
        key: key("rosa"),
        version: Version(7),
        record: Some(protocol::json::from_str(text).unwrap()),
    };
    database.commit(records("b-1", vec![record.clone()])).await.unwrap();
    let (business, generation) = (business("b-1"), Generation(1));
    let query = Query::Records { business, generation, keys: vec![key("rosa")] };
    assert_eq!(database.read(&query).await.unwrap(), Rows::Records(vec![record]));
}

#[wasm_bindgen_test]
async fn pages_hold_one_business_and_leave_nothing_out() {
    let database = Database::open_named("pages").await.unwrap();
    let rows = (0..25).map(|number| row(&format!("c-{number:02}"))).collect();
    database.commit(records("b-1", rows)).await.unwrap();
    database.commit(records("b-10", vec![row("stranger")])).await.unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page =
            database.page(&business("b-1"), Generation(1), after.as_ref(), 10).await.unwrap();
        let is_last = page.len() < 10;
        after = page.last().map(|record| record.key.clone());
        found.extend(page.into_iter().map(|record| record.key.id.to_string()));
        if is_last {
            break;
        }
    }
    assert_eq!(found, (0..25).map(|number| format!("c-{number:02}")).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn two_tabs_write_and_both_see_all() {
    let one = Database::open_named("tabs").await.unwrap();
    let two = Database::open_named("tabs").await.unwrap();
    one.commit(records("b-1", vec![row("a")])).await.unwrap();
    two.commit(records("b-1", vec![row("b")])).await.unwrap();
    for database in [&one, &two] {
        let page = database.page(&business("b-1"), Generation(1), None, 10).await.unwrap();
        assert_eq!(page.len(), 2);
    }
}

#[wasm_bindgen_test]
async fn a_newer_version_of_the_app_is_not_blocked_and_the_older_one_says_so() {
    let older = Database::open_named("upgrade").await.unwrap();
    let newer = Rexie::builder("upgrade").version(VERSION + 1).build().await.unwrap();
    assert_eq!(newer.version().unwrap(), VERSION + 1);
    let refused = older.commit(records("b-1", vec![row("a")])).await;
    assert_eq!(refused, Err(engine::StorageFault::Blocked));
}

#[wasm_bindgen_test]
async fn a_database_that_the_browser_removed_is_said_to_be_gone_and_works_again() {
    let database = Database::open_named("evicted").await.unwrap();
    database.keep(&[(&["", "device"], Some("phone"))]).await.unwrap();
    Rexie::delete("evicted").await.unwrap();
    let said = database.commit(records("b-1", vec![row("a")])).await;
    assert_eq!(said, Err(engine::StorageFault::Evicted));
    database.commit(records("b-1", vec![row("a")])).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_connection_that_has_died_is_replaced_and_the_write_is_saved_at_once() {
    let database = Database::open_named("dead").await.unwrap();
    database.commit(records("b-1", vec![row("a")])).await.unwrap();
    kill_connections_of("dead", "transaction");
    database.commit(records("b-1", vec![row("b")])).await.unwrap();
    let page = database.page(&business("b-1"), Generation(1), None, 10).await.unwrap();
    assert_eq!(page.len(), 2);
}

#[wasm_bindgen_test]
async fn a_connection_that_dies_under_a_write_is_replaced_and_nothing_is_written_by_half() {
    let database = Database::open_named("dying").await.unwrap();
    database.keep(&[(&["", "device"], Some("phone"))]).await.unwrap();
    kill_connections_of("dying", "put");
    database.commit(records("b-1", vec![row("a"), row("b")])).await.unwrap();
    kill_connections_of("dying", "put");
    database.keep(&[(&["", "device"], Some("tablet"))]).await.unwrap();
    assert_eq!(database.kept(&["", "device"]).await.unwrap().as_deref(), Some("tablet"));
    let page = database.page(&business("b-1"), Generation(1), None, 10).await.unwrap();
    assert_eq!(page.len(), 2);
}

/// From now on every connection to this database that has been used fails for ever, as on iOS after
/// a spell in the background: when a transaction is begun, or in the midst of one. Fresh ones work.
fn kill_connections_of(name: &str, at: &str) {
    const SCRIPT: &str = r#"
        const lost = () => new DOMException("Connection to Indexed Database server lost", "UnknownError");
        if (!globalThis.used) {
            const used = (globalThis.used = new Map());
            globalThis.dead = { transaction: new WeakSet(), put: new WeakSet() };
            const begin = IDBDatabase.prototype.transaction;
            IDBDatabase.prototype.transaction = function (...given) {
                if (dead.transaction.has(this)) throw lost();
                used.set(this, this.name);
                return begin.apply(this, given);
            };
            const put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = function (...given) {
                if (dead.put.has(this.transaction.db)) {
                    this.transaction.abort();
                    throw lost();
                }
                return put.apply(this, given);
            };
            return;
        }
        for (const [database, of] of used) if (of === name) dead[at].add(database);
    "#;
    let script = js_sys::Function::new_with_args("name, at", SCRIPT);
    let this = wasm_bindgen::JsValue::NULL;
    // The first call only begins to watch.
    script.call2(&this, &name.into(), &at.into()).unwrap();
    script.call2(&this, &name.into(), &at.into()).unwrap();
}

#[wasm_bindgen_test]
async fn a_small_row_is_replaced_only_where_it_is_as_it_was_read() {
    let database = Database::open_named("replaced").await.unwrap();
    let key = ["b-1", "session", "u-1"];
    assert!(!database.replace_kept(&key, "first", "second").await.unwrap(), "there is none");
    database.keep(&[(&key, Some("first"))]).await.unwrap();
    assert!(database.replace_kept(&key, "first", "second").await.unwrap());
    // A tab that slept had read the first: what it brings is older than what is there.
    assert!(!database.replace_kept(&key, "first", "of the tab that slept").await.unwrap());
    assert_eq!(database.kept(&key).await.unwrap().as_deref(), Some("second"));
    // Signed out meanwhile: the row does not come back.
    database.keep(&[(&key, None)]).await.unwrap();
    assert!(!database.replace_kept(&key, "second", "third").await.unwrap());
    assert_eq!(database.kept(&key).await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn small_rows_are_kept_together_and_removed() {
    let database = Database::open_named("kept").await.unwrap();
    let (one, two) = (["b-1", "session", "user-2"], ["", "atWork"]);
    database.keep(&[(&one, Some("1")), (&two, Some("2"))]).await.unwrap();
    assert_eq!(database.kept(&one).await.unwrap().as_deref(), Some("1"));
    assert_eq!(database.all_kept().await.unwrap().len(), 2);
    database.keep(&[(&one, None)]).await.unwrap();
    assert_eq!(database.kept(&one).await.unwrap(), None);
    assert_eq!(database.kept(&two).await.unwrap().as_deref(), Some("2"));
}

#[wasm_bindgen_test]
async fn a_write_asks_for_strict_durability_and_a_read_does_not() {
    let database = Database::open_named("durability").await.unwrap();
    database.commit(records("b-1", vec![row("a")])).await.unwrap();
    assert_eq!(durability(TransactionMode::ReadWrite).await, "strict");
    assert_eq!(durability(TransactionMode::ReadOnly).await, "default");
}

/// What the browser says of a transaction made through rexie.
async fn durability(mode: TransactionMode) -> String {
    let raw = web_database("durability").await;
    let work = raw.transaction(&["records"], mode).unwrap();
    let store = work.store("records").unwrap();
    drop(store.count(None));
    let native = indexeddb::latest_transaction().unwrap();
    js_sys::Reflect::get(&native, &"durability".into()).unwrap().as_string().unwrap()
}

async fn web_database(name: &str) -> Rexie {
    // Without stores to declare nothing is upgraded: the version is the one that is there.
    Rexie::builder(name).version(VERSION).build().await.unwrap()
}

fn records(of: &str, rows: Vec<SyncedRecord>) -> Transaction {
    let put =
        |record| RowWrite::PutRecord { business: business(of), generation: Generation(1), record };
    Transaction { expectations: Vec::new(), writes: rows.into_iter().map(put).collect() }
}

fn row(name: &str) -> SyncedRecord {
    let record = Some(serde_json::json!({"id": name}));
    SyncedRecord { key: key(name), version: Version(1), record }
}

fn key(name: &str) -> SyncedKey {
    SyncedKey::new(Entity::Customers.into(), name.parse().unwrap())
}

fn business(name: &str) -> BusinessId {
    name.parse().unwrap()
}
