//! A seller who had to go writes nothing that was done after that.

use std::collections::BTreeMap;

use engine::Account;
use protocol::Instant;
use serde_json::Value;
use store::memory::StreamRecord;
use store::tables::Item;

use crate::world::Dismissed;

/// A write of the records table, by an invocation that began at `began`: no field was last set by
/// him at a later time. What he sets over a value that he has seen is never earlier than that value,
/// whatever his own clock says; and what was under way when he had to go may end.
pub(crate) fn write(
    dismissed: &BTreeMap<Account, Dismissed>,
    entry: &StreamRecord,
    began: Instant,
) -> Result<(), String> {
    if dismissed.is_empty() {
        return Ok(());
    }
    for (field, clock) in clocks(entry.new.as_deref()) {
        let by = clock.get("by").and_then(Value::as_str).unwrap_or_default();
        let mut gone = dismissed.iter().filter(|(account, _)| {
            account.user.as_str() == by && account.business.as_str() == entry.key.partition
        });
        let mut before = clocks(entry.old.as_deref()).filter(|(other, _)| *other == field);
        let Some(at) = set_at(clock).filter(|at| before.all(|(_, it)| set_at(it) < Some(*at)))
        else {
            continue;
        };
        if gone.any(|(_, dismissed)| at.min(began) > dismissed.at) {
            let key = &entry.key.sort;
            return Err(format!("{key}: {by} had gone when he set {field} at {at}"));
        }
    }
    Ok(())
}

fn clocks(item: Option<&Item>) -> impl Iterator<Item = (&String, &Value)> {
    item.and_then(|item| item.get("clocks")).and_then(Value::as_object).into_iter().flatten()
}

fn set_at(clock: &Value) -> Option<Instant> {
    clock.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok())
}
