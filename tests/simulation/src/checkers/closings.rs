//! A signed day stays as it was signed, and nothing falls between counted and late.

use std::collections::BTreeSet;

use serde_json::Value;
use store::memory::StreamRecord;
use store::tables::{Item, Table};

use crate::world::World;

/// A write of the records table leaves a closing's figures alone.
pub(crate) fn as_signed(entry: &StreamRecord) -> Result<(), String> {
    let (Some(old), Some(new)) = (&entry.old, &entry.new) else { return Ok(()) };
    if !entry.key.sort.starts_with("closings#") {
        return Ok(());
    }
    match SIGNED.iter().find(|field| old["value"].get(**field) != new["value"].get(**field)) {
        Some(field) => Err(format!("{}: {field} is no longer as it was signed", entry.key.sort)),
        None => Ok(()),
    }
}

/// Every live sale of a closed day was counted, or stands among the late ones.
pub(crate) fn all(world: &World) -> Result<(), String> {
    let records = world.tables.scan(Table::Records);
    let is = |item: &Item, kind: &str| text(item, "record").starts_with(kind);
    let live =
        |item: &Item| item.get("value").is_some_and(|value| value.get("deletedAt").is_none());
    for closing in records.iter().filter(|item| is(item, "closings#") && live(item)) {
        let value = &closing["value"];
        let entries: &[Value] = value["lateEntries"].as_array().map_or(&[], Vec::as_slice);
        if value["lateEntriesCount"].as_u64().unwrap_or_default() > entries.len() as u64 {
            // Some were noted twice, or are no longer named.
            continue;
        }
        let late: BTreeSet<&str> = entries
            .iter()
            .filter(|entry| entry["entity"] == "sales")
            .filter_map(|entry| entry["id"].as_str())
            .collect();
        let of_the_day = records.iter().filter(|item| {
            is(item, "sales#")
                && live(item)
                && item.get("business") == closing.get("business")
                && item.get("sellerDate") == closing.get("sellerDate")
        });
        let ids = of_the_day.filter_map(|item| item["value"]["id"].as_str());
        let in_time = ids.filter(|id| !late.contains(id)).count() as u64;
        let counted = value["totalSales"].as_u64().unwrap_or_default();
        if in_time > counted || counted > in_time + late.len() as u64 {
            return Err(format!(
                "{} counted {counted} sales; {in_time} of its day are not late, {} are",
                text(closing, "record"),
                late.len()
            ));
        }
    }
    Ok(())
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

const SIGNED: [&str; 7] = [
    "totalSales",
    "totalAmount",
    "cashAmount",
    "creditAmount",
    "totalKilos",
    "paymentsByMethod",
    "cashDifference",
];
