//! Reading the model from the phone's database: all of it in pages, then what looks different.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::RecordKey;
use engine::{Account, Generation, QueueStatus, StorageFault, SyncedKey, SyncedRecord};
use gloo_timers::future::TimeoutFuture;
use indexeddb::StoredText;
use protocol::{Entity, Gather, OperationId};
use wasm_bindgen_futures::spawn_local;

use super::entry::Entry;
use super::model::{Model, Rows, Stage};
use crate::shell::Listener;

/// What the driver tells the model.
pub(super) struct Following(pub(super) Rc<Model>);

impl Listener for Following {
    fn at_work(&self, account: Option<&Account>) {
        let model = &self.0;
        if model.account.borrow().as_ref() == account {
            return;
        }
        model.account.replace(account.cloned());
        model.round.set(model.round.get() + 1);
        model.rows.replace(Rows::default());
        model.is_read.set(false);
        model.dirty.take();
        model.reading.set(false);
        model.stage.set(Stage::Loading(0));
        model.tell(&Entity::ALL.iter().copied().gather());
    }

    fn queue_loaded(&self, _account: &Account) {
        // A read of the queue that failed says nothing yet of the set in use.
        let loaded = self.0.driver.with_engine(engine::Engine::is_loaded);
        if loaded && self.0.stage.get() != Stage::Ready && !self.0.reading.get() {
            self.read_everything();
        }
    }

    fn changed(&self, records: BTreeSet<RecordKey>, everything: bool) {
        if everything || matches!(self.0.stage.get(), Stage::Failed(_)) {
            self.read_everything();
        } else {
            self.0.dirty.borrow_mut().extend(records);
            self.read_dirty();
        }
    }
}

impl Following {
    /// Reads all records after a read that failed. While the engine has not read the queue there is
    /// no set to read: it tries by itself, every few seconds.
    pub(super) fn read_again(&self) {
        if self.0.driver.with_engine(engine::Engine::is_loaded) {
            self.read_everything();
        }
    }

    /// Reads all records anew, page by page; what is shown stays until they are all there.
    fn read_everything(&self) {
        let model = Rc::clone(&self.0);
        model.round.set(model.round.get() + 1);
        model.reading.set(true);
        let round = model.round.get();
        spawn_local(async move {
            let read = model.read_all(round).await;
            if model.round.get() != round {
                return;
            }
            model.reading.set(false);
            match read {
                Ok(rows) => {
                    model.rows.replace(rows);
                    model.shown.set(round);
                    model.is_read.set(true);
                    model.dirty.borrow_mut().extend(model.on_top());
                    model.read_keys(round).await;
                    model.stage.set(Stage::Ready);
                    model.tell(&Entity::ALL.iter().copied().gather());
                }
                Err(fault) => model.stage.set(Stage::Failed(fault)),
            }
        });
    }

    fn read_dirty(&self) {
        let model = Rc::clone(&self.0);
        // While everything is read, what looks different waits for it.
        if model.reading.get() || model.stage.get() != Stage::Ready {
            return;
        }
        let round = model.round.get();
        spawn_local(async move { model.read_keys(round).await });
    }
}

impl Model {
    /// The set in use, as the engine has read it.
    fn set_in_use(&self) -> Option<(Account, Generation)> {
        self.driver.with_engine(|engine| {
            let account = engine.signed_in()?.account.clone();
            Some((account, engine.sync_state().generation))
        })
    }

    async fn read_all(&self, round: u64) -> Result<Rows, StorageFault> {
        let mut rows = Rows::default();
        let Some((account, generation)) = self.set_in_use() else { return Ok(rows) };
        let mut after = None;
        loop {
            let page = self
                .database
                .page(&account.business, generation, after.as_ref(), PAGE_RECORDS)
                .await?;
            if self.round.get() != round {
                return Ok(rows);
            }
            let is_last = page.len() < PAGE_RECORDS;
            after = page.last().map(|record| record.key.clone());
            for StoredText { key, version, text } in page {
                // What this version does not know is kept for the one that does.
                let Some(key) = key.known() else { continue };
                let entry = text.and_then(|text| Entry::synced(key.clone(), version, text));
                rows.put(&key, entry);
            }
            if is_last {
                return Ok(rows);
            }
            if matches!(self.stage.get(), Stage::Loading(_)) {
                self.stage.set(Stage::Loading(rows.count()));
            }
            // The page answers taps between two pages.
            TimeoutFuture::new(0).await;
        }
    }

    /// Reads what looks different, until nothing does. One reader at a time, so that an older read
    /// never comes after a newer one.
    async fn read_keys(&self, round: u64) {
        if self.reading.replace(true) {
            return;
        }
        while self.round.get() == round {
            let keys: Vec<RecordKey> = {
                let mut dirty = self.dirty.borrow_mut();
                let rest = dirty.iter().nth(PAGE_RECORDS).cloned();
                let later = rest.map(|first| dirty.split_off(&first)).unwrap_or_default();
                std::mem::replace(&mut *dirty, later).into_iter().collect()
            };
            if keys.is_empty() {
                break;
            }
            let Some((account, generation)) = self.set_in_use() else { break };
            let synced: Vec<SyncedKey> = keys.iter().cloned().map(Into::into).collect();
            match self.database.texts(&account.business, generation, &synced).await {
                Ok(found) if self.round.get() == round => self.take_in(&keys, found),
                Ok(_) => break,
                Err(fault) => {
                    // What is shown may be old now: say so rather than show it.
                    self.stage.set(Stage::Failed(fault));
                    break;
                }
            }
        }
        if self.round.get() == round {
            self.reading.set(false);
        }
    }

    fn take_in(&self, keys: &[RecordKey], found: Vec<StoredText>) {
        let mut entities = BTreeSet::new();
        let mut found = found.into_iter().peekable();
        for key in keys {
            let stored = found.next_if(|stored| stored.key.known().as_ref() == Some(key));
            let entry = self.lay_over(key, stored);
            self.rows.borrow_mut().put(key, entry);
            entities.insert(key.entity);
        }
        if self.stage.get() == Stage::Ready {
            self.tell(&entities);
        }
    }

    /// The record with its operations on top.
    fn lay_over(&self, key: &RecordKey, stored: Option<StoredText>) -> Option<Entry> {
        let is_on_top = self.driver.with_engine(|engine| engine.queue().on(key).next().is_some());
        if !is_on_top {
            let stored = stored?;
            return Entry::synced(key.clone(), stored.version, stored.text?);
        }
        let synced = stored.map(|stored| SyncedRecord {
            key: key.clone().into(),
            version: stored.version,
            record: stored.text.and_then(|text| protocol::json::from_str(&text).ok()),
        });
        self.driver.with_engine(|engine| {
            let shown = engine.show_record(key, synced.as_ref())?;
            let failed = |id: &OperationId| {
                engine.queue().get(id).is_some_and(|one| one.status == QueueStatus::Failed)
            };
            Entry::shown(shown, failed)
        })
    }

    fn on_top(&self) -> BTreeSet<RecordKey> {
        self.driver.with_engine(|engine| {
            Entity::ALL.iter().flat_map(|entity| engine.records_on_top(*entity)).gather()
        })
    }
}

/// Read at once: some 20 ms of work on a phone.
const PAGE_RECORDS: usize = 400;
