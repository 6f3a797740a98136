//! Figures that several screens show, counted once for each change of the records.

use std::rc::Rc;

use domain::{Debts, Units};
use protocol::{Entity, Money};
use yew::prelude::*;

use super::source::{Records, use_records};
use crate::format::{Day, Record, day_of, instant, text};

/// All debts. Compared by identity.
#[derive(Clone)]
pub(super) struct SharedDebts(Rc<Debts>);

impl PartialEq for SharedDebts {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for SharedDebts {
    type Target = Debts;

    fn deref(&self) -> &Debts {
        &self.0
    }
}

/// Who owes what, from everything that this phone knows.
#[hook]
pub(super) fn use_debts() -> SharedDebts {
    let customers = use_records(Entity::Customers);
    let sales = use_records(Entity::Sales);
    let abonos = use_records(Entity::Abonos);
    let debts = use_memo((customers, sales, abonos), |(customers, sales, abonos)| {
        let mut debts = Debts::default();
        for (entity, records) in
            [(Entity::Customers, customers), (Entity::Sales, sales), (Entity::Abonos, abonos)]
        {
            for record in records.iter().flat_map(|records| records.iter()) {
                debts.add(entity, record);
            }
        }
        debts
    });
    SharedDebts(debts)
}

/// What one customer owes.
pub(super) fn owed_by(debts: &Debts, customer: &str) -> Money {
    customer.parse().map_or(Money::ZERO, |id| debts.of(&id))
}

/// What products are counted in.
#[hook]
pub(super) fn use_units() -> Rc<Units> {
    let products = use_records(Entity::Products);
    use_memo(products, |products| {
        let all = products.iter().flat_map(|records| records.iter());
        Units::of(all.map(|record| &**record))
    })
}

/// The record with this id.
pub(super) fn find(records: Option<&Records>, id: &str) -> Option<Record> {
    records?.iter().find(|record| text(record, "id") == id).cloned()
}

/// The name of a record, as of a customer.
pub(super) fn name_of(records: Option<&Records>, id: &str) -> String {
    find(records, id).map(|record| text(&record, "name").to_owned()).unwrap_or_default()
}

/// It happened on this day, by the field that says when.
pub(super) fn is_on(record: &Record, field: &str, day: Day) -> bool {
    instant(record, field).is_some_and(|moment| day_of(moment) == day)
}

/// The load that a seller sells from today: his own that is not closed.
pub(super) fn load_of(loads: Option<&Records>, seller: &str, day: Day) -> Option<Record> {
    let date = day.wire();
    let mine = loads?.iter().filter(|load| {
        text(load, "vendedorId") == seller && text(load, "fecha") == date
    });
    mine.min_by_key(|load| text(load, "estado") == "cerrado").cloned()
}
