//! Same cursor, same digest: whatever a phone stores beside its cursor is what the server has at
//! that change.

use engine::SyncState;
use protocol::BusinessId;
use serde_json::Value;
use store::feed::Head;
use store::memory::MemoryTables;
use store::tables::{Key, Table};

/// A phone stores where it stands.
pub(crate) fn check(
    tables: &MemoryTables,
    (business, state): (&BusinessId, &SyncState),
) -> Result<(), String> {
    let Some(cursor) = state.cursor else { return Ok(()) };
    let head = tables.peek(&Head::key(business)).and_then(|item| Head::from_item(item).ok());
    let Some(head) = head else { return Ok(()) };
    if cursor.epoch != head.epoch || cursor.number < state.compare_from {
        return Ok(());
    }
    if cursor.number > head.number {
        return Err(format!("it stands at {cursor}, beyond the head {}", head.number));
    }
    let sort = format!("change#{:016}", cursor.number.0);
    let row = tables.look(&Key::new(Table::Changes, business.as_str(), sort));
    let theirs = row.as_ref().and_then(|row| row.get("digest")).and_then(Value::as_str);
    let ours = state.digest.to_string();
    match theirs {
        Some(theirs) if theirs != ours => {
            Err(format!("at {cursor} it has the digest {ours}, the server {theirs}"))
        }
        _ => Ok(()),
    }
}
