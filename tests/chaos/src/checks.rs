//! What must hold once it is quiet.
//!
//! | promise | how it is looked at |
//! |---|---|
//! | records, feed, digest and receipts agree | the operators' `verify` |
//! | the feed has no gap | its rows are 1 … head |
//! | nothing lost | what was said to be saved is in its phone, or decided, or was taken back |
//! | nothing doubled | a record's versions are those of its receipts, each once |
//! | a day is closed once, and counts or shows everything | [`days`](crate::days) |
//! | acknowledged is applied | a receipt with the version that the phone was told |
//! | phones converge | canonical JSON of every record, and every debt, on phones and server |
//! | no leak | every answer and every database names one business |

use std::collections::{BTreeMap, BTreeSet};

use engine::{OperationRecord, QueueStatus};
use protocol::{BusinessId, OperationId, Session};
use serde_json::Value;

use crate::days::{Days, closed_days};
use crate::journal::Disk;
use crate::phone::PASSWORD;
use crate::phone::http::{exchange, log_in};
use crate::stack::Stack;
use crate::tally::Tally;

/// A phone after its work.
#[derive(Debug)]
pub(crate) struct Worked {
    pub(crate) business: BusinessId,
    pub(crate) disk: Disk,
    /// A dismissed seller's phone stays where it was.
    pub(crate) reads: bool,
}

/// `entity#id` with version and, of live ones, canonical JSON (keys are sorted).
pub(crate) type Content = BTreeMap<String, (u64, Option<String>)>;

/// Everything of one business on the server.
#[derive(Debug, Default)]
struct Server {
    records: Content,
    published: Content,
    /// Operation, outcome, version, record.
    receipts: BTreeMap<String, Value>,
    changes: Vec<u64>,
    days: Days,
    head: u64,
}

/// Looks at everything.
pub(crate) fn all(stack: &Stack, phones: &[Worked], tally: &Tally, people: &[(String, Session)]) {
    let (said, good) = stack.admin(&["verify"]);
    if !good {
        tally.found(format!("verify: {said}"));
    }
    let businesses: BTreeMap<&BusinessId, &String> =
        people.iter().rev().map(|(email, one)| (&one.user.business_id, email)).collect();
    // An answer may still be on its way while the tables are read.
    let closed = tally.promises().closed.clone();
    let mut decided: BTreeMap<String, Value> = BTreeMap::new();
    for (business, admin) in businesses {
        let server = match read(stack, business) {
            Ok(server) => server,
            Err(why) => {
                tally.found(why);
                continue;
            }
        };
        let problems = gaps(&server)
            .err()
            .into_iter()
            .chain(doubled(&server))
            .chain(server.days.slipped(&server.records))
            .chain(compare("the feed", &server.records, &server.published).err())
            .chain(debts_differ(stack, admin, &server.records).err());
        problems.for_each(|what| tally.found(format!("{business}: {what}")));
        tally.add("records", server.records.len());
        tally.add("changes in feeds", server.changes.len());
        tally.add("receipts", server.receipts.len());
        closed_days(&closed, business, &server.records, tally);
        let readers = phones.iter().enumerate().filter(|(_, one)| one.reads);
        for (place, phone) in readers.filter(|(_, one)| one.business == *business) {
            if let Err(what) = converged(place, phone, &server) {
                tally.found(what);
            }
        }
        decided.extend(server.receipts);
    }
    kept(phones, &decided, tally);
}

fn read(stack: &Stack, business: &BusinessId) -> Result<Server, String> {
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
        self.days.take(&line["item"]);
        let item = &line["item"];
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

fn gaps(server: &Server) -> Result<(), String> {
    let expected: Vec<u64> = (1..=server.head).collect();
    if server.changes == expected {
        return Ok(());
    }
    Err(format!("gap: {} change rows up to {}", server.changes.len(), server.head))
}

/// Every version of a record was made by one operation, and each operation made one. Only a delete
/// of what is deleted may repeat a version.
fn doubled(server: &Server) -> Vec<String> {
    let mut versions: BTreeMap<String, BTreeMap<u64, u64>> = BTreeMap::new();
    for receipt in server.receipts.values().filter(|one| one["outcome"] != "rejected") {
        let version = receipt["version"].as_u64().unwrap_or(0);
        *versions.entry(text(receipt, "record")).or_default().entry(version).or_default() += 1;
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

fn converged(place: usize, phone: &Worked, server: &Server) -> Result<(), String> {
    let store = &phone.disk.store;
    let Some(sync) = store.sync_state(&phone.business) else {
        return Err(format!("phone {place} never loaded its business"));
    };
    let number = sync.cursor.map(|cursor| cursor.to_string());
    let at_head = number.as_ref().is_some_and(|cursor| {
        cursor.rsplit_once('.').and_then(|(_, number)| number.parse().ok()) == Some(server.head)
    });
    if !at_head {
        return Err(format!("phone {place} stays at {number:?} of {}", server.head));
    }
    let rows = store.records(&phone.business, sync.generation).map(|row| {
        let record = row.record.as_ref().map(Value::to_string);
        (row.key.to_string(), (row.version.0, record))
    });
    compare(&format!("phone {place}"), &server.records, &rows.collect())
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

/// Who owes what, counted here from the records, is what the server's report says.
fn debts_differ(stack: &Stack, admin: &str, records: &Content) -> Result<(), String> {
    let mut debts: BTreeMap<String, i64> = BTreeMap::new();
    for (key, record) in records.iter().filter_map(|(key, (_, live))| Some((key, live.as_ref()?))) {
        let record: Value = serde_json::from_str(record).map_err(|error| error.to_string())?;
        let debt = if key.starts_with("sales#") {
            centimos(&record["balanceDue"])?
        } else if key.starts_with("abonos#") {
            -centimos(&record["amount"])?
        } else {
            continue;
        };
        *debts.entry(text(&record, "clientId")).or_default() += debt;
    }
    // Who has paid too much owes nothing; who is deleted still owes.
    debts.retain(|_, debt| *debt > 0);
    let url = stack.at("url");
    let session = log_in(url, admin, PASSWORD).ok_or("the administrator cannot sign in")?;
    let bearer = format!("Bearer {}", session.token);
    let url = format!("{url}/api/reports/accounts-receivable");
    let answer = exchange("GET", &url, &[("authorization", &bearer)], None);
    let body: Value = answer
        .ok()
        .and_then(|answer| serde_json::from_str(&answer.body).ok())
        .ok_or("no report of debts")?;
    let customers = body["data"]["customers"].as_array().ok_or("a report without customers")?;
    let mut theirs = BTreeMap::new();
    for one in customers {
        theirs.insert(text(one, "clientId"), centimos(&one["debt"])?);
    }
    if theirs == debts { Ok(()) } else { Err(format!("debts: {theirs:?} reported, {debts:?}")) }
}

pub(crate) fn centimos(value: &Value) -> Result<i64, String> {
    let text = value.as_str().ok_or_else(|| format!("{value} is no amount"))?;
    let (_, places) = text.split_once('.').ok_or_else(|| format!("{text} has no places"))?;
    if places.len() != 2 {
        return Err(format!("{text} has not two places"));
    }
    text.replace('.', "").parse().map_err(|_| format!("{text} is no amount"))
}

/// What was promised to people is so.
fn kept(phones: &[Worked], decided: &BTreeMap<String, Value>, tally: &Tally) {
    let queues: Vec<BTreeMap<OperationId, OperationRecord>> = phones
        .iter()
        .map(|phone| phone.disk.store.operations().map(|one| (one.id.clone(), one)).collect())
        .collect();
    let took_effect = |id: &str| decided.get(id).filter(|one| one["outcome"] != "rejected");
    let promises = tally.promises();
    for (id, place) in &promises.saved {
        let here = queues[*place].contains_key(id);
        let taken_back = promises.taken_back.contains(id);
        if !here && !taken_back && !decided.contains_key(id.as_str()) {
            tally.found(format!("lost: {id} was saved on phone {place} and is nowhere"));
        }
    }
    for (id, version) in &promises.acknowledged {
        if took_effect(id.as_str()).is_none() {
            tally.found(format!("lost: {id} was acknowledged as version {version}"));
        }
    }
    for (place, queue) in queues.iter().enumerate() {
        let some_failed = queue.values().any(|one| one.status == QueueStatus::Failed);
        for one in queue.values() {
            tally.count(&format!("at the end {:?}", one.status));
            let id = &one.id;
            match one.status {
                QueueStatus::Processed if took_effect(id.as_str()).is_none() => {
                    tally.found(format!("lost: phone {place} believes that {id} took effect"));
                }
                QueueStatus::Failed if one.code.is_none() || one.last_error.is_none() => {
                    tally.found(format!("{id} failed on phone {place} without a reason"));
                }
                QueueStatus::Failed if took_effect(id.as_str()).is_some() => {
                    tally.found(format!("{id} failed on phone {place}, and it took effect"));
                }
                QueueStatus::Pending if !some_failed => {
                    tally.found(format!("{id} is stuck on phone {place}: {:?}", one.last_error));
                }
                _ => {}
            }
            if one.account.business != phones[place].business {
                tally.found(format!("leak: {id} in the queue of phone {place}"));
            }
        }
    }
}

pub(crate) fn text(of: &Value, field: &str) -> String {
    of[field].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A sale of two versions, made by two operations.
    fn server() -> Server {
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
        assert!(doubled(&server()).is_empty() && gaps(&server()).is_ok());
        let mut twice = server();
        twice.records.insert("sales#s".to_owned(), (3, Some("{}".to_owned())));
        assert_eq!(doubled(&twice).len(), 1, "a version without an operation");
        let mut shared = server();
        shared.receipts.insert("op-3".to_owned(), shared.receipts["op-2"].clone());
        assert_eq!(doubled(&shared).len(), 1, "two operations, one version");
        let mut lost = server();
        lost.records.clear();
        assert_eq!(doubled(&lost).len(), 1, "receipts without a record");
        let mut gap = server();
        gap.changes.remove(0);
        assert!(gaps(&gap).is_err());
    }

    #[test]
    fn a_record_that_differs_is_missing_or_too_many_is_found() {
        let (ours, mut theirs) = (server().records, server().records);
        assert!(compare("it", &ours, &theirs).is_ok());
        theirs.insert("sales#t".to_owned(), (1, None));
        assert!(compare("it", &ours, &theirs).is_err() && compare("it", &theirs, &ours).is_err());
        theirs.remove("sales#t");
        theirs.insert("sales#s".to_owned(), (2, Some("{\"a\":1}".to_owned())));
        assert!(compare("it", &ours, &theirs).is_err());
    }
}
