//! The stream of the `records` table and its event source mapping: in order per item, in no order
//! between items, late, at least once, in batches cut anywhere.

use std::collections::VecDeque;

use store::memory::StreamRecord as Entry;
use store::record_changes::StreamRecord;
use xxhash_rust::xxh3::xxh3_64;

/// Some shards; an item's entries are all in one.
#[derive(Debug)]
pub(crate) struct Stream {
    shards: Vec<Shard>,
    /// The last entry that was taken out of the table.
    pub(crate) read_until: u64,
}

/// One shard, and the invocation that works on it.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// What nobody has confirmed yet.
    pub(crate) waiting: VecDeque<Entry>,
    /// An invocation is under way.
    pub(crate) busy: bool,
    /// Failures of its head in a row.
    pub(crate) failures: u32,
    /// After a failure the batch is bisected: at most so many entries.
    pub(crate) batch_max: usize,
}

impl Stream {
    /// With so many shards.
    pub(crate) fn new(shards: usize) -> Self {
        let shard = || Shard { batch_max: BATCH_MAX, ..Shard::default() };
        Self { shards: (0..shards).map(|_| shard()).collect(), read_until: 0 }
    }

    /// Puts an entry into its item's shard; says which.
    pub(crate) fn add(&mut self, entry: Entry) -> usize {
        self.read_until = entry.sequence;
        let hash = xxh3_64(format!("{}/{}", entry.key.partition, entry.key.sort).as_bytes());
        let count = u64::try_from(self.shards.len()).expect("few shards");
        let place = usize::try_from(hash % count).expect("few shards");
        self.shards[place].waiting.push_back(entry);
        place
    }

    /// A shard.
    pub(crate) fn shard(&mut self, place: usize) -> &mut Shard {
        &mut self.shards[place]
    }

    /// Nothing waits and nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.shards.iter().all(|shard| shard.waiting.is_empty() && !shard.busy)
    }

    /// The tables were restored: their stream begins anew.
    pub(crate) fn clear(&mut self) {
        for shard in &mut self.shards {
            *shard = Shard { batch_max: BATCH_MAX, ..Shard::default() };
        }
    }
}

impl Shard {
    /// The batch for the next invocation.
    pub(crate) fn batch(&self, limit: usize) -> Vec<StreamRecord> {
        self.waiting.iter().take(limit.min(self.batch_max)).map(as_event).collect()
    }

    /// An invocation of `count` entries is over. `failed` is the first to bring again.
    pub(crate) fn confirm(&mut self, count: usize, failed: Option<&str>) {
        let failed = failed.and_then(|sequence| {
            self.waiting.iter().take(count).position(|one| one.sequence.to_string() == sequence)
        });
        let done = failed.unwrap_or(count).min(self.waiting.len());
        self.waiting.drain(..done);
        if failed.is_none() {
            (self.failures, self.batch_max) = (0, BATCH_MAX);
        } else {
            self.failures = if done > 0 { 1 } else { self.failures + 1 };
        }
    }

    /// The whole invocation failed or died: it is bisected. True once the head is given up, for
    /// the failure queue.
    pub(crate) fn fail(&mut self, count: usize) -> bool {
        self.failures += 1;
        self.batch_max = (count / 2).max(1);
        self.give_up()
    }

    /// After too many failures the head goes to the failure queue.
    pub(crate) fn give_up(&mut self) -> bool {
        if self.failures < FAILURES_MAX {
            return false;
        }
        let lost = self.batch_max.min(self.waiting.len());
        self.waiting.drain(..lost);
        (self.failures, self.batch_max) = (0, BATCH_MAX);
        true
    }
}

fn as_event(entry: &Entry) -> StreamRecord {
    StreamRecord {
        sequence: entry.sequence.to_string(),
        keys: entry.key.to_item(),
        new_image: entry.new.as_deref().cloned(),
    }
}

const BATCH_MAX: usize = 100;
const FAILURES_MAX: u32 = 5;
