//! Reading: batches in no order, pages of a range.

use std::ops::Bound;
use std::sync::Arc;

use super::keys::{PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX, check_key, index_of};
use super::limits::{BATCH_GET_BYTES_MAX, QUERY_BYTES_MAX, invalid, item_size};
use super::state::Items;
use crate::tables::{BatchGot, Item, Key, Query, QueryPage, StoreError};

/// Reads `keys` up to 16 MB, and at most `bound` of them, in an order that `seed` decides.
pub(super) fn batch(items: &Items, keys: &[Key], bound: usize, seed: u64) -> BatchGot {
    let mut keys = keys.to_vec();
    shuffle(&mut keys, seed);
    let mut got = BatchGot::default();
    let mut bytes = 0;
    for (position, key) in keys.into_iter().enumerate() {
        let found = items.get(&key);
        let size = found.map_or(0, |item| item_size(item));
        if position >= bound || (bytes > 0 && bytes + size > BATCH_GET_BYTES_MAX) {
            got.unprocessed.push(key);
            continue;
        }
        bytes += size;
        got.items.extend(found.map(|item| (key, (**item).clone())));
    }
    got
}

/// One page of `query`, of at most `bound` items.
///
/// # Errors
/// [`StoreError::Invalid`] for a range, a limit or a start that DynamoDB refuses.
pub(super) fn page(items: &Items, query: &Query, bound: usize) -> Result<QueryPage, StoreError> {
    check(query)?;
    let after = query.after.as_ref().map(|after| start_of(after, query)).transpose()?;
    if let Some(place) = &after
        && !(query.from.as_str()..=query.to.as_str()).contains(&place.0.as_str())
    {
        return Err(invalid("the start of a page is outside of the range"));
    }
    let mut page = QueryPage::default();
    let mut bytes = 0;
    for item in in_order(items, query, after) {
        bytes += item_size(item);
        if !page.items.is_empty() && bytes > QUERY_BYTES_MAX {
            return Ok(with_resume_key(page, query));
        }
        page.items.push((**item).clone());
        // DynamoDB stops counting at the limit: it does not know whether anything follows.
        if page.items.len() >= bound {
            return Ok(with_resume_key(page, query));
        }
    }
    Ok(page)
}

/// Where an item stands in a query: its sort value there, and the table's own sort key.
type Place = (String, String);

type Ordered<'a> = Box<dyn Iterator<Item = &'a Arc<Item>> + 'a>;

fn in_order<'a>(items: &'a Items, query: &Query, after: Option<Place>) -> Ordered<'a> {
    if query.index.is_some() {
        return in_index(items, query, after);
    }
    let key = |sort: &str| Key::new(query.table, &query.partition, sort);
    let after = after.map(|(sort, _)| Bound::Excluded(key(&sort)));
    let (from, to) = (Bound::Included(key(&query.from)), Bound::Included(key(&query.to)));
    if query.descending {
        Box::new(items.range((from, after.unwrap_or(to))).rev().map(|(_, item)| item))
    } else {
        Box::new(items.range((after.unwrap_or(from), to)).map(|(_, item)| item))
    }
}

/// Items without the index's attribute are not in it; equals stand in the table's own order.
fn in_index<'a>(items: &'a Items, query: &Query, after: Option<Place>) -> Ordered<'a> {
    let mut found: Vec<_> = items
        .range(Key::new(query.table, &query.partition, "")..)
        .take_while(|(key, _)| key.table == query.table && key.partition == query.partition)
        .filter_map(|(_, item)| Some((place_of(item, query).ok()?, item)))
        .filter(|((sort, _), _)| *sort >= query.from && *sort <= query.to)
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    if query.descending {
        found.reverse();
    }
    let descending = query.descending;
    let found = found.into_iter().skip_while(move |(place, _)| match &after {
        Some(after) if descending => place >= after,
        Some(after) => place <= after,
        None => false,
    });
    Box::new(found.map(|(_, item)| item))
}

fn place_of(item: &Item, query: &Query) -> Result<Place, StoreError> {
    let text = |name: &str| item.get(name).and_then(serde_json::Value::as_str);
    let partition = text(query.table.partition_attribute());
    let sort = text(query.table.sort_attribute());
    let within = text(sort_attribute(query));
    match (partition, within, sort) {
        (Some(partition), Some(within), Some(sort)) if partition == query.partition => {
            Ok((within.into(), sort.into()))
        }
        _ => Err(invalid("the start of a page is no key of this query")),
    }
}

/// The place of a resume key: it is held to the rules of keys, as any other.
fn start_of(after: &Item, query: &Query) -> Result<Place, StoreError> {
    let place = place_of(after, query)?;
    check_key(&Key::new(query.table, &query.partition, &place.1))?;
    check_key(&Key::new(query.table, &query.partition, &place.0))?;
    Ok(place)
}

fn with_resume_key(page: QueryPage, query: &Query) -> QueryPage {
    let last = page.items.last().map(|last| resume_key(last, query));
    QueryPage { resume_after: last, ..page }
}

/// Table keys, and the key of the index that is read.
fn resume_key(item: &Item, query: &Query) -> Item {
    let names =
        [query.table.partition_attribute(), query.table.sort_attribute(), sort_attribute(query)];
    names.iter().filter_map(|name| Some(((*name).into(), item.get(*name)?.clone()))).collect()
}

fn sort_attribute(query: &Query) -> &'static str {
    query.index.map_or(query.table.sort_attribute(), crate::tables::LocalIndex::attribute)
}

fn check(query: &Query) -> Result<(), StoreError> {
    if query.index.is_some() && query.index != index_of(query.table) {
        return Err(invalid("no such index on this table"));
    }
    if query.partition.is_empty() || query.from.is_empty() || query.to.is_empty() {
        return Err(invalid("an empty key"));
    }
    let longest = query.from.len().max(query.to.len());
    if query.partition.len() > PARTITION_KEY_BYTES_MAX || longest > SORT_KEY_BYTES_MAX {
        return Err(invalid("a long key"));
    }
    if query.from > query.to {
        return Err(invalid("a range that ends before it begins"));
    }
    if query.limit.is_some_and(|limit| limit == 0 || i32::try_from(limit).is_err()) {
        return Err(invalid("a limit that is none"));
    }
    match &query.after {
        Some(after) if after.len() != if query.index.is_some() { 3 } else { 2 } => {
            Err(invalid("the start of a page has the keys, and nothing else"))
        }
        _ => Ok(()),
    }
}

/// Fisher and Yates, with the dice of `splitmix64`.
fn shuffle(keys: &mut [Key], mut seed: u64) {
    for last in (1..keys.len()).rev() {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut dice = seed;
        dice = (dice ^ (dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        dice = (dice ^ (dice >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        dice ^= dice >> 31;
        let among = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        keys.swap(last, usize::try_from(dice % among).unwrap_or(0));
    }
}
