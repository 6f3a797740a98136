//! Where people look for the place in the feed: `avileo-sync-last-since` and `avileo-sync-last-at`.
//!
//! Copies only: localStorage loses the last seconds of a browser that is killed. The cursor that
//! counts lies in IndexedDB, with the rows that it covers.

use gloo_storage::{LocalStorage, Storage};
use protocol::{Cursor, Instant};

/// Copies the cursor of the account at work.
pub(super) fn publish(cursor: Cursor, last_tail_at: Option<Instant>) {
    put(SINCE, Some(&cursor.to_string()));
    put(AT, last_tail_at.map(|at| at.to_string()).as_deref());
}

/// Whether somebody was at work when this phone was last used.
pub(crate) fn is_known() -> bool {
    LocalStorage::raw().get_item(SINCE).ok().flatten().is_some()
}

/// Nobody is at work.
pub(super) fn clear() {
    put(SINCE, None);
    put(AT, None);
}

/// True the first time that it is asked on this phone.
pub(super) fn first_time(key: &str) -> bool {
    let storage = LocalStorage::raw();
    let known = storage.get_item(key).ok().flatten().is_some();
    if !known {
        put(key, Some("1"));
    }
    !known
}

/// A full or forbidden localStorage costs a copy, nothing else.
fn put(key: &str, text: Option<&str>) {
    let storage = LocalStorage::raw();
    drop(match text {
        Some(text) => storage.set_item(key, text),
        None => storage.remove_item(key),
    });
}

const SINCE: &str = "avileo-sync-last-since";
const AT: &str = "avileo-sync-last-at";
