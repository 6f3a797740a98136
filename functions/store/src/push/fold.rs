//! Reads the rows that operations need and decides them in order.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Caller, Decision, NotLoaded, RecordKey, RowKey, State, decide, keys_named_by};
use protocol::{BusinessId, Operation};

use super::{Indexed, Run, SenderRefused};
use crate::reading::read_items;
use crate::rows::{ForeignItem, key_of, read_row};
use crate::tables::{Item, Key, StoreError, Surroundings, Tables};

/// An operation with what becomes of it.
#[derive(Debug, Clone)]
pub(super) struct Decided<'a> {
    pub(super) indexed: Indexed<'a>,
    /// The record that it is about (for `sale_items` the sale).
    pub(super) record: RecordKey,
    /// Records that it names beside its own.
    pub(super) references: BTreeSet<RecordKey>,
    pub(super) decision: Decision,
}

/// Decided operations, and the rows before and after all of them.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    pub(super) decided: Vec<Decided<'a>>,
    pub(super) state: State,
}

/// Why operations could not be decided.
#[derive(Debug)]
pub(super) enum LoadError {
    Sender(SenderRefused),
    Store(StoreError),
    Foreign(ForeignItem),
}

/// Reads and decides; the user's own item is read along with the first rows.
pub(super) async fn fold<'a, T: Tables, S: Surroundings>(
    run: &Run<'a, T, S>,
    operations: &[Indexed<'a>],
) -> Result<(Caller, Folded<'a>), LoadError> {
    let business = &run.sender.business;
    let user = run.sender.key();
    let mut missing: BTreeSet<RowKey> =
        operations.iter().flat_map(|indexed| keys_named_by(indexed.operation)).collect();
    let mut loaded = State::default();
    let mut caller = None;
    let rounds_max = LOAD_ROUNDS_MAX * operations.len().max(1);
    for _ in 0..rounds_max {
        let wanted = missing.iter().map(|key| key_of(business, key));
        let wanted: Vec<Key> = wanted.chain(caller.is_none().then(|| user.clone())).collect();
        let mut items =
            read_items(run.tables, run.surroundings, wanted).await.map_err(LoadError::Store)?;
        if caller.is_none() {
            let found = items.remove(&user);
            caller =
                Some(run.sender.caller(found.as_ref(), run.channel).map_err(LoadError::Sender)?);
        }
        take_in(&mut loaded, business, &missing, items)?;
        let caller = caller.as_ref().expect("read in the first round");
        match decide_all(&loaded, caller, run, operations) {
            Ok(folded) => return Ok((caller.clone(), folded)),
            Err(NotLoaded(keys)) => missing = keys.into_iter().collect(),
        }
    }
    Err(LoadError::Store(StoreError::Invalid("decisions keep asking for more rows".into())))
}

/// The record that an operation is about, as the domain names it.
pub(super) fn record_of(operation: &Operation) -> RecordKey {
    keys_named_by(operation)
        .into_iter()
        .find_map(|key| match key {
            RowKey::Record(record) => Some(record),
            _ => None,
        })
        .unwrap_or_else(|| RecordKey::new(operation.entity, operation.entity_id.clone()))
}

fn take_in(
    state: &mut State,
    business: &BusinessId,
    keys: &BTreeSet<RowKey>,
    mut items: BTreeMap<Key, Item>,
) -> Result<(), LoadError> {
    for key in keys {
        let item = items.remove(&key_of(business, key));
        let row = item.map(|item| read_row(key, item)).transpose().map_err(LoadError::Foreign)?;
        state.load(key.clone(), row);
    }
    Ok(())
}

/// Decides everything in order, or names every row that is still needed.
fn decide_all<'a, T: Tables, S: Surroundings>(
    loaded: &State,
    caller: &Caller,
    run: &Run<'a, T, S>,
    operations: &[Indexed<'a>],
) -> Result<Folded<'a>, NotLoaded> {
    let now = run.surroundings.now();
    let mut state = loaded.clone();
    let mut decided = Vec::with_capacity(operations.len());
    let mut needed = Vec::new();
    for &indexed in operations {
        for (index, record) in &run.failures {
            if *index < indexed.index {
                state.note_failure(record.clone());
            }
        }
        match decide(&state, indexed.operation, caller, now) {
            Ok(decision) => {
                let (record, references) = named_records(indexed.operation);
                state.apply(&decision);
                if !decision.status.is_success() {
                    state.note_failure(record.clone());
                }
                decided.push(Decided { indexed, record, references, decision });
            }
            Err(NotLoaded(keys)) => needed.extend(keys),
        }
    }
    if needed.is_empty() { Ok(Folded { decided, state }) } else { Err(NotLoaded(needed)) }
}

fn named_records(operation: &Operation) -> (RecordKey, BTreeSet<RecordKey>) {
    let record = record_of(operation);
    let mut references: BTreeSet<RecordKey> = keys_named_by(operation)
        .into_iter()
        .filter_map(|key| match key {
            RowKey::Record(record) => Some(record),
            _ => None,
        })
        .collect();
    references.remove(&record);
    (record, references)
}

/// For each operation: a decision asks for its record's guards, then for those of what it finds
/// there, then for the closings of its days; a later operation perhaps only once an earlier one on
/// the same record could be decided.
const LOAD_ROUNDS_MAX: usize = 6;
