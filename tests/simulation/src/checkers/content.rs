//! After quiet all phones and the server are equal in content: every record by its canonical JSON,
//! tombstones by their versions, and every debt.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::BusinessId;
use serde_json::Value;
use store::tables::{Item, Table};

use crate::world::World;

/// `entity#id` with version and, of live ones, the whole record: its keys are sorted, and its
/// numbers are the digits that they were written with, so that equal values are equal texts.
type Content<'a> = BTreeMap<String, (u64, Option<&'a Value>)>;

/// Phones, feed and records are the same.
pub(crate) fn equal(world: &World) -> Result<(), String> {
    for business in &world.businesses {
        let items = items_in(world, Table::Records, business);
        let records = of_records(&items);
        let images = items_in(world, Table::Changes, business);
        let published = of_feed(&images);
        compare("the feed", &records, &published)?;
        for (place, phone) in world.profiles.iter().enumerate() {
            let here =
                phone.users.iter().any(|user| world.users[*user].account.business == *business);
            if !here || world.reads_no_more(place, business) {
                continue;
            }
            let sync = phone.store.sync_state(business);
            let Some(sync) = sync else {
                return Err(format!("phone {place} never loaded {business}"));
            };
            let head = world.head(business).ok_or("a business lost its feed")?;
            if sync.cursor != Some(head.cursor()) {
                let at = sync.cursor.map(|cursor| cursor.to_string());
                return Err(format!("phone {place} stays at {at:?} of {}", head.cursor()));
            }
            let rows = phone.store.records(business, sync.generation);
            let theirs = rows
                .map(|row| (row.key.to_string(), (row.version.0, row.record.as_ref())))
                .collect();
            compare(&format!("phone {place}"), &records, &theirs)?;
        }
    }
    Ok(())
}

fn compare(who: &str, expected: &Content<'_>, found: &Content<'_>) -> Result<(), String> {
    for (key, value) in expected {
        match found.get(key) {
            Some(theirs) if theirs == value => {}
            other => return Err(format!("{who} has {key} as {other:?}, the records {value:?}")),
        }
    }
    match found.keys().find(|key| !expected.contains_key(*key)) {
        Some(key) => Err(format!("{who} has {key}, the records have not")),
        None => Ok(()),
    }
}

/// The items of a table that are of a business.
pub(crate) fn items_in(world: &World, table: Table, business: &BusinessId) -> Vec<Arc<Item>> {
    let ours = |item: &Arc<Item>| item.get("business").is_some_and(|of| of == business.as_str());
    world.tables.scan(table).into_iter().filter(ours).collect()
}

/// Items of the records table.
pub(crate) fn of_records(items: &[Arc<Item>]) -> Content<'_> {
    let records = items.iter().filter_map(|item| {
        let key = item.get("record")?.as_str()?.to_owned();
        let value = item.get("value")?;
        let live = value.get("deletedAt").is_none().then_some(value);
        Some((key, (item.get("version")?.as_u64()?, live)))
    });
    records.collect()
}

/// Items of the changes table.
fn of_feed(items: &[Arc<Item>]) -> Content<'_> {
    let images = items.iter().filter_map(|item| {
        let key = item.get("change")?.as_str()?.strip_prefix("published#")?.to_owned();
        let value = item.get("value").filter(|value| !value.is_null());
        Some((key, (item.get("version")?.as_u64()?, value)))
    });
    images.collect()
}
