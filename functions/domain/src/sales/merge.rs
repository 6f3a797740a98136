//! Two phones change one sale: what of both stands, so that it always adds up.
//!
//! The scalars of the unit are one: where both changed any of them, the later operation's stand
//! and what the other set is taken back. Items merge one by one. If the outcome breaks a rule of
//! money, the whole unit of the later operation stands. What loses is reported.

use protocol::{Action, ErrorCode, Gather, JsonObject, Money, RecordId};
use serde_json::Value;

use super::item::{self, within_a_centimo};
use super::unit::Unit;
use super::{ITEMS, PAID, SALE_ID, SCALARS, items};
use crate::draft::Draft;
use crate::judge::Stop;
use crate::stamp::{Stamp, Stance};
use crate::write::Change as Merging;
use crate::{FieldClock, Refusal};

/// What an operation changes of a sale's money.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) scalars: JsonObject,
    pub(super) items: ItemsChange,
}

/// What an operation changes of a sale's items.
#[derive(Debug, Clone)]
pub(super) enum ItemsChange {
    /// Nothing.
    None,
    /// The whole list as the seller saw it.
    All(Vec<Value>),
    /// A new item.
    Add(Value),
    /// Some fields of an item.
    Set { id: String, changes: JsonObject },
    /// One item less.
    Remove { id: String },
}

/// Merges an update of a sale.
///
/// # Errors
/// The rule of money that it breaks by itself.
pub(crate) fn merge_sale(
    draft: &mut Draft,
    mut changes: JsonObject,
    stamp: &Stamp,
) -> Result<(), Refusal> {
    let items = match changes.remove(ITEMS) {
        Some(Value::Array(items)) => ItemsChange::All(items),
        _ => ItemsChange::None,
    };
    let unit_fields = SCALARS.iter().filter_map(|field| changes.remove_entry(*field));
    let scalars: JsonObject = unit_fields.gather();
    draft.merge(&changes, stamp);
    merge_unit(draft, &Change { scalars, items }, stamp)
}

/// Merges an operation on one item.
///
/// # Errors
/// A refusal, or the item is not there yet.
pub(crate) fn merge_item(
    draft: &mut Draft,
    action: Action,
    id: &RecordId,
    payload: &JsonObject,
    stamp: &Stamp,
) -> Result<Merging, Stop> {
    let id = id.as_str().to_owned();
    let there = !Unit::of(&draft.record).item(&id).is_null();
    let was_there = draft.clocks.contains_key(&items::clock_key(&id));
    let mut item = payload.clone();
    item.remove(SALE_ID);
    let items = match (action, there, was_there) {
        (Action::Insert, false, false) => ItemsChange::Add(Value::Object(item)),
        (Action::Insert, ..) => return Err(ErrorCode::AlreadyExists.into()),
        (_, false, false) => return Err(Stop::Blocked(ErrorCode::RecordNotFound.into())),
        (Action::Delete, false, true) => return Ok(Merging::None),
        (Action::Delete, true, _) => ItemsChange::Remove { id },
        (Action::Update, ..) => ItemsChange::Set { id, changes: item },
    };
    merge_unit(draft, &Change { scalars: JsonObject::new(), items }, stamp)?;
    Ok(Merging::Merged)
}

fn merge_unit(draft: &mut Draft, change: &Change, stamp: &Stamp) -> Result<(), Refusal> {
    let stored = Unit::of(&draft.record);
    let rivals = rivals(draft, stamp);
    let own = own_unit(draft, change, &stored, stamp)?;
    // Where all that its maker did not see can be taken back, an operation must be good by itself.
    if rivals.iter().all(|clock| clock.previous.is_some()) {
        own.check()?;
        check_cash_paid(change, &own)?;
    }
    let change = &Change {
        scalars: touched_scalars(draft, change, &stored, &own, stamp),
        items: change.items.clone(),
    };
    let mut attempt = draft.clone();
    let mut unit = stored.clone();
    merge_scalars(&mut attempt, &mut unit, &change.scalars, stamp);
    items::merge(&mut attempt, &mut unit, &change.items, stamp)?;
    unit.settle();
    let unit = match unit.check() {
        Ok(_) => {
            *draft = attempt;
            unit
        }
        Err(refusal) if rivals.is_empty() => return Err(refusal),
        Err(_) => {
            let wins = rivals.iter().all(|clock| stamp.is_later_than(clock));
            if wins && own.check().is_ok() {
                replace_unit(draft, &stored, &own, stamp);
                own
            } else {
                lose_unit(draft, change, &stored, &own, stamp);
                stored
            }
        }
    };
    let figures = unit.check()?;
    unit.write_to(&mut draft.record, figures);
    items::forget_removed(draft, &unit);
    Ok(())
}

/// Settings of the unit that the operation's maker had not seen; without a base, later ones.
fn rivals(draft: &Draft, stamp: &Stamp) -> Vec<FieldClock> {
    let of_unit = draft.clocks.iter().filter(|(key, _)| {
        SCALARS.contains(&key.as_str()) || *key == ITEMS || items::is_clock_key(key)
    });
    let unseen = of_unit.filter(|(_, clock)| {
        stamp.has_not_seen(clock) || stamp.stance(Some(clock)) == Stance::Loses
    });
    unseen.map(|(_, clock)| clock.clone()).collect()
}

/// The unit as the operation's maker saw it, with what he changed.
fn own_unit(draft: &Draft, change: &Change, stored: &Unit, stamp: &Stamp) -> Result<Unit, Refusal> {
    let mut own = seen_unit(draft, stored, stamp);
    for (field, value) in &change.scalars {
        own.set(field, value);
    }
    items::apply(&mut own, &change.items)?;
    own.settle();
    Ok(own)
}

/// The unit as the operation's maker saw it.
fn seen_unit(draft: &Draft, stored: &Unit, stamp: &Stamp) -> Unit {
    let mut seen = stored.clone();
    for (key, clock) in &draft.clocks {
        let Some(previous) = undoable(clock, stamp) else { continue };
        if SCALARS.contains(&key.as_str()) {
            seen.set(key, previous);
        } else if let Some(id) = items::id_of_clock(key) {
            seen.set_item(id, previous);
        }
    }
    seen.settle();
    seen
}

/// The scalars of a change that differ from what its maker saw.
///
/// Clients may send the whole unit with every update. A credit sale of 36.00 with 20.00 paid:
/// Juana corrects the kilos and sends `amountPaid` 20.00 along, while Ana raises it to 25.00. Only
/// Ana set the payment, so hers stands without a conflict, whichever arrives first. A field whose
/// value at the base is not known (no base, or no `previous` in its clock) counts as changed.
fn touched_scalars(
    draft: &Draft,
    change: &Change,
    stored: &Unit,
    own: &Unit,
    stamp: &Stamp,
) -> JsonObject {
    let seen = seen_unit(draft, stored, stamp);
    let is_unknown = |field: &str| {
        let clock = draft.clocks.get(field).filter(|clock| stamp.has_not_seen(clock));
        stamp.base.is_none() || clock.is_some_and(|clock| clock.previous.is_none())
    };
    let touched = change
        .scalars
        .iter()
        .filter(|(field, _)| is_unknown(field) || own.scalar(field) != seen.scalar(field));
    touched.map(|(field, value)| (field.clone(), value.clone())).gather()
}

/// A cash sale has paid its total; another figure is a mistake.
fn check_cash_paid(change: &Change, own: &Unit) -> Result<(), Refusal> {
    let named = change.scalars.get(PAID).and_then(|value| Money::from_json(value).ok());
    let Some(named) = named.filter(|_| !own.scalars.contains_key(PAID)) else { return Ok(()) };
    let total: Money = own.items.iter().filter_map(Value::as_object).map(item::subtotal).sum();
    if within_a_centimo(named, total) {
        return Ok(());
    }
    let what = format!("Al contado se paga el total ({total}), no {named}.");
    Err(Refusal::new(ErrorCode::TotalMismatch, what))
}

fn merge_scalars(draft: &mut Draft, unit: &mut Unit, changes: &JsonObject, stamp: &Stamp) {
    if changes.is_empty() {
        return;
    }
    let clocks = SCALARS.iter().filter_map(|field| {
        let clock = draft.clocks.get(*field)?;
        undoable(clock, stamp)?;
        Some((*field, clock.clone()))
    });
    let rivals: Vec<(&str, FieldClock)> = clocks.collect();
    if !rivals.iter().all(|(_, clock)| stamp.is_later_than(clock)) {
        for (field, value) in changes {
            let stored = unit.scalar(field);
            if stored != *value {
                draft.note(Stance::Loses, field, value, &stored, None, stamp);
            }
        }
        return;
    }
    for (field, clock) in rivals.iter().filter(|(field, _)| !changes.contains_key(*field)) {
        let seen = clock.previous.clone().unwrap_or_default();
        set_scalar(draft, unit, field, &seen, Some(clock), stamp);
    }
    for (field, value) in changes {
        let clock = draft.clocks.get(field).cloned();
        set_scalar(draft, unit, field, value, clock.as_ref(), stamp);
    }
}

fn set_scalar(
    draft: &mut Draft,
    unit: &mut Unit,
    field: &str,
    value: &Value,
    clock: Option<&FieldClock>,
    stamp: &Stamp,
) {
    let stored = unit.scalar(field);
    let stance = stamp.stance(clock);
    if stance == Stance::Informed {
        draft.clear_conflicts(field);
    } else if stored != *value {
        draft.note(stance, field, value, &stored, clock, stamp);
    }
    if stance != Stance::Loses {
        unit.set(field, value);
        draft.clocks.insert(field.to_owned(), money_clock(clock, stored, stamp));
    }
}

/// The clock of a setting of the unit, which keeps what its maker had seen in its place.
pub(super) fn money_clock(clock: Option<&FieldClock>, stored: Value, stamp: &Stamp) -> FieldClock {
    let seen = clock.and_then(|clock| undoable(clock, stamp)).cloned().unwrap_or(stored);
    stamp.clock(clock, stamp.base.map(|_| seen))
}

/// What a setting that the operation's maker had not seen stands in place of, if that is known.
pub(super) fn undoable<'a>(clock: &'a FieldClock, stamp: &Stamp) -> Option<&'a Value> {
    if stamp.has_not_seen(clock) { clock.previous.as_ref() } else { None }
}

/// The operation's own unit takes the place of what cannot stand beside it.
fn replace_unit(draft: &mut Draft, stored: &Unit, own: &Unit, stamp: &Stamp) {
    let scalars = SCALARS.iter().map(|field| {
        let clock = draft.clocks.get(*field).cloned();
        ((*field).to_owned(), clock, stored.scalar(field), own.scalar(field))
    });
    let items = items::ids(stored, own).into_iter().map(|id| {
        let key = items::clock_key(&id);
        let clock = items::clock(draft, &id);
        (key, clock, stored.item(&id), own.item(&id))
    });
    let changed: Vec<_> = scalars.chain(items).filter(|(.., was, is)| was != is).collect();
    for (field, clock, was, is) in changed {
        match clock.as_ref().filter(|clock| stamp.stance(Some(clock)) != Stance::Informed) {
            Some(clock) => {
                let lost = item::lost_beside(&is, &was, clock.previous.as_ref());
                draft.lose(&field, &is, &lost, &clock.by, clock.at);
            }
            None => draft.clear_conflicts(&field),
        }
        draft.clocks.insert(field, money_clock(clock.as_ref(), was, stamp));
    }
}

/// The stored unit stands; what the operation changed is reported.
fn lose_unit(draft: &mut Draft, change: &Change, stored: &Unit, own: &Unit, stamp: &Stamp) {
    for (field, value) in &change.scalars {
        let kept = stored.scalar(field);
        if kept != *value {
            draft.lose(field, &kept, value, &stamp.by, stamp.at);
        }
    }
    let seen = seen_unit(draft, stored, stamp);
    for id in items::ids(stored, own) {
        let (kept, lost) = (stored.item(&id), own.item(&id));
        if lost != seen.item(&id) && lost != kept {
            let lost = item::lost_beside(&kept, &lost, Some(&seen.item(&id)));
            draft.lose(&items::clock_key(&id), &kept, &lost, &stamp.by, stamp.at);
        }
    }
}
