//! Reads the rows that operations need and decides them in order.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Caller, Decision, NotLoaded, RecordKey, RowKey, State, decide, keys_named_by, record_named_by,
};
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

/// Reads and decides; the sender's user and session are read along with the first rows.
pub(super) async fn fold<'a, T: Tables, S: Surroundings>(
    run: &Run<'a, T, S>,
    operations: &[Indexed<'a>],
) -> Result<(Caller, Folded<'a>), LoadError> {
    let business = &run.sender.business;
    let named: Vec<Vec<RowKey>> =
        operations.iter().map(|indexed| keys_named_by(indexed.operation)).collect();
    let mut missing: BTreeSet<RowKey> = named.iter().flatten().cloned().collect();
    let mut loaded = State::default();
    let mut caller = None;
    let rounds_max = LOAD_ROUNDS_MAX * operations.len().max(1);
    for _ in 0..rounds_max {
        let wanted = missing.iter().map(|key| key_of(business, key));
        let sender = caller.is_none().then(|| run.sender.keys()).into_iter().flatten();
        let wanted: Vec<Key> = wanted.chain(sender).collect();
        let items =
            read_items(run.tables, run.surroundings, wanted).await.map_err(LoadError::Store)?;
        if caller.is_none() {
            let now = run.surroundings.now();
            caller = Some(run.sender.caller(&items, run.channel, now).map_err(LoadError::Sender)?);
        }
        take_in(&mut loaded, business, &missing, items)?;
        let caller = caller.as_ref().expect("read in the first round");
        match decide_all(&mut loaded, caller, run, operations) {
            Ok(decisions) => {
                let every = operations.iter().zip(named).zip(decisions);
                let decided = every.map(|((&indexed, named), decision)| Decided {
                    indexed,
                    record: record_of(indexed.operation),
                    references: references(indexed.operation, named),
                    decision,
                });
                return Ok((caller.clone(), Folded { decided: decided.collect(), state: loaded }));
            }
            Err(NotLoaded(keys)) => {
                missing = keys.into_iter().collect();
                loaded.forget_decisions();
            }
        }
    }
    Err(LoadError::Store(StoreError::Invalid("decisions keep asking for more rows".into())))
}

/// The record that an operation is about, as the domain names it.
pub(super) fn record_of(operation: &Operation) -> RecordKey {
    record_named_by(operation)
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

/// Decides everything in order, folding it into the state, or names every row that is still needed.
fn decide_all<T: Tables, S: Surroundings>(
    state: &mut State,
    caller: &Caller,
    run: &Run<'_, T, S>,
    operations: &[Indexed<'_>],
) -> Result<Vec<Decision>, NotLoaded> {
    let now = run.surroundings.now();
    let mut decided = Vec::with_capacity(operations.len());
    let mut needed = Vec::new();
    for &indexed in operations {
        for (index, record) in &run.failures {
            if *index < indexed.index {
                state.note_failure(record.clone());
            }
        }
        match decide(state, indexed.operation, caller, now) {
            Ok(decision) => {
                state.apply(&decision);
                if !decision.status.is_success() {
                    state.note_failure(record_of(indexed.operation));
                }
                decided.push(decision);
            }
            Err(NotLoaded(keys)) => needed.extend(keys),
        }
    }
    if needed.is_empty() { Ok(decided) } else { Err(NotLoaded(needed)) }
}

/// The records among `named` beside the operation's own.
fn references(operation: &Operation, named: Vec<RowKey>) -> BTreeSet<RecordKey> {
    let mut references: BTreeSet<RecordKey> = named
        .into_iter()
        .filter_map(|key| match key {
            RowKey::Record(record) => Some(record),
            _ => None,
        })
        .collect();
    references.remove(&record_of(operation));
    references
}

/// For each operation: a decision asks for its record's guards, then for those of what it finds
/// there, then for the closings of its days; a later operation perhaps only once an earlier one on
/// the same record could be decided.
const LOAD_ROUNDS_MAX: usize = 6;
