//! The feed has no holes, keeps each record's order, tells its digest rightly, and a page that was
//! sealed stays what it was.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{ChangesPage, Cursor, Digest, Number, Version};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::tables::{Key, Table};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::world::World;

/// Pages that were looked at before: the edge hands the same one out again and again.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    seen: BTreeSet<u64>,
}

impl Pages {
    /// A page as it leaves the edge.
    pub(crate) fn page(&mut self, path: &str, body: &str) -> Result<(), String> {
        let hash = xxh3_64_with_seed(body.as_bytes(), xxh3_64(path.as_bytes()));
        if self.seen.insert(hash) { page(path, body) } else { Ok(()) }
    }
}

fn page(path: &str, body: &str) -> Result<(), String> {
    let page: Outline = read(body)?;
    let since = since(path, page.next_since);
    let numbers: Vec<u64> = page.changes.iter().map(|change| change.number.0).collect();
    let expected: Vec<u64> = (since.number.0 + 1..).take(numbers.len()).collect();
    if numbers != expected || page.next_since.number.0 != since.number.0 + numbers.len() as u64 {
        return Err(format!("{path} was answered with {numbers:?} and {}", page.next_since));
    }
    Ok(())
}

/// Every feed from its floor to its head, and everything that the edge keeps for ever.
pub(crate) fn whole(world: &World) -> Result<(), String> {
    for business in &world.businesses {
        let head = world.head(business).ok_or("a business lost its feed")?;
        let mut latest: BTreeMap<String, (Version, bool)> = BTreeMap::new();
        let mut digest = Digest::EMPTY;
        // Above a floor, the digest is that of records that are no longer in the feed, too.
        let from_the_start = head.floor.0 == 0;
        for number in head.floor.0 + 1..=head.number.0 {
            let key = Key::new(Table::Changes, business.as_str(), format!("change#{number:016}"));
            let Some(row) = world.tables.look(&key) else {
                return Err(format!("{business} lacks change {number} of {}", head.number));
            };
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let (entity, id) = (text("entity").to_owned(), text("entityId").to_owned());
            let version = Version(row.get("version").and_then(Value::as_u64).unwrap_or_default());
            let live = row.get("value").is_some_and(|value| !value.is_null());
            let record = format!("{entity}#{id}");
            let before = latest.insert(record.clone(), (version, live));
            if before.is_some_and(|(before, _)| before >= version) {
                return Err(format!("change {number} brings {record} back to {version}"));
            }
            let entity: protocol::Entity = entity.parse().map_err(|_| "an entity of no kind")?;
            let id = id.parse().map_err(|_| "an id that is none")?;
            if let Some((before, true)) = before {
                digest.toggle(entity, &id, before);
            }
            if live {
                digest.toggle(entity, &id, version);
            }
            if from_the_start && text("digest") != digest.to_string() {
                return Err(format!("the digest after change {number} is wrong"));
            }
        }
        if from_the_start && head.digest != digest {
            return Err(format!("the head of {business} has another digest than its changes"));
        }
    }
    sealed(world)
}

fn sealed(world: &World) -> Result<(), String> {
    for (business, path, kept) in world.edge.sealed() {
        let page: ChangesPage = read(&kept.body)?;
        let since = since(path, page.next_since);
        let head = world.head(business).ok_or("a business lost its feed")?;
        if since.epoch != head.epoch {
            continue;
        }
        if !page.has_more || page.head.is_some() || !page.next_since.number.0.is_multiple_of(100) {
            return Err(format!("{path} is kept for ever and speaks of its moment"));
        }
        for change in page.changes.iter().filter(|change| change.number > head.floor) {
            let number = change.number.0;
            let key = Key::new(Table::Changes, business.as_str(), format!("change#{number:016}"));
            let row = world.tables.look(&key);
            let same = row.is_some_and(|row| {
                row.get("value").filter(|value| !value.is_null()) == change.record.as_ref()
            });
            if !same {
                return Err(format!("{path} is kept for ever and differs in change {number}"));
            }
        }
    }
    Ok(())
}

/// What the order of a page shows in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    changes: Vec<Numbered>,
    next_since: Cursor,
}

#[derive(Deserialize)]
struct Numbered {
    number: Number,
}

#[derive(Deserialize)]
struct Enveloped<T> {
    data: T,
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    let Enveloped { data } = serde_json::from_str(body).map_err(|error| error.to_string())?;
    Ok(data)
}

fn since(path: &str, next_since: Cursor) -> Cursor {
    let asked = path.split(['?', '&']).find_map(|part| part.strip_prefix("since="));
    asked.and_then(|since| since.parse().ok()).unwrap_or(Cursor::start(next_since.epoch))
}
