//! Everything of one business on the server, as the operators' export tells it, and what may be
//! wrong with it by itself: a gap in its feed, a version that two operations made, or none.

use std::collections::{BTreeMap, BTreeSet};

use protocol::BusinessId;
use serde_json::Value;

use crate::days::Days;
use crate::stack::Stack;

/// `entity#id` with version and, of live ones, canonical JSON (keys are sorted).
pub(crate) type Content = BTreeMap<String, (u64, Option<String>)>;

/// Everything of one business on the server.
#[derive(Debug, Default)]
pub(crate) struct Server {
    pub(crate) records: Content,
    pub(crate) published: Content,
    /// Operation, outcome, version, record.
    pub(crate) receipts: BTreeMap<String, Value>,
    pub(crate) changes: Vec<u64>,
    pub(crate) days: Days,
    pub(crate) head: u64,
}

/// The operators' export of `business`, read.
pub(crate) fn read(stack: &Stack, business: &BusinessId) -> Result<Server, String> {
    let file = stack.folder().join(format!("export-{business}"));
    let to = file.to_string_lossy().into_owned();
    let arguments = ["export", "--business", business.as_str(), "--with-feed", "--to", &to];
    let (said, good) = stack.admin(&arguments);
    if !good {
        return Err(format!("export of {business}: {said}"));
    }
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let mut server = Server::default();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        server.take(&line);
    }
    Ok(server)
}

impl Server {
    fn take(&mut self, line: &Value) {
        let item = &line["item"];
        self.days.take(item);
        let version = item["version"].as_u64().unwrap_or(0);
        let value = || Some(&item["value"]).filter(|value| !value.is_null());
        match line["table"].as_str() {
            Some("records") => {
                let Some(value) = value() else { return };
                let live = value.get("deletedAt").is_none().then(|| value.to_string());
                self.records.insert(text(item, "record"), (version, live));
            }
            Some("operations") => {
                self.receipts.insert(text(item, "operation"), item.clone());
            }
            Some("changes") => {
                let key = text(item, "change");
                if let Some(record) = key.strip_prefix("published#") {
                    let value = value().map(Value::to_string);
                    self.published.insert(record.to_owned(), (version, value));
                } else if let Some(number) = key.strip_prefix("change#") {
                    self.changes.push(number.parse().unwrap_or(0));
                } else if key == "head" {
                    self.head = item["number"].as_u64().unwrap_or(0);
                }
            }
            _ => {}
        }
    }
}

pub(crate) fn gaps(server: &Server) -> Result<(), String> {
    let expected: Vec<u64> = (1..=server.head).collect();
    if server.changes == expected {
        return Ok(());
    }
    Err(format!("gap: {} change rows up to {}", server.changes.len(), server.head))
}

/// Every version of a record was made by one operation, and each operation made one. Only a delete
/// of what is deleted may repeat a version, as the second removal of an item does.
pub(crate) fn doubled(server: &Server, removals: &BTreeSet<String>) -> Vec<String> {
    let mut versions: BTreeMap<String, BTreeMap<u64, u64>> = BTreeMap::new();
    for (id, receipt) in server.receipts.iter().filter(|(_, one)| one["outcome"] != "rejected") {
        let version = receipt["version"].as_u64().unwrap_or(0);
        let makers = versions.entry(text(receipt, "record")).or_default();
        *makers.entry(version).or_default() += u64::from(!removals.contains(id));
    }
    let mut found = Vec::new();
    for (record, (version, live)) in &server.records {
        let made = versions.remove(record).unwrap_or_default();
        let expected: BTreeSet<u64> = (1..=*version).collect();
        let known: BTreeSet<u64> = made.keys().copied().collect();
        if record.starts_with("products#") || record.starts_with("closings#") {
            continue;
        }
        if known != expected {
            found.push(format!("{record} has version {version}, its receipts {known:?}"));
        }
        let repeated = made.iter().filter(|(_, count)| **count > 1).map(|(version, _)| *version);
        let repeated: Vec<u64> = repeated.collect();
        if live.is_some() && !repeated.is_empty() && record.starts_with("sales#") {
            found.push(format!("doubled: {record} lives, two receipts for {repeated:?}"));
        }
    }
    found.extend(versions.keys().map(|record| format!("lost: {record} has receipts, and is not")));
    found
}

pub(crate) fn text(of: &Value, field: &str) -> String {
    of[field].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A sale of two versions, made by two operations.
    pub(crate) fn server() -> Server {
        let mut server = Server { head: 2, changes: vec![1, 2], ..Server::default() };
        server.records.insert("sales#s".to_owned(), (2, Some("{}".to_owned())));
        for (operation, version) in [("op-1", 1), ("op-2", 2)] {
            let item = json!({"record": "sales#s", "outcome": "applied", "version": version});
            server.receipts.insert(operation.to_owned(), item);
        }
        server
    }

    #[test]
    fn a_double_a_loss_and_a_gap_are_found() {
        let none = BTreeSet::new();
        assert!(doubled(&server(), &none).is_empty() && gaps(&server()).is_ok());
        let mut twice = server();
        twice.records.insert("sales#s".to_owned(), (3, Some("{}".to_owned())));
        assert_eq!(doubled(&twice, &none).len(), 1, "a version without an operation");
        let mut shared = server();
        shared.receipts.insert("op-3".to_owned(), shared.receipts["op-2"].clone());
        assert_eq!(doubled(&shared, &none).len(), 1, "two operations, one version");
        let removals = BTreeSet::from(["op-3".to_owned()]);
        assert!(doubled(&shared, &removals).is_empty(), "an item was out of the sale already");
        let mut lost = server();
        lost.records.clear();
        assert_eq!(doubled(&lost, &none).len(), 1, "receipts without a record");
        let mut gap = server();
        gap.changes.remove(0);
        assert!(gaps(&gap).is_err());
    }
}
