//! `delete-business`: a business and all of its data, for good.
//!
//! 1. The name must be the business's own, and `verify` must find nothing wrong.
//! 2. A mark, `business#{id}` · `deletion`, says that it has begun: interrupted, it is resumed by
//!    the same command, without verifying what is half gone.
//! 3. Its people, their addresses and sessions: from here on nobody writes.
//! 4. What was under way is published (`verify` once more, when not resuming): no late record of the
//!    stream meets a feed that is gone.
//! 5. Records, receipts, then the feed, its head first: whatever the stream still brings, now or
//!    when it brings something again, finds neither a head to append to nor a business to mark.
//! 6. Its place in the list; the business itself, and the mark last.

use auth::partition_of;
use protocol::BusinessId;
use serde_json::{Value, json};
use store::reading::read_items;
use store::tables::{Condition, Key, Surroundings, Table, Write};

use crate::cli::DeleteBusiness;
use crate::place::Place;
use crate::problem::Problem;
use crate::report::Report;

/// Deletes it.
pub(crate) async fn delete(place: &Place, wanted: &DeleteBusiness) -> Result<Report, Problem> {
    let id = &wanted.business;
    let mark = Key::new(Table::Accounts, partition_of(id), "deletion");
    let begun = read_items(&place.tables, &place.clock, [mark.clone()]).await?.remove(&mark);
    let name = match &begun {
        Some(mark) => mark.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        None => place.business(id).await?.name,
    };
    if name != wanted.yes_delete {
        return Err(Problem::Refused(format!(
            "business {id} is called `{name}`, not `{}`: nothing was deleted",
            wanted.yes_delete
        )));
    }
    if begun.is_none() {
        refuse_if_wrong(place, id, "nothing was deleted").await?;
        let mut item = mark.to_item();
        item.insert("name".into(), name.as_str().into());
        item.insert("since".into(), place.clock.now().to_string().into());
        put(place, item).await?;
    }
    let people = place.operator().remove_everyone(id).await?;
    if begun.is_none() {
        let told = "its people are deleted; the same command again deletes the rest as it is";
        refuse_if_wrong(place, id, told).await?;
    }
    let (partition, accounts) = (id.as_str(), partition_of(id));
    let records = place.delete_partition(Table::Records, partition, None).await?;
    let receipts = place.delete_partition(Table::Operations, partition, None).await?;
    let delete = |key| Write::Delete { key, condition: Condition::None };
    let head = Key::new(Table::Changes, partition, "head");
    place.transact_surely(&[delete(head)]).await?;
    let changes = place.delete_partition(Table::Changes, partition, None).await?;
    let listed = Key::new(Table::Accounts, "businesses", partition);
    place.transact_surely(&[delete(listed)]).await?;
    place.delete_partition(Table::Accounts, &accounts, Some("deletion")).await?;
    place.transact_surely(&[delete(mark)]).await?;
    let line = format!(
        "deleted {name} ({id}): {people} people, {records} records, {receipts} receipts, {changes} \
         rows of the feed"
    );
    let data = json!({"business": id, "name": name, "people": people, "records": records,
        "receipts": receipts, "feedRows": changes});
    Ok(Report::new(vec![line], data))
}

async fn refuse_if_wrong(place: &Place, id: &BusinessId, told: &str) -> Result<(), Problem> {
    let found = store::verify::verify(&place.tables, &place.clock, id).await?;
    let Some(first) = found.differences.first() else { return Ok(()) };
    let count = found.differences.len();
    Err(Problem::Refused(format!(
        "{id}: {count} differences, the first: {first}; repair it first: {told}"
    )))
}

async fn put(place: &Place, item: store::tables::Item) -> Result<(), Problem> {
    let put = Write::Put { table: Table::Accounts, item, condition: Condition::None };
    Ok(place.transact_surely(&[put]).await?)
}
