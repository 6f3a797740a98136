//! The records of the business at work, in memory, with the queue on top.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine::{Account, StorageFault};
use indexeddb::Database;
use protocol::{Entity, Money, arrange};

use super::entry::Entry;
use super::filter::Wanted;
use super::{Customer, Row};
use crate::shell::{Driver, Watched};

/// A list or record, as far as it is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded<T> {
    /// The phone's records are being read; so many are in.
    Loading {
        /// So far.
        records: usize,
    },
    /// Here it is.
    Ready(T),
    /// The phone's database does not give it.
    Failed(StorageFault),
}

/// How far the records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Loading(usize),
    Ready,
    Failed(StorageFault),
}

/// The records of one business. One for each tab.
pub(super) struct Model {
    pub(super) driver: Driver,
    pub(super) database: Database,
    pub(super) account: RefCell<Option<Account>>,
    /// Counts accounts and whole reloads: what was begun for an earlier one is dropped.
    pub(super) round: Cell<u64>,
    /// The round whose records are shown.
    pub(super) shown: Cell<u64>,
    pub(super) rows: RefCell<Rows>,
    /// The rows of the user who is signed in were read once. A read that fails after that leaves them.
    pub(super) is_read: Cell<bool>,
    pub(super) stage: Rc<Watched<Stage>>,
    changes: Vec<(Entity, Rc<Watched<u64>>)>,
    /// Records that look different and have not been read yet.
    pub(super) dirty: RefCell<BTreeSet<domain::RecordKey>>,
    pub(super) reading: Cell<bool>,
}

/// Rows by kind and id, and who owes what.
#[derive(Debug, Default)]
pub(super) struct Rows {
    by_entity: BTreeMap<Entity, BTreeMap<Box<str>, Row>>,
    debts: BTreeMap<Box<str>, Money>,
}

impl Model {
    pub(super) fn new(driver: Driver, database: Database) -> Self {
        let changes = Entity::ALL.iter().map(|entity| (*entity, Rc::new(Watched::new(0))));
        Self {
            driver,
            database,
            account: RefCell::default(),
            round: Cell::new(0),
            shown: Cell::new(0),
            rows: RefCell::default(),
            is_read: Cell::new(false),
            stage: Rc::new(Watched::new(Stage::Loading(0))),
            changes: changes.collect(),
            dirty: RefCell::default(),
            reading: Cell::new(false),
        }
    }

    /// Rises whenever a record of this kind looks different.
    pub(super) fn changes(&self, entity: Entity) -> &Rc<Watched<u64>> {
        let found = self.changes.iter().find(|(of, _)| *of == entity);
        &found.expect("every entity has a counter, made in new").1
    }

    pub(super) fn tell(&self, entities: &BTreeSet<Entity>) {
        for entity in entities {
            let changes = self.changes(*entity);
            changes.set(changes.get() + 1);
        }
    }

    /// What is shown is the set that the engine writes on, and not the one that a snapshot has
    /// just put another in the place of, perhaps of a restored server's new epoch.
    pub(super) fn is_current(&self) -> bool {
        self.shown.get() == self.round.get()
    }

    /// One record.
    pub(super) fn row(&self, entity: Entity, id: &str) -> Option<Row> {
        self.rows.borrow().by_entity.get(&entity)?.get(id).cloned()
    }

    /// A list: by its order, the latest first where that is a moment.
    pub(super) fn list(&self, entity: Entity, wanted: &Wanted) -> Vec<Row> {
        let rows = self.rows.borrow();
        let all = rows.by_entity.get(&entity).into_iter().flat_map(BTreeMap::values);
        let mut found: Vec<Row> =
            all.filter(|row| wanted.takes(row, || rows.debt_of(row.id()))).cloned().collect();
        drop(rows);
        let by_name =
            matches!(entity, Entity::Customers | Entity::Products | Entity::ProductVariants);
        if by_name {
            arrange(&mut found, |one, two| one.0.order.cmp(&two.0.order));
        } else {
            arrange(&mut found, |one, two| two.0.order.cmp(&one.0.order));
        }
        found
    }

    /// The records of these kinds with open conflicts.
    pub(super) fn conflicted(&self, kinds: [Entity; 3]) -> Vec<Row> {
        let rows = self.rows.borrow();
        let of_kinds = rows.by_entity.iter().filter(|(entity, _)| kinds.contains(entity));
        let all = of_kinds.flat_map(|(_, of_entity)| of_entity.values());
        all.filter(|row| row.0.conflicted).cloned().collect()
    }

    /// What is owed by customers who are not there: deleted, or not arrived yet.
    pub(super) fn debts_of_nobody(&self) -> Vec<(String, Money)> {
        let rows = self.rows.borrow();
        let customers = rows.by_entity.get(&Entity::Customers);
        let is_there = |id: &str| customers.is_some_and(|customers| customers.contains_key(id));
        let owing = rows.debts.iter().filter(|(id, debt)| **debt > Money::ZERO && !is_there(id));
        owing.map(|(id, debt)| (id.to_string(), *debt)).collect()
    }

    /// A customer and his debt.
    pub(super) fn customer(&self, row: Row) -> Customer {
        let debt = self.rows.borrow().debt_of(row.id());
        Customer { row, debt }
    }
}

impl Rows {
    /// Puts a record in the place of what was there, or takes it away.
    pub(super) fn put(&mut self, key: &domain::RecordKey, entry: Option<Entry>) {
        let of_entity = self.by_entity.entry(key.entity).or_default();
        let before = match entry {
            Some(entry) => {
                if let Some((whose, debt)) = &entry.debt {
                    owe(&mut self.debts, whose, *debt);
                }
                of_entity.insert(key.id.as_str().into(), Row(Rc::new(entry)))
            }
            None => of_entity.remove(key.id.as_str()),
        };
        if let Some((whose, debt)) = before.as_ref().and_then(|row| row.0.debt.as_ref()) {
            owe(&mut self.debts, whose, Money::ZERO - *debt);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.by_entity.values().map(BTreeMap::len).sum()
    }

    /// All rows of one kind.
    pub(super) fn of(&self, entity: Entity) -> impl Iterator<Item = &Row> {
        self.by_entity.get(&entity).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn debt_of(&self, customer: &str) -> Money {
        self.debts.get(customer).copied().unwrap_or_default()
    }
}

fn owe(debts: &mut BTreeMap<Box<str>, Money>, whose: &str, amount: Money) {
    match debts.get_mut(whose) {
        Some(debt) => *debt = *debt + amount,
        None => drop(debts.insert(whose.into(), amount)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Version;

    fn put(rows: &mut Rows, entity: Entity, id: &str, text: Option<&str>) {
        let key = domain::RecordKey::new(entity, id.parse().unwrap());
        let entry =
            text.map(|text| Entry::synced(key.clone(), Version(1), text.to_owned()).unwrap());
        rows.put(&key, entry);
    }

    #[test]
    fn a_debt_follows_each_record_that_makes_it() {
        let mut rows = Rows::default();
        let sale = |balance: &str| {
            format!(
                r#"{{"id":"s","clientId":"rosa","saleType":"credito","balanceDue":"{balance}"}}"#
            )
        };
        put(&mut rows, Entity::Sales, "s", Some(&sale("64.00")));
        let rosa = r#"{"id":"rosa","name":"Rosa","saldoInicial":"10.00"}"#;
        put(&mut rows, Entity::Customers, "rosa", Some(rosa));
        assert_eq!(rows.debt_of("rosa").to_string(), "74.00");
        put(&mut rows, Entity::Sales, "s", Some(&sale("60.00")));
        assert_eq!(rows.debt_of("rosa").to_string(), "70.00");
        let abono = r#"{"id":"a","clientId":"rosa","amount":"80.00"}"#;
        put(&mut rows, Entity::Abonos, "a", Some(abono));
        assert_eq!(rows.debt_of("rosa").to_string(), "-10.00");
        put(&mut rows, Entity::Sales, "s", None);
        put(&mut rows, Entity::Abonos, "a", None);
        assert_eq!(rows.debt_of("rosa").to_string(), "10.00");
        assert_eq!(rows.count(), 1);
    }
}
