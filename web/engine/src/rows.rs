//! What the phone keeps: synced records and where each business stands.

use domain::RecordKey;
use protocol::{Cursor, Digest, EntityName, Epoch, Instant, Number, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which of a business's sets of records: a snapshot fills a new one beside the one in use.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u32);

/// The key of a record that feed or snapshot published: its entity may be one that only a later
/// version of the app knows.
pub type SyncedKey = RecordKey<EntityName>;

/// A record as feed or snapshot published it, kept under business, generation, entity and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedRecord {
    /// Entity and id.
    pub key: SyncedKey,
    /// Its version; kept of deleted records too.
    pub version: Version,
    /// The whole record as it came, unknown fields included; `None` once deleted.
    pub record: Option<Value>,
}

/// What a recount needs of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    /// Entity and id.
    pub key: SyncedKey,
    /// Its version.
    pub version: Version,
    /// It is not deleted.
    pub live: bool,
}

/// Where a business's records stand on this phone; one row for each business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncState {
    /// Rises with every change of the business's records: writers compare it. Zero: never stored.
    pub revision: u64,
    /// The set in use.
    pub generation: Generation,
    /// Everything up to here is in it; `None` until the first snapshot is whole.
    pub cursor: Option<Cursor>,
    /// Of the set in use, kept running.
    pub digest: Digest,
    /// The highest change number seen in the snapshot; digests are compared from there on.
    pub compare_from: Number,
    /// The server's clock at the last tail: "Última sincronización".
    pub last_tail_at: Option<Instant>,
    /// The newest change as that tail said.
    pub head: Option<Number>,
    /// When the digest was last counted anew.
    pub recounted_at: Option<Instant>,
    /// Snapshots in a row that were taken because digests differed and did not help.
    pub heal_count: u32,
    /// No such snapshot before.
    pub heal_after: Option<Instant>,
    /// A snapshot under way.
    pub snapshot: Option<SnapshotProgress>,
}

/// A snapshot under way: what is needed to go on after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotProgress {
    /// The set being filled.
    pub generation: Generation,
    /// What the first answer named; `None` until it has come.
    pub as_of: Option<Cursor>,
    /// What to ask for next.
    pub next_part: Option<String>,
    /// Of the set being filled.
    pub digest: Digest,
    /// The highest change number seen.
    pub number_max: Number,
    /// Records so far, for the progress bar.
    pub records: u64,
    /// It was started because digests differed.
    pub healing: bool,
}

impl SyncState {
    /// The epoch of the set in use; `None` where there is none yet.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        self.cursor.map(|cursor| cursor.epoch)
    }

    /// The state that follows this one; whoever stores it expects the present revision.
    pub(crate) fn successor(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }
}
