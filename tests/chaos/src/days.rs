//! A seller's day, once it is quiet: acknowledged closings stand, a day has one and its corrections,
//! and each sale is counted in the closing that stands, or shown as late by it.
//!
//! A closing lists its latest late entries only; the feed has every state that it was in, so all
//! that it ever listed. What was lost on the way, in a push of many or a change that never reached
//! the feed, is known by its number, `lateEntriesCount`, and allowed for.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{BusinessId, Instant, RecordId};
use serde_json::Value;

use crate::checks::centimos;
use crate::exported::{Content, text};
use crate::tally::{Closed, Tally};

/// The closed days of a business.
#[derive(Debug, Default)]
pub(crate) struct Days {
    /// The closing that stands, or the one that counts, by `{seller}#{date}`.
    standing: BTreeMap<String, String>,
    /// Every record and moment that a closing has ever listed as late.
    late: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl Days {
    /// Takes what it needs of any row of a business.
    pub(crate) fn take(&mut self, item: &Value) {
        if let Some(day) = text(item, "record").strip_prefix("unique#closing#") {
            self.standing.insert(day.to_owned(), text(item, "owner"));
        }
        for entry in item["value"]["lateEntries"].as_array().into_iter().flatten() {
            let record = format!("{}#{}", text(entry, "entity"), text(entry, "id"));
            let of_closing = self.late.entry(text(&item["value"], "id")).or_default();
            of_closing.insert((record, text(entry, "at")));
        }
    }

    /// Days that neither counted nor listed some sale, or counted what there never was.
    pub(crate) fn slipped(&self, records: &Content) -> Vec<String> {
        let mut sales: BTreeMap<String, Vec<(&String, i64)>> = BTreeMap::new();
        let live = records.iter().filter(|(key, _)| key.starts_with("sales#"));
        for (key, record) in live.filter_map(|(key, (_, live))| Some((key, live.as_ref()?))) {
            let sale: Value = serde_json::from_str(record).unwrap_or_default();
            let amount = centimos(&sale["totalAmount"]).unwrap_or_default();
            sales.entry(day_of(&sale)).or_default().push((key, amount));
        }
        let days = self.standing.iter().filter_map(|(day, closing)| {
            // A day that is only being counted promises nothing yet.
            let (_, Some(record)) = records.get(&format!("closings#{closing}"))? else {
                return None;
            };
            let record: Value = serde_json::from_str(record).unwrap_or_default();
            let sales = sales.get(day).map(Vec::as_slice).unwrap_or_default();
            let wrong = self.miscounted(closing, &record, sales, records)?;
            Some(format!("lost: the closing {closing} of {day} {wrong}"))
        });
        days.collect()
    }

    /// What is wrong with the figures of a closing, given the live sales of its day.
    fn miscounted(
        &self,
        closing: &str,
        record: &Value,
        sales: &[(&String, i64)],
        records: &Content,
    ) -> Option<String> {
        let none = BTreeSet::new();
        let late = self.late.get(closing).unwrap_or(&none);
        let listed: BTreeSet<&String> = late.iter().map(|(record, _)| record).collect();
        let counted = record["totalSales"].as_u64().unwrap_or_default();
        let amount = centimos(&record["totalAmount"]).unwrap_or_default();
        let unknown = record["lateEntriesCount"].as_u64().unwrap_or_default();
        let unknown = unknown.saturating_sub(late.len() as u64);
        // What was never late has been counted as it is.
        let surely = sales.iter().filter(|(key, _)| !listed.contains(key));
        let (count, sum) = surely.fold((0, 0), |(n, sum), (_, amount)| (n + 1, sum + amount));
        // What was changed late may have been counted before; what was new then has not.
        let changed = |key: &&&String| records.get(**key).is_none_or(|(version, _)| *version > 1);
        let of_sales = listed.iter().filter(|key| key.starts_with("sales#"));
        let perhaps = of_sales.filter(changed).count() as u64 + unknown;
        if counted + unknown < count || counted > count + perhaps {
            return Some(format!("counts {counted} sales: {count} and at most {perhaps} more"));
        }
        if (perhaps == 0 && amount != sum) || (unknown == 0 && amount < sum) {
            return Some(format!("comes to {amount} céntimos: {sum} and {perhaps} changed sales"));
        }
        None
    }
}

/// `{seller}#{date in Lima}`.
fn day_of(sale: &Value) -> String {
    let at = text(sale, "saleDate").parse::<Instant>();
    let date = at.map(|at| at.date_in_lima().to_string()).unwrap_or_default();
    format!("{}#{date}", text(sale, "sellerId"))
}

/// Every closing that was acknowledged stands, and no day has two that correct none.
pub(crate) fn closed_days(
    closed: &BTreeMap<RecordId, Closed>,
    business: &BusinessId,
    records: &Content,
    tally: &Tally,
) {
    for (id, day) in closed.iter().filter(|(_, day)| day.business == *business) {
        if !records.contains_key(&format!("closings#{id}")) {
            tally.found(format!("lost: the closing {id} of {day:?} was acknowledged"));
        }
    }
    let mut days = BTreeMap::new();
    let closings = records.iter().filter(|(key, _)| key.starts_with("closings#"));
    for (key, record) in closings.filter_map(|(key, (_, live))| Some((key, live.as_ref()?))) {
        let record: Value = serde_json::from_str(record).unwrap_or_default();
        tally.count(if record["lateEntries"].is_null() {
            "closings"
        } else {
            "closings with late entries"
        });
        if !record["correctionOf"].is_null() {
            continue;
        }
        let day = (text(&record, "sellerId"), text(&record, "closingDate"));
        if let Some(other) = days.insert(day, key) {
            tally.found(format!("doubled: {other} and {key} close the same day"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Rosa's day of 22 November: closed with `sales`, each of 10.00, before `late` came.
    fn day(counted: u64, sales: &[(&str, u64)], late: &[&str]) -> Vec<String> {
        let (mut days, mut records) = (Days::default(), Content::new());
        for (id, version) in sales {
            // Still the 22nd in Lima.
            let sale = json!({"sellerId": "rosa", "totalAmount": "10.00",
                "saleDate": "2026-11-23T03:00:00.000Z"});
            records.insert(format!("sales#{id}"), (*version, Some(sale.to_string())));
        }
        days.take(&json!({"record": "unique#closing#rosa#2026-11-22", "owner": "one"}));
        let mut closing = json!({"id": "one", "totalSales": counted,
            "totalAmount": format!("{}.00", 10 * counted)});
        for (place, id) in late.iter().enumerate() {
            closing["lateEntries"] = json!([{"entity": "sales", "id": id, "at": "23:00"}]);
            closing["lateEntriesCount"] = json!(place + 1);
            days.take(&json!({"change": "change#1", "value": closing}));
        }
        records.insert("closings#one".to_owned(), (1, Some(closing.to_string())));
        days.slipped(&records)
    }

    #[test]
    fn a_sale_that_is_neither_counted_nor_late_is_found() {
        let none: Vec<String> = Vec::new();
        assert_eq!(day(2, &[("a", 1), ("b", 3)], &[]), none, "both are counted");
        assert_eq!(day(1, &[("a", 1), ("b", 1)], &["b"]), none, "one came late");
        assert_eq!(day(2, &[("a", 1), ("b", 2)], &["b"]), none, "one was changed late");
        assert_eq!(day(2, &[("a", 1)], &["gone"]), none, "one was deleted late");
        assert_eq!(day(1, &[("a", 1), ("b", 1), ("c", 1)], &["b", "c"]), none, "two came late");
        for (counted, sales, late) in [
            (1, &[("a", 1), ("b", 1)][..], &[][..]),
            (1, &[("a", 1), ("b", 1), ("c", 1)], &["c"]),
            // Counted, and late as well.
            (2, &[("a", 1), ("b", 1)], &["b"]),
            (1, &[], &[]),
        ] {
            assert_eq!(day(counted, sales, late).len(), 1, "{counted} of {sales:?}, late {late:?}");
        }
    }

    #[test]
    fn a_closing_that_is_gone_and_a_day_closed_twice_are_found() {
        let (business, tally) = ("b".parse().expect("an id"), Tally::default());
        let seller = "rosa".parse().expect("an id");
        let day = Closed { business, seller, date: "2026-11-22".to_owned() };
        let closed = BTreeMap::from([("one".parse().expect("an id"), day.clone())]);
        let closing = |correction: Value| {
            let record = json!({"sellerId": "rosa", "closingDate": "2026-11-22",
                "correctionOf": correction});
            (1, Some(record.to_string()))
        };
        let mut records = Content::from([("closings#one".to_owned(), closing(json!(null)))]);
        records.insert("closings#two".to_owned(), closing(json!("one")));
        closed_days(&closed, &day.business, &records, &tally);
        assert_eq!(tally.all_found(), Vec::<String>::new());
        records.insert("closings#three".to_owned(), closing(json!(null)));
        closed_days(&closed, &day.business, &records, &tally);
        assert_eq!(tally.all_found().len(), 1, "a day closed twice");
        records.remove("closings#one");
        closed_days(&closed, &day.business, &records, &tally);
        assert_eq!(tally.all_found().len(), 2, "an acknowledged closing is gone");
    }
}
