//! Cuts decided operations into transactions.
//!
//! Operations that share a row stand or fall together: they form a group. A group that names a
//! record of another comes after it, never before. A guard that is only checked binds nobody
//! together: every transaction checks it for itself. Groups are packed, in that order, into chunks of
//! at most [`TRANSACTION_ITEMS_MAX`] items and [`TRANSACTION_BYTES_MAX`] bytes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{GuardKey, RecordKey, RowKey, State};
use protocol::BusinessId;

use super::Indexed;
use super::fold::{Decided, Folded};
use crate::rows::{item_bytes, key_of, unchanged, write_of};
use crate::tables::{TRANSACTION_ITEMS_MAX, Write};

/// Operations that are written in one transaction.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    pub(super) decided: Vec<Decided<'a>>,
    pub(super) writes: Vec<Write>,
    bytes: usize,
}

impl<'a> Chunk<'a> {
    pub(super) fn operations(&self) -> impl Iterator<Item = Indexed<'a>> + '_ {
        self.decided.iter().map(|decided| decided.indexed)
    }

    /// More than one transaction holds, however it is cut.
    pub(super) fn is_oversize(&self) -> bool {
        self.writes.len() > TRANSACTION_ITEMS_MAX || self.bytes > TRANSACTION_BYTES_MAX
    }

    /// The records that its operations are about.
    pub(super) fn records(&self) -> impl Iterator<Item = &RecordKey> {
        self.decided.iter().map(|decided| &decided.record)
    }

    /// It names, beside its own, one of these records.
    pub(super) fn names_any(&self, records: &BTreeSet<RecordKey>) -> bool {
        self.decided.iter().any(|decided| !decided.references.is_disjoint(records))
    }
}

/// The transactions of one round, in the order in which they must be written.
pub(super) fn chunks<'a>(business: &BusinessId, folded: Folded<'a>) -> Vec<Chunk<'a>> {
    let mut chunks: Vec<Chunk<'a>> = Vec::new();
    let groups = in_order(&folded.decided);
    let mut decided: Vec<_> = folded.decided.into_iter().map(Some).collect();
    for group in groups {
        let together = group.iter().filter_map(|&at| decided[at].take()).collect();
        let next = chunk(business, &folded.state, together);
        match chunks.last_mut() {
            Some(last) if fits(last, &next) => {
                last.decided.extend(next.decided);
                let writes = next.writes.into_iter();
                let fresh: Vec<Write> =
                    writes.filter(|write| !is_checked(&last.writes, write)).collect();
                last.writes.extend(fresh);
                last.bytes += next.bytes;
            }
            _ => chunks.push(next),
        }
    }
    chunks
}

fn fits(chunk: &Chunk<'_>, next: &Chunk<'_>) -> bool {
    let fresh = next.writes.iter().filter(|write| !is_checked(&chunk.writes, write)).count();
    chunk.writes.len() + fresh <= TRANSACTION_ITEMS_MAX
        && chunk.bytes + next.bytes <= TRANSACTION_BYTES_MAX
}

/// The same check is there already: a transaction has each item once.
fn is_checked(writes: &[Write], write: &Write) -> bool {
    matches!(write, Write::Check { .. }) && writes.contains(write)
}

fn chunk<'a>(business: &BusinessId, state: &State, mut decided: Vec<Decided<'a>>) -> Chunk<'a> {
    decided.sort_by_key(|decided| decided.indexed.index);
    let keys: BTreeSet<&RowKey> = decided
        .iter()
        .flat_map(|decided| decided.decision.rows.iter().map(|(key, _)| key))
        .collect();
    let mut writes: Vec<Write> = keys
        .iter()
        .map(|key| (key, state.as_loaded(key), state.present(key)))
        .filter(|(_, loaded, present)| loaded != present)
        .map(|(key, loaded, present)| write_of(business, key, loaded, present))
        .collect();
    let checks: BTreeSet<&GuardKey> =
        decided.iter().flat_map(|decided| &decided.decision.checks).collect();
    for check in checks {
        let key = RowKey::Guard(check.clone());
        if !keys.contains(&key) {
            let condition = unchanged(state.as_loaded(&key));
            writes.push(Write::Check { key: key_of(business, &key), condition });
        }
    }
    let bytes = writes.iter().map(write_bytes).sum();
    Chunk { decided, writes, bytes }
}

fn write_bytes(write: &Write) -> usize {
    match write {
        Write::Put { item, .. } => item_bytes(item),
        Write::Delete { .. } | Write::Check { .. } => 0,
    }
}

/// Groups of operations (places in `decided`), each after all that it needs.
fn in_order(decided: &[Decided<'_>]) -> Vec<Vec<usize>> {
    let mut groups = sharing_rows(decided);
    loop {
        let needs = needs(decided, &groups);
        match mutual(&needs) {
            Some((one, other)) => {
                let merged = groups.remove(other);
                groups[one].extend(merged);
            }
            None => return sorted(groups, &needs),
        }
    }
}

/// Groups whose operations share no row with those of another group.
fn sharing_rows(decided: &[Decided<'_>]) -> Vec<Vec<usize>> {
    let written: BTreeSet<&RowKey> =
        decided.iter().flat_map(|one| &one.decision.rows).map(|(key, _)| key).collect();
    let mut group_of: Vec<usize> = (0..decided.len()).collect();
    let mut holder: BTreeMap<RowKey, usize> = BTreeMap::new();
    for (at, operation) in decided.iter().enumerate() {
        for key in rows_of(operation, &written) {
            let first = *holder.entry(key).or_insert(at);
            let (from, to) = (group_of[at], group_of[first]);
            group_of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in group_of.into_iter().enumerate() {
        groups.entry(group).or_default().push(at);
    }
    groups.into_values().collect()
}

/// The rows that an operation writes, and those that it checks while another one writes them.
fn rows_of(decided: &Decided<'_>, written_by_any: &BTreeSet<&RowKey>) -> Vec<RowKey> {
    let own = [
        RowKey::Record(decided.record.clone()),
        RowKey::Receipt(decided.indexed.operation.operation_id.clone()),
    ];
    let written = decided.decision.rows.iter().map(|(key, _)| key.clone());
    let checked = decided.decision.checks.iter().map(|guard| RowKey::Guard(guard.clone()));
    let checked = checked.filter(|key| written_by_any.contains(key));
    own.into_iter().chain(written).chain(checked).collect()
}

/// `needs[a][b]`: group `a` names, by way of others perhaps, a record of group `b`.
fn needs(decided: &[Decided<'_>], groups: &[Vec<usize>]) -> Vec<Vec<bool>> {
    let records: Vec<BTreeSet<&RecordKey>> =
        groups.iter().map(|group| group.iter().map(|&at| &decided[at].record).collect()).collect();
    let mut needs: Vec<Vec<bool>> = groups
        .iter()
        .map(|group| {
            let named: BTreeSet<&RecordKey> =
                group.iter().flat_map(|&at| &decided[at].references).collect();
            records.iter().map(|of_other| !of_other.is_disjoint(&named)).collect()
        })
        .collect();
    for through in 0..groups.len() {
        let onward = needs[through].clone();
        for row in &mut needs {
            if row[through] {
                row.iter_mut().zip(&onward).for_each(|(reached, more)| *reached |= more);
            }
        }
    }
    needs
}

/// Two groups that need each other.
fn mutual(needs: &[Vec<bool>]) -> Option<(usize, usize)> {
    let pairs = (0..needs.len()).flat_map(|one| (one + 1..needs.len()).map(move |two| (one, two)));
    pairs.into_iter().find(|&(one, two)| needs[one][two] && needs[two][one])
}

/// What needs more comes later; else the order of the request.
fn sorted(groups: Vec<Vec<usize>>, needs: &[Vec<bool>]) -> Vec<Vec<usize>> {
    let needed =
        |at: usize| needs[at].iter().enumerate().filter(|&(other, is)| *is && other != at).count();
    let mut ranked: Vec<(usize, Vec<usize>)> =
        groups.into_iter().enumerate().map(|(at, group)| (needed(at), group)).collect();
    ranked.sort_by_key(|(rank, group)| (*rank, group.iter().min().copied()));
    ranked.into_iter().map(|(_, group)| group).collect()
}

/// DynamoDB takes 4 MB; this leaves room for how it counts.
const TRANSACTION_BYTES_MAX: usize = 3_500_000;
