//! A phone's database on disk: the engine's own store in memory, and a journal that brings it back.
//!
//! One line of JSON for each commit, its writes in order and a checksum before them; a commit is
//! acknowledged once its line is in the file. That survives the death of the phone at any instant
//! (a torn last line counts as never written), not that of the machine: nothing is forced to the
//! disk, since these phones and their machine die together and then nobody asks.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use engine::memory::MemoryStore;
use engine::{Committed, Generation, RowWrite, StorageFault, SyncedKey, SyncedRecord, Transaction};
use protocol::Version;
use serde_json::{Value, json};

/// The database of one phone.
#[derive(Debug)]
pub(crate) struct Disk {
    path: PathBuf,
    file: File,
    pub(crate) store: MemoryStore,
}

/// Where a phone dies in a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// Nothing is written.
    Before,
    /// Half of it is.
    Within,
    /// All is, and nobody is told.
    After,
}

impl Disk {
    /// Opens it; what was acknowledged is there.
    pub(crate) fn open(path: &Path) -> Self {
        let text = std::fs::read(path).unwrap_or_default();
        let mut store = MemoryStore::default();
        let mut whole_bytes = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let Some(writes) = read_line(line) else { break };
            let transaction = Transaction { expectations: Vec::new(), writes };
            store.commit(transaction).expect("what was written once is written again");
            whole_bytes += line.len();
        }
        let rest = text.len() - whole_bytes;
        assert!(!text[whole_bytes..].contains(&b'\n'), "only a last line is torn ({rest} bytes)");
        let file = OpenOptions::new().create(true).append(true).open(path).expect("a journal");
        file.set_len(whole_bytes as u64).expect("a torn line is cut off");
        Self { path: path.to_owned(), file, store }
    }

    /// The same database after the phone's death.
    pub(crate) fn reopen(&mut self) {
        *self = Self::open(&self.path);
    }

    /// Performs a commit; acknowledged once the journal has it.
    pub(crate) fn commit(&mut self, transaction: Transaction) -> Result<Committed, StorageFault> {
        let line = line_of(&transaction.writes);
        let committed = self.store.commit(transaction)?;
        self.file.write_all(&line).expect("the journal takes it");
        Ok(committed)
    }

    /// Dies in the middle of a commit.
    pub(crate) fn die(&mut self, transaction: Transaction, death: Death) {
        let line = line_of(&transaction.writes);
        let is_stale = self.store.clone().commit(transaction).is_err();
        let bytes = match death {
            Death::Before => 0,
            Death::Within => line.len() / 2,
            Death::After => line.len(),
        };
        if !is_stale {
            self.file.write_all(&line[..bytes]).expect("the journal takes it");
        }
    }
}

fn line_of(writes: &[RowWrite]) -> Vec<u8> {
    let writes = Value::Array(writes.iter().map(to_json).collect()).to_string();
    format!("{:016x} {writes}\n", checksum(writes.as_bytes())).into_bytes()
}

/// `None` if it is torn.
fn read_line(line: &[u8]) -> Option<Vec<RowWrite>> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, writes) = text.split_once(' ')?;
    if u64::from_str_radix(sum, 16).ok()? != checksum(writes.as_bytes()) {
        return None;
    }
    let writes: Vec<Value> = serde_json::from_str(writes).ok()?;
    Some(writes.into_iter().map(|write| from_json(write).expect("a write of ours")).collect())
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn to_json(write: &RowWrite) -> Value {
    match write {
        RowWrite::Enqueue(operation) => json!({"enqueue": operation}),
        RowWrite::PutOperation(operation) => json!({"operation": operation}),
        RowWrite::RemoveOperation(id) => json!({"remove": id}),
        RowWrite::ForgetProcessed { business, before } => {
            json!({"forget": business, "before": before})
        }
        RowWrite::PutSync { business, state } => json!({"sync": business, "state": state}),
        RowWrite::PutRecord { business, generation, record } => {
            let SyncedRecord { key: SyncedKey { entity, id }, version, record } = record;
            json!({"record": business, "generation": generation, "entity": entity, "id": id,
                "version": version, "value": record})
        }
        RowWrite::KeepGenerations { business, generations } => {
            json!({"keep": business, "generations": generations})
        }
    }
}

fn from_json(mut write: Value) -> serde_json::Result<RowWrite> {
    let mut take = |field: &str| write[field].take();
    let kinds = ["enqueue", "operation", "remove", "forget", "sync", "record", "keep"];
    let found = kinds.iter().map(|kind| (*kind, take(kind))).find(|(_, value)| !value.is_null());
    let (kind, value) = found.expect("a write has a kind");
    Ok(match kind {
        "enqueue" => RowWrite::Enqueue(serde_json::from_value(value)?),
        "operation" => RowWrite::PutOperation(serde_json::from_value(value)?),
        "remove" => RowWrite::RemoveOperation(serde_json::from_value(value)?),
        "forget" => RowWrite::ForgetProcessed {
            business: serde_json::from_value(value)?,
            before: serde_json::from_value(take("before"))?,
        },
        "sync" => RowWrite::PutSync {
            business: serde_json::from_value(value)?,
            state: serde_json::from_value(take("state"))?,
        },
        "record" => {
            let generation: Generation = serde_json::from_value(take("generation"))?;
            let entity = serde_json::from_value(take("entity"))?;
            let key = SyncedKey::new(entity, serde_json::from_value(take("id"))?);
            let version: Version = serde_json::from_value(take("version"))?;
            let record = Some(take("value")).filter(|value| !value.is_null());
            let business = serde_json::from_value(value)?;
            let record = SyncedRecord { key, version, record };
            RowWrite::PutRecord { business, generation, record }
        }
        _ => RowWrite::KeepGenerations {
            business: serde_json::from_value(value)?,
            generations: serde_json::from_value(take("generations"))?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::SyncState;
    use protocol::Entity;

    fn record(id: &str) -> Transaction {
        let business: protocol::BusinessId = "b".parse().expect("an id");
        let key = SyncedKey::new(Entity::Customers.into(), id.parse().expect("an id"));
        let value = Some(json!({"name": "Rosa", "weight": 1}));
        let record = SyncedRecord { key, version: Version(3), record: value };
        let sync = RowWrite::PutSync { business: business.clone(), state: Box::default() };
        let put = RowWrite::PutRecord { business, generation: Generation(0), record };
        Transaction { expectations: Vec::new(), writes: vec![sync, put] }
    }

    #[test]
    fn a_commit_comes_back_after_the_phone_s_death_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let business = "b".parse().expect("an id");
        let mut disk = Disk::open(&path);
        disk.commit(record("one")).expect("written");
        for (death, expected) in [(Death::Before, 1), (Death::Within, 1), (Death::After, 2)] {
            disk.die(record("two"), death);
            disk.reopen();
            let found: Vec<_> = disk.store.records(&business, Generation(0)).cloned().collect();
            assert_eq!(found.len(), expected, "{death:?}");
            assert_eq!(disk.store.sync_state(&business), Some(&SyncState::default()));
            assert_eq!(found[0].record, Some(json!({"name": "Rosa", "weight": 1})));
        }
    }
}
