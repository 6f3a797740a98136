//! A seller who had to go writes nothing that was done after that.

use std::collections::BTreeMap;

use engine::Account;
use protocol::Instant;
use serde_json::Value;
use store::memory::StreamRecord;

use crate::world::Dismissed;

/// A write of the records table: no field was last set by him at a later time.
pub(crate) fn write(
    dismissed: &BTreeMap<Account, Dismissed>,
    entry: &StreamRecord,
) -> Result<(), String> {
    if dismissed.is_empty() {
        return Ok(());
    }
    let clocks = entry.new.as_ref().and_then(|new| new.get("clocks")).and_then(Value::as_object);
    for (field, clock) in clocks.into_iter().flatten() {
        let by = clock.get("by").and_then(Value::as_str).unwrap_or_default();
        let mut gone = dismissed.iter().filter(|(account, _)| {
            account.user.as_str() == by && account.business.as_str() == entry.key.partition
        });
        let at = clock.get("at").and_then(Value::as_str).and_then(|at| at.parse::<Instant>().ok());
        if gone.any(|(_, dismissed)| at.is_some_and(|at| at > dismissed.at)) {
            let key = &entry.key.sort;
            return Err(format!("{key}: {by} had gone when he set {field} at {at:?}"));
        }
    }
    Ok(())
}
