//! `verify`: does a business's feed say what its records say?
//!
//! For operators, and for every test that has broken something on purpose. It writes nothing, and
//! may run while phones push: what only looks wrong because a change is under way is read again
//! until it stands still, and the digest is recomputed as of one head that was read.
//!
//! In order: `records` (the truth), `feed` (rows, digest, published images as of the head), then
//! each against the other, and `receipts` against the records.

mod difference;
mod feed;
mod receipts;
mod records;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::RecordKey;
use protocol::BusinessId;

use crate::feed::{FeedError, read_head};
use crate::reading::query;
use crate::record_changes::{PublishError, marked};
use crate::tables::{Item, Query, StoreError, Surroundings, Table, Tables};

pub use difference::Difference;
use feed::Feed;
use records::{Seen, read_records};

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Records read, tombstones too.
    pub records: usize,
    /// Change rows read.
    pub changes: usize,
    /// Published images read.
    pub published: usize,
    /// Receipts read.
    pub receipts: usize,
    /// Records that were written again and again while they were compared: readers have all that
    /// was there when it began, and the latest version could not be caught standing still.
    pub moving: usize,
    /// What is wrong, at most [`DIFFERENCES_MAX`].
    pub differences: Vec<Difference>,
    /// There are more differences than are told.
    pub truncated: bool,
}

/// Differences told of one business at most: past that, the rest say nothing new.
pub const DIFFERENCES_MAX: usize = 1_000;

/// Compares records, feed and receipts of `business`.
///
/// # Errors
/// [`StoreError`] if something could not be read. What is read and is not of our shape is a
/// [`Difference`].
pub async fn verify<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<Verification, StoreError> {
    let reader = Reader { tables, surroundings, business };
    let mut found = Verification::default();
    if !standing(&reader, &mut found).await? {
        return Ok(found);
    }
    let records = read_records(&reader, &mut found).await?;
    let Some(feed) = Feed::read(&reader, &mut found).await? else { return Ok(found) };
    feed.check(&mut found);
    compare(&reader, &records, &feed, &mut found).await?;
    receipts::check(&reader, &records, &mut found).await?;
    Ok(found)
}

/// Whether there is an open feed to compare with.
async fn standing<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    found: &mut Verification,
) -> Result<bool, StoreError> {
    match marked(reader.tables, reader.surroundings, reader.business).await {
        Ok(None) => {}
        Ok(Some(mark)) => found.add(Difference::AwaitsRepair { reason: mark.reason }),
        Err(PublishError::Feed(FeedError::Store(error))) => return Err(error),
        Err(error) => found.add(Difference::AwaitsRepair { reason: error.to_string() }),
    }
    match read_head(reader.tables, reader.surroundings, reader.business).await {
        Ok(head) if head.rebuilding => found.add(Difference::Rebuilding),
        Ok(_) => return Ok(true),
        Err(FeedError::Store(error)) => return Err(error),
        Err(FeedError::NoFeed) => found.add(Difference::NoFeed),
        Err(error) => found.add(Difference::unreadable("head", &error)),
    }
    Ok(false)
}

/// Each record against its published image; what differs is read again until it stands still.
async fn compare<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    records: &BTreeMap<RecordKey, Seen>,
    feed: &Feed,
    found: &mut Verification,
) -> Result<(), StoreError> {
    let keys = records.keys().chain(feed.published.keys().filter(|key| !records.contains_key(key)));
    let mut suspects: Vec<RecordKey> = keys
        .filter(|key| difference(key, records.get(key), feed.published.get(key)).is_some())
        .cloned()
        .collect();
    for round in 0..SETTLE_ROUNDS_MAX {
        if suspects.is_empty() {
            return Ok(());
        }
        if round > 0 {
            reader.surroundings.sleep(SETTLE_PAUSE).await;
        }
        let last = round + 1 == SETTLE_ROUNDS_MAX;
        let mut still = Vec::new();
        for key in suspects {
            // The image first: a record is never behind an image that was read before it.
            let published = feed::read_published(reader, &key).await?;
            let record = records::read_one(reader, &key).await?;
            match difference(&key, record.as_ref(), published.as_ref()) {
                Some(_)
                    if last && moves(records.get(&key), record.as_ref(), published.as_ref()) =>
                {
                    found.moving += 1;
                }
                Some(difference) if last => found.add(difference),
                Some(_) => still.push(key),
                None => {}
            }
        }
        suspects = still;
    }
    Ok(())
}

/// The record has been written since it was first read, and readers have what it was then: the
/// feed follows it, some moments behind, as it should.
fn moves(first: Option<&Seen>, now: Option<&Seen>, published: Option<&feed::Image>) -> bool {
    let version = |seen: Option<&Seen>| seen.and_then(Seen::version);
    let (Some(now), Some(published)) = (version(now), published) else { return false };
    published.version < now && version(first).is_some_and(|first| first <= published.version)
}

fn difference(
    key: &RecordKey,
    record: Option<&Seen>,
    published: Option<&feed::Image>,
) -> Option<Difference> {
    let name = key.to_string();
    match (record, published) {
        // What cannot be read has been told already.
        (None, None) | (Some(Seen::Unreadable), _) => None,
        (Some(Seen::Record { version, .. }), None) => {
            Some(Difference::NotPublished { record: name, version: *version })
        }
        (None, Some(image)) => {
            Some(Difference::PublishedOrphan { record: name, version: image.version })
        }
        (Some(Seen::Record { version, .. }), Some(image)) if *version != image.version => {
            let published = image.version;
            Some(Difference::OtherVersion { record: name, version: *version, published })
        }
        (Some(Seen::Record { version, content }), Some(image)) => (*content != image.content)
            .then_some(Difference::OtherContent { record: name, version: *version }),
    }
}

/// Where to read from.
struct Reader<'a, T, S> {
    tables: &'a T,
    surroundings: &'a S,
    business: &'a BusinessId,
}

impl<T: Tables, S: Surroundings> Reader<'_, T, S> {
    /// Hands over every item of a range, page by page.
    async fn each(
        &self,
        table: Table,
        from: &str,
        to: &str,
        mut take: impl FnMut(Item) + Send,
    ) -> Result<(), StoreError> {
        let mut range = Query::range(table, self.business.to_string(), from, to);
        loop {
            let page = query(self.tables, self.surroundings, &range).await?;
            page.items.into_iter().for_each(&mut take);
            match page.resume_after {
                Some(after) => range.after = Some(after),
                None => return Ok(()),
            }
        }
    }
}

impl Verification {
    /// Nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    fn add(&mut self, difference: Difference) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        } else {
            self.truncated = true;
        }
    }
}

/// How often what differs is read again: a change under way is published within a second or two.
const SETTLE_ROUNDS_MAX: u32 = 5;
const SETTLE_PAUSE: std::time::Duration = std::time::Duration::from_millis(1_500);
