//! Nothing flickers: what a seller typed stays on his screen from the moment it is saved, over its
//! acknowledgement, until the synced record is at or past the version that it led to.

use std::collections::BTreeMap;

use engine::{OperationRecord, Query, QueueStatus, RecordKey, Rows};
use protocol::{Action, OperationId};

use crate::world::World;

/// Operations that a tab has seen acknowledged and whose record has not come yet.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    awaited: BTreeMap<(usize, OperationId), (OperationRecord, u64)>,
}

impl Overlay {
    /// A tab writes a row of an operation, in this life of its.
    pub(crate) fn note(&mut self, tab: usize, life: u64, operation: &OperationRecord) {
        let at = (tab, operation.id.clone());
        if operation.status == QueueStatus::Processed && operation.operation != Action::Delete {
            self.awaited.entry(at).or_insert_with(|| (operation.clone(), life));
        } else {
            self.awaited.remove(&at);
        }
    }
}

impl World {
    /// After a tab has heard that a commit of its is durable.
    pub(crate) fn check_screen(&mut self, tab: usize) {
        let Some(engine) = &self.tabs[tab].engine else { return };
        let Some(account) = engine.signed_in().map(|one| &one.account) else { return };
        let first = (tab, OperationId::try_from("!".to_owned()).expect("an id"));
        let ours = self.checkers.overlay.awaited.range(first..);
        let (mut done, mut flickers) = (Vec::new(), None);
        for (at, (operation, life)) in ours.take_while(|(at, _)| at.0 == tab) {
            let key = operation.target();
            let synced = self.synced(tab, engine, &key);
            let led_to = self.checkers.answers.version(tab, &at.1);
            let has_come = led_to
                .is_none_or(|led_to| synced.as_ref().is_some_and(|row| row.version.0 >= led_to));
            if has_come || *life != self.tabs[tab].life || operation.account != *account {
                done.push(at.clone());
                continue;
            }
            let version = synced.map(|row| row.version);
            if !engine.operations_on_top(&key, version).any(|shown| shown.id == at.1) {
                flickers = Some(format!("tab {tab} shows {key} without {}: {led_to:?}", at.1));
            }
        }
        for at in done {
            self.checkers.overlay.awaited.remove(&at);
        }
        if let Some(what) = flickers {
            self.checkers.accuse("overlay", what);
        }
    }

    /// A synced record as a screen of this phone reads it.
    fn synced(
        &self,
        tab: usize,
        engine: &engine::Engine,
        key: &RecordKey,
    ) -> Option<engine::SyncedRecord> {
        let query = Query::Records {
            business: engine.signed_in()?.account.business.clone(),
            generation: engine.sync_state().generation,
            keys: vec![key.clone()],
        };
        match self.profiles[self.tabs[tab].profile].store.read(&query) {
            Rows::Records(rows) => rows.into_iter().next(),
            _ => None,
        }
    }
}
