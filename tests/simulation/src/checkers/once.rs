//! Nothing is applied twice: every write of a record adds to its list of operations ids that were
//! never in any record's list before, as many as its version rises by; and what a phone has sent
//! under an id it never sends otherwise. Nor does its clone: but what neither had sent when it was
//! cloned, each may still edit, and the server then takes one of the two for good.

use std::collections::{BTreeMap, BTreeSet};

use protocol::OperationId;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use store::memory::{MemoryTables, StreamRecord};
use store::tables::{Item, Table};
use xxhash_rust::xxh3::xxh3_64;

/// What took effect, and what was sent.
#[derive(Debug, Default)]
pub(crate) struct Once {
    applied: BTreeSet<String>,
    /// By phone.
    sent: BTreeMap<(usize, String), u64>,
}

impl Once {
    pub(crate) fn has_applied(&self, id: &OperationId) -> bool {
        self.applied.contains(id.as_str())
    }

    /// A write of the records table.
    pub(crate) fn note_write(&mut self, entry: &StreamRecord) -> Result<(), String> {
        let Some(new) = &entry.new else { return Ok(()) };
        let before = ids(entry.old.as_deref());
        let after = ids(Some(new));
        let news: Vec<&String> = after.iter().filter(|id| !before.contains(id)).collect();
        let rise = version(Some(new)) - version(entry.old.as_deref());
        for id in &news {
            if !self.applied.insert(effect(&entry.key.sort, id)) {
                return Err(format!(
                    "{id} took effect twice, the second time on {}",
                    entry.key.sort
                ));
            }
        }
        let is_record = new.contains_key("value");
        if is_record && news.len() < 8 && rise != i64::try_from(news.len()).expect("few") {
            let key = &entry.key.sort;
            return Err(format!("{key} rose by {rise} versions with {} operations", news.len()));
        }
        Ok(())
    }

    /// A batch reaches the server. From its first sending on an operation is what it is.
    pub(crate) fn note_sent(&mut self, phone: usize, body: &str) -> Result<(), String> {
        let batch: Batch<'_> =
            serde_json::from_str(body).map_err(|error| format!("a batch that is none: {error}"))?;
        for one in batch.operations {
            let names = [one.entity_id, one.action, one.client_timestamp].join(" ");
            let hash = xxh3_64([one.payload.get(), &names].concat().as_bytes());
            let id = one.operation_id;
            if *self.sent.entry((phone, id.to_owned())).or_insert(hash) != hash {
                return Err(format!("{id} was sent before and says something else now"));
            }
        }
        Ok(())
    }

    /// A phone is set up from another's backup, and knows what that one has sent.
    pub(crate) fn clone_phone(&mut self, phone: usize, copy: usize) {
        let known: Vec<_> = self
            .sent
            .range((phone, String::new())..(phone + 1, String::new()))
            .map(|((_, id), hash)| ((copy, id.clone()), *hash))
            .collect();
        self.sent.extend(known);
    }

    /// The tables are as they were at an earlier instant.
    pub(crate) fn restore(&mut self, tables: &MemoryTables) {
        let records = tables.scan(Table::Records);
        let kept: BTreeSet<String> = records
            .iter()
            .flat_map(|item| {
                let sort = item.get("record").and_then(Value::as_str).unwrap_or_default();
                ids(Some(item)).into_iter().map(move |id| effect(sort, &id))
            })
            .collect();
        // One of a refusal says that it did not.
        let receipts: BTreeSet<String> = tables
            .scan(Table::Operations)
            .iter()
            .filter(|item| item.get("outcome").and_then(Value::as_str) != Some("rejected"))
            .filter_map(|item| item.get("operation").and_then(Value::as_str).map(str::to_owned))
            .collect();
        self.applied.retain(|id| kept.contains(id) || receipts.contains(id));
    }
}

/// What of a batch must never change: an engine writes a payload always in the same way.
#[derive(Deserialize)]
struct Batch<'body> {
    #[serde(borrow)]
    operations: Vec<Sent<'body>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'body> {
    operation_id: &'body str,
    entity_id: &'body str,
    action: &'body str,
    client_timestamp: &'body str,
    #[serde(borrow)]
    payload: &'body RawValue,
}

/// What an operation does to its own record, and to the closing that notes it as late, are two
/// effects; each takes place once.
fn effect(sort: &str, id: &str) -> String {
    if sort.starts_with("closings#") { format!("{id} on {sort}") } else { id.to_owned() }
}

fn ids(item: Option<&Item>) -> Vec<String> {
    let list = item.and_then(|item| item.get("operations")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

fn version(item: Option<&Item>) -> i64 {
    item.and_then(|item| item.get("version")).and_then(Value::as_i64).unwrap_or_default()
}
