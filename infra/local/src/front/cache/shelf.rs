//! Where answers are kept: bounded, the longest unused gives way.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::forward::Key;
use super::entry::Entry;

/// Entries by key.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    slots: HashMap<Key, Slot>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Slot {
    entry: Arc<Entry>,
    bytes: usize,
    used: u64,
}

impl Shelf {
    /// What is kept under `key`.
    pub(super) fn get(&mut self, key: &Key) -> Option<Arc<Entry>> {
        self.uses += 1;
        let slot = self.slots.get_mut(key)?;
        slot.used = self.uses;
        Some(Arc::clone(&slot.entry))
    }

    /// Keeps `entry` under `key`; others make room for it.
    pub(super) fn put(&mut self, key: Key, entry: Arc<Entry>) {
        self.uses += 1;
        let bytes = key.bytes() + entry.bytes();
        self.remove(&key);
        if bytes > BYTES_MAX {
            return;
        }
        self.bytes += bytes;
        self.slots.insert(key, Slot { entry, bytes, used: self.uses });
        while self.bytes > BYTES_MAX || self.slots.len() > ENTRIES_MAX {
            let oldest = self.slots.iter().min_by_key(|(_, slot)| slot.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { break };
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(slot) = self.slots.remove(key) {
            self.bytes -= slot.bytes;
        }
    }
}

/// Some thousand pages of the feed.
const BYTES_MAX: usize = 64 * 1024 * 1024;
const ENTRIES_MAX: usize = 4096;
