//! Appends images to a business's feed, each once.

use std::collections::BTreeMap;

use domain::RecordKey;
use protocol::planted::Bug;
use protocol::{Action, BusinessId, Change};
use serde_json::Value;

use super::Image;
use crate::feed::{FeedError, Head, Published, change_item, published_key};
use crate::reading::{pause, read_items};
use crate::rows::item_bytes;
use crate::tables::{
    Condition, Item, Key, RetryKind, StoreError, Surroundings, Table, Tables, Write,
};

/// Why images could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The feed cannot be read or written.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The feed is being rebuilt; the rebuild will publish them.
    #[error("the feed is being rebuilt")]
    Rebuilding,
    /// Another consumer always came first, or the store was busy.
    #[error("gave up after {CHUNK_ATTEMPTS_MAX} attempts")]
    Busy,
}

impl PublishError {
    /// It may pass: bring the same images again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Rebuilding | Self::Busy | Self::Feed(FeedError::Rebuilding) => true,
            Self::Feed(FeedError::Store(error)) => error.retry_kind() != RetryKind::Permanent,
            Self::Feed(_) => false,
        }
    }
}

/// Appends every image whose version is above the published one; returns how many changes came of
/// it. Images of one record must be in the order of their versions.
///
/// # Errors
/// [`PublishError`]; what was appended before it stays.
pub async fn publish<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    images: Vec<Image>,
) -> Result<usize, PublishError> {
    append(tables, surroundings, business, images, Phase::Serving).await
}

/// Whether the feed is open to readers, or being rebuilt by the one who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    Rebuilding,
}

pub(super) async fn append<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    mut images: Vec<Image>,
    phase: Phase,
) -> Result<usize, PublishError> {
    let mut published = 0;
    let mut attempts = 0;
    let mut chunk_max = CHUNK_CHANGES_MAX;
    while !images.is_empty() {
        let chunk = &images[..chunk_length(&images, chunk_max)];
        let before = Before::read(tables, surroundings, business, chunk).await?;
        if before.head.rebuilding != (phase == Phase::Rebuilding) {
            return Err(PublishError::Rebuilding);
        }
        let (writes, changes) = before.writes(business, chunk);
        let outcome = if changes == 0 { Ok(()) } else { tables.transact(&writes).await };
        match outcome.map_err(|error| (error.retry_kind(), error)) {
            Ok(()) => {
                published += changes;
                attempts = 0;
                images.drain(..chunk.len());
            }
            // One of them will never be written: find out which by writing them one by one.
            Err((RetryKind::Permanent, _)) if chunk.len() > 1 => chunk_max = chunk.len() / 2,
            Err((RetryKind::Permanent, error)) => return Err(FeedError::Store(error).into()),
            Err((_, error)) => {
                attempts += 1;
                give_up_after(attempts, error)?;
                pause(surroundings, attempts).await;
            }
        }
    }
    Ok(published)
}

fn give_up_after(attempts: u32, _last: StoreError) -> Result<(), PublishError> {
    if attempts < CHUNK_ATTEMPTS_MAX { Ok(()) } else { Err(PublishError::Busy) }
}

/// How many of the first images one transaction holds.
fn chunk_length(images: &[Image], changes_max: usize) -> usize {
    let mut bytes = 0;
    let fitting = images.iter().take(changes_max).take_while(|image| {
        // The record stands in the change and in its published image.
        bytes += image.value.as_ref().map_or(0, item_bytes) * 2 + ROW_BYTES;
        bytes <= CHUNK_BYTES_MAX
    });
    fitting.count().max(1)
}

/// The feed as it was read before an append.
struct Before {
    head: Head,
    published: BTreeMap<RecordKey, Published>,
}

impl Before {
    async fn read<T: Tables, S: Surroundings>(
        tables: &T,
        surroundings: &S,
        business: &BusinessId,
        images: &[Image],
    ) -> Result<Self, FeedError> {
        let head_key = Head::key(business);
        let keys = images.iter().map(|image| published_key(business, &image.record));
        let mut items: BTreeMap<Key, Item> =
            read_items(tables, surroundings, keys.chain([head_key.clone()])).await?;
        let head = Head::from_item(items.remove(&head_key).ok_or(FeedError::NoFeed)?)?;
        let published = items.into_values().map(Published::from_item).collect::<Result<_, _>>()?;
        Ok(Self { head, published })
    }

    /// The transaction that appends what is news of `images`, and how many changes that is.
    fn writes(&self, business: &BusinessId, images: &[Image]) -> (Vec<Write>, usize) {
        let mut head = self.head.clone();
        let mut latest: BTreeMap<&RecordKey, Published> = BTreeMap::new();
        let mut writes = Vec::new();
        for image in images {
            let known = latest.get(&image.record).or_else(|| self.published.get(&image.record));
            let is_known = known.is_some_and(|known| known.version >= image.version);
            if is_known && !Bug::PublishedNotCompared.is_planted() {
                continue;
            }
            let live_before = known.filter(|known| known.value.is_some());
            let action = action(live_before.is_some(), image.is_live());
            if let Some(before) = live_before {
                head.digest.toggle(image.record.entity, &image.record.id, before.version);
            }
            if image.is_live() {
                head.digest.toggle(image.record.entity, &image.record.id, image.version);
            }
            head.number = head.number.next();
            let change = change_of(image, &head, action);
            let item = change_item(business, &change, head.epoch, head.digest);
            let absent = if Bug::HeadUnconditional.is_planted() {
                Condition::None
            } else {
                Condition::Absent
            };
            writes.push(Write::Put { table: Table::Changes, item, condition: absent });
            let published = Published {
                epoch: head.epoch,
                number: head.number,
                version: image.version,
                value: image.value.clone(),
            };
            latest.insert(&image.record, published);
        }
        let changes = writes.len();
        writes.extend(latest.iter().map(|(record, published)| {
            let key = published_key(business, record);
            let condition = self.published.get(record).map_or(Condition::Absent, |read| {
                Condition::Equals(vec![("version", read.version.0.into())])
            });
            Write::Put { table: Table::Changes, item: published.to_item(&key), condition }
        }));
        let unchanged = if Bug::HeadUnconditional.is_planted() {
            Condition::None
        } else {
            self.head.unchanged()
        };
        writes.push(head.put(business, unchanged));
        (writes, changes)
    }
}

/// What a reader sees of it.
fn action(live_before: bool, live_after: bool) -> Action {
    match (live_before, live_after) {
        (_, false) => Action::Delete,
        (false, true) => Action::Insert,
        (true, true) => Action::Update,
    }
}

fn change_of(image: &Image, head: &Head, action: Action) -> Change {
    Change {
        number: head.number,
        entity: image.record.entity,
        action,
        entity_id: image.record.id.clone(),
        version: image.version,
        record: image.value.clone().map(Value::Object),
        operation_id: image.operation.clone(),
        changed_by: image.changed_by.clone(),
        changed_at: image.changed_at,
    }
}

/// A change, its published image, and the head: 2 × 49 + 1 items of the 100 that there may be.
const CHUNK_CHANGES_MAX: usize = 49;

/// DynamoDB takes 4 MB a transaction; this leaves room for how it counts.
const CHUNK_BYTES_MAX: usize = 3_500_000;

/// Keys and small fields of a change row and its published image.
const ROW_BYTES: usize = 1_500;

/// Lost races and busy stores before the images are left to the stream's own retries.
const CHUNK_ATTEMPTS_MAX: u32 = 8;
