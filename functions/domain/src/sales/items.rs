//! The items of a sale, merged one by one.

use std::collections::BTreeSet;

use protocol::{ErrorCode, Gather, JsonObject, arrange};
use serde_json::Value;

use super::merge::{ItemsChange, money_clock, undoable};
use super::unit::Unit;
use super::{ITEMS, item};
use crate::draft::Draft;
use crate::schema::ITEMS_MAX;
use crate::stamp::{Stamp, Stance};
use crate::{FieldClock, Refusal};

/// Merges what an operation changes of the items.
///
/// # Errors
/// `deleted`, where it changes an item that stays removed.
pub(super) fn merge(
    draft: &mut Draft,
    unit: &mut Unit,
    change: &ItemsChange,
    stamp: &Stamp,
) -> Result<(), Refusal> {
    match change {
        ItemsChange::None => Ok(()),
        ItemsChange::All(list) => {
            merge_list(draft, unit, list, stamp);
            Ok(())
        }
        ItemsChange::Add(value) => {
            put(draft, unit, item::id(value), value, None, stamp);
            Ok(())
        }
        ItemsChange::Set { id, changes } => merge_one(draft, unit, id, changes, stamp),
        ItemsChange::Remove { id } => {
            // Its maker cannot mean an item that was added since.
            if !was_added_since(clock(draft, id).as_ref(), stamp) {
                set(draft, unit, id, &Value::Null, stamp);
            }
            Ok(())
        }
    }
}

/// Applies the change to what its maker saw.
///
/// # Errors
/// `deleted`, where it changes an item that was not there.
pub(super) fn apply(seen: &mut Unit, change: &ItemsChange) -> Result<(), Refusal> {
    match change {
        ItemsChange::None => {}
        ItemsChange::All(list) => seen.items.clone_from(list),
        ItemsChange::Add(value) => seen.set_item(item::id(value), value),
        ItemsChange::Remove { id } => seen.set_item(id, &Value::Null),
        ItemsChange::Set { id, changes } => {
            let Value::Object(present) = seen.item(id) else {
                return Err(ErrorCode::Deleted.into());
            };
            let after = item::with(&present, changes)?;
            seen.set_item(id, &Value::Object(after));
        }
    }
    Ok(())
}

/// The whole list as the seller saw it: what he left out he removed, unless it was added since.
fn merge_list(draft: &mut Draft, unit: &mut Unit, list: &[Value], stamp: &Stamp) {
    let listed: BTreeSet<&str> = list.iter().map(item::id).gather();
    let present: Vec<Value> = unit.items.clone();
    let left_out = present.iter().map(item::id).filter(|id| !listed.contains(id));
    for id in left_out {
        let clock = clock(draft, id);
        let added_since = was_added_since(clock.as_ref(), stamp);
        let later_without_base =
            stamp.base.is_none() && stamp.stance(clock.as_ref()) == Stance::Loses;
        if !added_since && !later_without_base {
            set(draft, unit, id, &Value::Null, stamp);
        }
    }
    for value in list {
        let id = item::id(value);
        let clock = clock(draft, id);
        let as_seen = clock.as_ref().and_then(|clock| undoable(clock, stamp)) == Some(value);
        if unit.item(id) != *value && !as_seen {
            set(draft, unit, id, value, stamp);
        } else if stamp.base.is_none() && stamp.stance(clock.as_ref()) == Stance::Informed {
            // Without a base, to name an item is to say how it is at that time.
            draft.clocks.insert(clock_key(id), stamp.clock(clock.as_ref(), None));
        }
    }
    let list_clock = draft.clocks.get(ITEMS);
    if stamp.base.is_none() && stamp.stance(list_clock) == Stance::Informed {
        let clock = stamp.clock(list_clock, None);
        draft.clocks.insert(ITEMS.to_owned(), clock);
    }
}

/// Some fields of one item.
fn merge_one(
    draft: &mut Draft,
    unit: &mut Unit,
    id: &str,
    changes: &JsonObject,
    stamp: &Stamp,
) -> Result<(), Refusal> {
    let clock = clock(draft, id);
    let stored = unit.item(id);
    let seen = clock.as_ref().and_then(|clock| undoable(clock, stamp)).cloned();
    let seen = seen.filter(|seen| !seen.is_null()).unwrap_or(stored.clone());
    let Value::Object(seen) = seen else { return Err(ErrorCode::Deleted.into()) };
    if stored.is_null() && stamp.stance(clock.as_ref()) != Stance::Wins {
        return Err(ErrorCode::Deleted.into());
    }
    let value = Value::Object(item::with(&seen, changes)?);
    set(draft, unit, id, &value, stamp);
    Ok(())
}

/// Sets an item (null removes it) as it stands to its last setting.
fn set(draft: &mut Draft, unit: &mut Unit, id: &str, value: &Value, stamp: &Stamp) {
    let clock = clock(draft, id);
    let stored = unit.item(id);
    let stance = stamp.stance(clock.as_ref());
    let own_clock = draft.clocks.contains_key(&clock_key(id));
    if stance == Stance::Informed {
        draft.clear_conflicts(&clock_key(id));
    } else if stored != *value && (own_clock || stance == Stance::Loses || !stored.is_null()) {
        let (kept, lost) =
            if stance == Stance::Loses { (&stored, value) } else { (value, &stored) };
        let seen = clock.as_ref().and_then(|clock| undoable(clock, stamp));
        let lost = item::lost_beside(kept, lost, seen);
        let rival = clock.as_ref().filter(|_| stance != Stance::Loses);
        let (by, at) = rival.map_or((&stamp.by, stamp.at), |rival| (&rival.by, rival.at));
        draft.lose(&clock_key(id), kept, &lost, by, at);
    }
    if stance != Stance::Loses {
        put(draft, unit, id, value, clock.as_ref(), stamp);
    }
}

fn put(
    draft: &mut Draft,
    unit: &mut Unit,
    id: &str,
    value: &Value,
    clock: Option<&FieldClock>,
    stamp: &Stamp,
) {
    let stored = unit.item(id);
    let is_new = stored.is_null();
    let mut new_clock = money_clock(clock, stored, stamp);
    if is_new && !draft.clocks.contains_key(&clock_key(id)) {
        // That an item was not there before is known even where nothing else is.
        new_clock.previous = Some(Value::Null);
    }
    unit.set_item(id, value);
    draft.clocks.insert(clock_key(id), new_clock);
}

/// Somebody added the item after the version that the operation's maker saw.
fn was_added_since(clock: Option<&FieldClock>, stamp: &Stamp) -> bool {
    clock.and_then(|clock| undoable(clock, stamp)).is_some_and(Value::is_null)
}

/// The clock of an item: its own, or the list's.
pub(super) fn clock(draft: &Draft, id: &str) -> Option<FieldClock> {
    draft.clocks.get(&clock_key(id)).or_else(|| draft.clocks.get(ITEMS)).cloned()
}

/// The clocks of removed items, the latest [`ITEMS_MAX`], tell a removed item from one that never
/// was.
pub(super) fn forget_removed(draft: &mut Draft, unit: &Unit) {
    let gone = draft.clocks.iter().filter_map(|(key, clock)| {
        let id = id_of_clock(key)?;
        unit.item(id).is_null().then(|| (clock.version, key.clone()))
    });
    let mut gone: Vec<_> = gone.collect();
    arrange(&mut gone, Ord::cmp);
    let surplus = gone.len().saturating_sub(ITEMS_MAX);
    for (_, key) in gone.iter().take(surplus) {
        draft.clocks.remove(key);
    }
}

/// Every item of either unit.
pub(super) fn ids(one: &Unit, other: &Unit) -> BTreeSet<String> {
    one.items.iter().chain(&other.items).map(item::id).map(str::to_owned).gather()
}

/// The key of an item's clock, and its name in a conflict.
pub(super) fn clock_key(id: &str) -> String {
    format!("{ITEM_CLOCK}{id}")
}

/// The clock is an item's.
pub(super) fn is_clock_key(key: &str) -> bool {
    key.starts_with(ITEM_CLOCK)
}

/// The item whose clock this is.
pub(super) fn id_of_clock(key: &str) -> Option<&str> {
    key.strip_prefix(ITEM_CLOCK)
}

const ITEM_CLOCK: &str = "items/";
