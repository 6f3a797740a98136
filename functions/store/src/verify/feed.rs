//! The feed as of one head: its rows from floor to head, its published images, its digest.

use std::collections::BTreeMap;

use domain::RecordKey;
use protocol::{Action, Change, Digest, Number, Version};
use serde_json::Value;

use super::records::{Content, content};
use super::{Difference, Reader, Verification};
use crate::feed::{
    FeedError, Head, PUBLISHED_PREFIX, Published, change_sort_key, published_key, read_change,
    read_head,
};
use crate::reading::read_items;
use crate::tables::{Item, StoreError, Surroundings, Table, Tables};

/// The feed as of `head`.
pub(super) struct Feed {
    head: Head,
    /// Each record as published up to the head.
    pub(super) published: BTreeMap<RecordKey, Image>,
    /// Each record's last change among the rows.
    last: BTreeMap<RecordKey, Image>,
}

/// What readers have of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    number: Number,
    pub(super) version: Version,
    pub(super) content: Content,
}

impl Feed {
    /// Reads it; `None` if its head vanished meanwhile or a rebuild began.
    pub(super) async fn read<T: Tables, S: Surroundings>(
        reader: &Reader<'_, T, S>,
        found: &mut Verification,
    ) -> Result<Option<Self>, StoreError> {
        let images = read_images(reader, found).await?;
        // After the images, so that it is at or past every number that they tell.
        let Some(head) = open_head(reader, found).await? else { return Ok(None) };
        let last = Rows::read(reader, &head, found).await?.last;
        let mut feed = Self { head, published: images, last };
        // What was appended while images were read: the rows know it as of the head.
        for (key, image) in &feed.last {
            if feed.published.get(key).is_some_and(|read| read.number < image.number) {
                let current = read_published(reader, key).await?;
                let appended = current.is_some_and(|current| current.number >= image.number);
                if appended {
                    feed.published.insert(key.clone(), image.clone());
                }
            } else if !feed.published.contains_key(key)
                && read_published(reader, key).await?.is_some()
            {
                feed.published.insert(key.clone(), image.clone());
            }
        }
        found.published = feed.published.len();
        Ok(Some(feed))
    }

    /// What can be said of the feed by itself.
    pub(super) fn check(&self, found: &mut Verification) {
        let mut computed = Digest::EMPTY;
        for (key, image) in &self.published {
            if image.content.is_some() {
                computed.toggle(key.entity, &key.id, image.version);
            }
        }
        if computed != self.head.digest {
            let (number, stored) = (self.head.number, self.head.digest);
            found.add(Difference::HeadDigest { number, stored, computed });
        }
        for (key, change) in &self.last {
            let published = self.published.get(key);
            if published != Some(change) {
                found.add(Difference::LastChange {
                    record: key.to_string(),
                    number: change.number,
                    published: published.map(|image| image.number),
                });
            }
        }
    }
}

/// A record's published image as it is now; one that cannot be read counts as none.
pub(super) async fn read_published<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    record: &RecordKey,
) -> Result<Option<Image>, StoreError> {
    let key = published_key(reader.business, record);
    let mut items = read_items(reader.tables, reader.surroundings, [key.clone()]).await?;
    let item = items.remove(&key);
    Ok(item.and_then(|item| Published::from_item(item).ok()).map(|(_, row)| Image::of_row(&row)))
}

async fn read_images<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    found: &mut Verification,
) -> Result<BTreeMap<RecordKey, Image>, StoreError> {
    let Some(head) = open_head(reader, found).await? else { return Ok(BTreeMap::new()) };
    let mut images = BTreeMap::new();
    let take = |item: Item| match Published::from_item(item) {
        Ok((key, row)) => {
            if row.epoch != head.epoch {
                let item = format!("{PUBLISHED_PREFIX}{key}");
                found.add(Difference::OtherEpoch { item, epoch: row.epoch });
            }
            images.insert(key, Image::of_row(&row));
        }
        Err(FeedError::Foreign { key, reason }) => found.add(Difference::unreadable(&key, &reason)),
        Err(error) => found.add(Difference::unreadable(PUBLISHED_PREFIX, &error)),
    };
    let last = format!("{PUBLISHED_PREFIX}~~");
    reader.each(Table::Changes, PUBLISHED_PREFIX, &last, take).await?;
    Ok(images)
}

async fn open_head<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    found: &mut Verification,
) -> Result<Option<Head>, StoreError> {
    match read_head(reader.tables, reader.surroundings, reader.business).await {
        Ok(head) if head.rebuilding => found.add(Difference::Rebuilding),
        Ok(head) => return Ok(Some(head)),
        Err(FeedError::Store(error)) => return Err(error),
        Err(error) => found.add(Difference::unreadable("head", &error)),
    }
    Ok(None)
}

/// Goes through the change rows from floor to head.
struct Rows<'a> {
    head: &'a Head,
    found: &'a mut Verification,
    expected: Number,
    digest: Option<Digest>,
    gaps: Vec<(Number, Number)>,
    last: BTreeMap<RecordKey, Image>,
}

impl<'a> Rows<'a> {
    async fn read<T: Tables, S: Surroundings>(
        reader: &Reader<'_, T, S>,
        head: &'a Head,
        found: &'a mut Verification,
    ) -> Result<Self, StoreError> {
        let first = head.floor.next();
        let digest = (head.floor == Number(0)).then_some(Digest::EMPTY);
        let (gaps, last) = (Vec::new(), BTreeMap::new());
        let mut rows = Self { head, found, expected: first, digest, gaps, last };
        let (from, to) = (change_sort_key(first), change_sort_key(Number(LAST_NUMBER)));
        let mut beyond = None;
        let take = |item: Item| {
            let number = number_in_key(&item);
            if number.is_some_and(|number| number > head.number) {
                beyond = beyond.or(number);
            } else {
                rows.take(number, item);
            }
        };
        reader.each(Table::Changes, &from, &to, take).await?;
        rows.jump_to(head.number.next());
        rows.settle(reader, beyond).await?;
        Ok(rows)
    }

    /// What looks like a gap, or lies beyond the head, may only be newer than the head as read.
    async fn settle<T: Tables, S: Surroundings>(
        &mut self,
        reader: &Reader<'_, T, S>,
        beyond: Option<Number>,
    ) -> Result<(), StoreError> {
        if self.gaps.is_empty() && beyond.is_none() {
            return Ok(());
        }
        let Some(now) = open_head(reader, self.found).await? else { return Ok(()) };
        for (from, to) in std::mem::take(&mut self.gaps) {
            let from = from.max(now.floor.next());
            if from <= to {
                self.found.add(Difference::Gap { from, to });
            }
        }
        if let Some(number) = beyond.filter(|number| *number > now.number) {
            self.found.add(Difference::BeyondHead { number });
        }
        Ok(())
    }

    fn take(&mut self, number: Option<Number>, item: Item) {
        let name = item.get("change").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.found.changes += 1;
        if let Some(number) = number {
            self.jump_to(number);
            self.expected = number.next();
        }
        let epoch = item.get("epoch").and_then(Value::as_u64);
        match read_change(item) {
            Ok((change, digest)) => {
                if let Some(epoch) = epoch.filter(|epoch| *epoch != self.head.epoch.0) {
                    let epoch = protocol::Epoch(epoch);
                    self.found.add(Difference::OtherEpoch { item: name.clone(), epoch });
                }
                if number != Some(change.number) {
                    let number = change.number;
                    self.found.add(Difference::OtherNumber { item: name, number });
                }
                self.follow(&change, digest);
            }
            Err(error) => {
                self.digest = None;
                self.found.add(Difference::unreadable(&name, &error));
            }
        }
    }

    fn jump_to(&mut self, number: Number) {
        if number > self.expected {
            self.gaps.push((self.expected, Number(number.0 - 1)));
            // The digest before the next row is unknown, and so is what went in and out.
            self.digest = None;
        }
    }

    fn follow(&mut self, change: &Change, stored: Digest) {
        let key = RecordKey::new(change.entity, change.entity_id.clone());
        let value = change.record.as_ref().and_then(Value::as_object);
        let image =
            Image { number: change.number, version: change.version, content: content(value) };
        let before = self.last.insert(key.clone(), image);
        // Of what was published below the floor nothing is known, except that an insert met nothing.
        let known = before.is_some() || change.action == Action::Insert || self.head.floor.0 == 0;
        if let (Some(mut computed), true) = (self.digest, known) {
            if let Some(before) = before.filter(|before| before.content.is_some()) {
                computed.toggle(key.entity, &key.id, before.version);
            }
            if value.is_some() {
                computed.toggle(key.entity, &key.id, change.version);
            }
            if computed != stored {
                let number = change.number;
                self.found.add(Difference::RowDigest { number, stored, computed });
            }
        }
        // Each row is judged by the one before it, so that one fault is told once.
        self.digest = Some(stored);
    }
}

impl Image {
    fn of_row(row: &Published) -> Self {
        let content = content(row.value.as_ref());
        Self { number: row.number, version: row.version, content }
    }
}

fn number_in_key(item: &Item) -> Option<Number> {
    let key = item.get("change")?.as_str()?;
    key.strip_prefix("change#")?.parse().ok().map(Number)
}

/// As many as the 16 digits of a key can say.
const LAST_NUMBER: u64 = 9_999_999_999_999_999;
