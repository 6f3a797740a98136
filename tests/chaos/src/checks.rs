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
use protocol::{Action, BusinessId, Entity, OperationId, Session};
use serde_json::Value;

use crate::days::closed_days;
use crate::exported::{Content, Server, doubled, gaps, read, text};
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
    let removals = removals(phones);
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
            .chain(doubled(&server, &removals))
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

/// The operations that take an item out of a sale.
fn removals(phones: &[Worked]) -> BTreeSet<String> {
    let operations = phones.iter().flat_map(|phone| phone.disk.store.operations());
    operations
        .filter(|one| one.entity == Entity::SaleItems && one.operation == Action::Delete)
        .map(|one| one.id.to_string())
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exported::tests::server;

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
