//! After quiet all phones and the server are equal in content: every record by its canonical JSON,
//! tombstones by their versions, and every debt.

use std::collections::BTreeMap;

use protocol::BusinessId;
use serde_json::Value;
use store::tables::Table;

use crate::world::World;

/// `entity#id` with version and, of live ones, canonical JSON (keys are sorted).
type Content = BTreeMap<String, (u64, Option<String>)>;

/// Phones, feed and records are the same.
pub(crate) fn equal(world: &World) -> Result<(), String> {
    for business in &world.businesses {
        let records = of_records(world, business);
        let published = of_feed(world, business);
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
                .map(|row| {
                    let record = row.record.as_ref().map(Value::to_string);
                    (row.key.to_string(), (row.version.0, record))
                })
                .collect();
            compare(&format!("phone {place}"), &records, &theirs)?;
        }
    }
    Ok(())
}

fn compare(who: &str, expected: &Content, found: &Content) -> Result<(), String> {
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

pub(crate) fn of_records(world: &World, business: &BusinessId) -> Content {
    let items = world.tables.scan(Table::Records).into_iter();
    items
        .filter(|item| item.get("business").is_some_and(|of| of == business.as_str()))
        .filter_map(|item| {
            let key = item.get("record")?.as_str()?.to_owned();
            let value = item.get("value")?;
            let live = value.get("deletedAt").is_none().then(|| value.to_string());
            Some((key, (item.get("version")?.as_u64()?, live)))
        })
        .collect()
}

fn of_feed(world: &World, business: &BusinessId) -> Content {
    let items = world.tables.scan(Table::Changes).into_iter();
    items
        .filter(|item| item.get("business").is_some_and(|of| of == business.as_str()))
        .filter_map(|item| {
            let key = item.get("change")?.as_str()?.strip_prefix("published#")?.to_owned();
            let value = item.get("value").filter(|value| !value.is_null()).map(Value::to_string);
            Some((key, (item.get("version")?.as_u64()?, value)))
        })
        .collect()
}
