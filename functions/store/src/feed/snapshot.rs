//! The snapshot: every record as last published, part by part, resumable at any part.
//!
//! Parts are read while others append, so a part may show what the feed says only after `asOf`;
//! the reader then applies from the feed what has a higher version than it has.

use std::str::FromStr;

use protocol::{BusinessId, Cursor, SnapshotPage, SnapshotRecord};

use super::rows::{PUBLISHED_PREFIX, Published};
use super::{FeedError, Head, read_head};
use crate::tables::{Item, Key, Query, Surroundings, Table, Tables};

/// Where a later part begins: after this published image. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part(String);

/// A text that no part was ever named by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no part of a snapshot is named like this")]
pub struct InvalidPart;

/// Reads a part: the first without `resume`, later ones with the `asOf` and `nextPart` of the
/// answer before.
///
/// # Errors
/// [`FeedError::CursorExpired`] on a new epoch or a floor past `asOf`: start again.
pub async fn snapshot<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    resume: Option<(Cursor, Part)>,
) -> Result<SnapshotPage, FeedError> {
    let head = read_head(tables, surroundings, business).await?;
    if head.rebuilding {
        return Err(FeedError::Rebuilding);
    }
    let (as_of, after) = match resume {
        None => (head.cursor(), None),
        Some((as_of, part)) => {
            check(as_of, &head)?;
            (as_of, Some(part.resume_key(business)))
        }
    };
    let range = Query {
        after,
        limit: Some(PART_RECORDS_MAX),
        // Keys are printable ASCII: none of this prefix comes after.
        ..Query::range(
            Table::Changes,
            business.to_string(),
            PUBLISHED_PREFIX,
            format!("{PUBLISHED_PREFIX}~~"),
        )
    };
    let page = crate::reading::query(tables, surroundings, &range).await?;
    let next_part = page.resume_after.as_ref().and_then(Part::of).map(|part| part.to_string());
    let mut records: Vec<SnapshotRecord> =
        page.items.into_iter().map(record).collect::<Result<_, _>>()?;
    if protocol::planted::Bug::SnapshotOfUnpublished.is_planted() {
        for shown in &mut records {
            let sort = format!("{}#{}", shown.entity, shown.entity_id);
            let range = Query {
                table: Table::Records,
                partition: business.to_string(),
                from: sort.clone(),
                to: sort,
                after: None,
                ..range.clone()
            };
            let found = crate::reading::query(tables, surroundings, &range).await?;
            let version = found.items.first().and_then(|item| item.get("version")?.as_u64());
            shown.version = version.map_or(shown.version, protocol::Version);
        }
    }
    Ok(SnapshotPage { records, as_of, next_part })
}

fn check(as_of: Cursor, head: &Head) -> Result<(), FeedError> {
    let stands =
        as_of.epoch == head.epoch && as_of.number >= head.floor && as_of.number <= head.number;
    if stands {
        return Ok(());
    }
    Err(FeedError::CursorExpired { cursor: as_of, epoch: head.epoch, number: head.number })
}

fn record(item: Item) -> Result<SnapshotRecord, FeedError> {
    let (key, published) = Published::from_item(item)?;
    Ok(SnapshotRecord {
        entity: key.entity,
        entity_id: key.id,
        version: published.version,
        number: published.number,
        record: published.value.map(serde_json::Value::Object),
    })
}

impl Part {
    fn of(resume_after: &Item) -> Option<Self> {
        let sort_key = resume_after.get("change")?.as_str()?;
        sort_key.strip_prefix(PUBLISHED_PREFIX).map(|record| Self(record.to_owned()))
    }

    fn resume_key(&self, business: &BusinessId) -> Item {
        let sort_key = format!("{PUBLISHED_PREFIX}{}", self.0);
        Key::new(Table::Changes, business.as_str(), sort_key).to_item()
    }
}

impl FromStr for Part {
    type Err = InvalidPart;

    fn from_str(text: &str) -> Result<Self, InvalidPart> {
        let bytes: Option<Vec<u8>> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let record = String::from_utf8(bytes.ok_or(InvalidPart)?).map_err(|_| InvalidPart)?;
        record.parse::<domain::RecordKey>().map_err(|_| InvalidPart)?;
        Ok(Self(record))
    }
}

impl std::fmt::Display for Part {
    /// Hexadecimal, so that it needs no escaping in a URL.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Records of one part: at most some 600 KB, usually far less.
const PART_RECORDS_MAX: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_back_as_written_and_nothing_else_is_one() {
        let part = Part("sales#a#ñ".into());
        assert_eq!(part.to_string().parse::<Part>(), Err(InvalidPart), "no identifier");
        let part = Part("sales#a#b".into());
        assert_eq!(part.to_string().parse(), Ok(part));
        for text in ["", "zz", "6", "73616c", "éé"] {
            assert_eq!(text.parse::<Part>(), Err(InvalidPart), "{text}");
        }
    }
}
