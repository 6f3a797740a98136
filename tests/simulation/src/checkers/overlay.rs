//! Nothing flickers: what a seller typed stays on his screen from the moment it is saved, over its
//! acknowledgement, until the synced record is at or past the version that it led to.

use std::collections::BTreeMap;

use engine::{Engine, OperationRecord, QueueStatus, RecordKey, SyncedRecord};
use protocol::{Action, OperationId};

use crate::world::World;

/// Operations that a tab has seen acknowledged and whose record has not come yet.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    awaited: BTreeMap<(usize, OperationId), Awaited>,
}

#[derive(Debug)]
struct Awaited {
    operation: OperationRecord,
    key: RecordKey,
    /// The tab's, when it was acknowledged.
    life: u64,
    /// What the screen was drawn from when it was last looked at.
    drawn_from: Option<u64>,
}

impl Overlay {
    /// A tab writes a row of an operation, in this life of its.
    pub(crate) fn note(&mut self, tab: usize, life: u64, operation: &OperationRecord) {
        let at = (tab, operation.id.clone());
        if operation.status == QueueStatus::Processed && operation.operation != Action::Delete {
            self.awaited.entry(at).or_insert_with(|| Awaited {
                operation: operation.clone(),
                key: operation.target(),
                life,
                drawn_from: None,
            });
        } else {
            // Whichever tab sends it again, after a restore, waits for another version.
            self.awaited.retain(|(_, id), _| *id != operation.id);
        }
    }
}

impl World {
    /// After a tab has heard that a commit of its is durable.
    pub(crate) fn check_screen(&mut self, tab: usize) {
        let Some(engine) = &self.tabs[tab].engine else { return };
        let Some(account) = engine.signed_in().map(|one| &one.account) else { return };
        let business = &account.business;
        // Somebody has just signed in: his queue is being read.
        if !engine.is_loaded() {
            return;
        }
        let generation = engine.sync_state().generation;
        let phone = self.tabs[tab].profile;
        let store = &self.profiles[phone].store;
        // Another tab has taken a snapshot in: the rows of this one's screen are gone, and it is
        // about to read the new ones.
        if store.sync_state(business).is_some_and(|sync| sync.generation != generation) {
            return;
        }
        let first = (tab, OperationId::try_from("!".to_owned()).expect("an id"));
        let ours = self.checkers.overlay.awaited.range(first..);
        let (mut done, mut looked_at, mut flickers) = (Vec::new(), Vec::new(), None);
        for (at, awaited) in ours.take_while(|(at, _)| at.0 == tab) {
            let key = &awaited.key;
            let synced = store.record(business, generation, key);
            let led_to = self.checkers.answers.version(phone, &at.1);
            let has_come =
                led_to.is_none_or(|led_to| synced.is_some_and(|row| row.version.0 >= led_to));
            let operation = &awaited.operation;
            if has_come || awaited.life != self.tabs[tab].life || operation.account != *account {
                done.push(at.clone());
                continue;
            }
            let drawn_from = drawn_from(engine, key, synced);
            if awaited.drawn_from == Some(drawn_from) {
                continue;
            }
            looked_at.push((at.clone(), drawn_from));
            let shown = engine.show_record(key, synced);
            if !shown.is_some_and(|shown| shown.operations.contains(&at.1)) {
                flickers = Some(format!("tab {tab} shows {key} without {}: {led_to:?}", at.1));
            }
        }
        let awaited = &mut self.checkers.overlay.awaited;
        for at in done {
            awaited.remove(&at);
        }
        for (at, drawn_from) in looked_at {
            if let Some(one) = awaited.get_mut(&at) {
                one.drawn_from = Some(drawn_from);
            }
        }
        if let Some(what) = flickers {
            self.checkers.accuse("overlay", what);
        }
    }
}

/// One number for all that a record on the screen is drawn from.
fn drawn_from(engine: &Engine, key: &RecordKey, synced: Option<&SyncedRecord>) -> u64 {
    let version = synced.map_or(0, |row| row.version.0 + 1);
    engine.queue().on(key).fold(version, |hash, one| {
        let row = [one.sequence.0, one.updated_at.as_millis().cast_unsigned(), one.status as u64];
        row.into_iter().fold(hash, |hash, part| {
            (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
        })
    })
}
