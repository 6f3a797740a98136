//! What several screens look up: names, units, loads.

use std::rc::Rc;

use domain::Units;
use yew::prelude::*;

use super::source::{Customer, Records, ready, use_loads};
use crate::data;
use crate::format::{Day, Record, text};

/// What products are counted in.
#[hook]
pub(super) fn use_units() -> Rc<Units> {
    ready(data::use_units()).unwrap_or_default()
}

/// The record with this id.
pub(super) fn find(records: Option<&Records>, id: &str) -> Option<Record> {
    records?.iter().find(|record| record.0.id() == id).cloned()
}

/// The name of a record, as of a product.
pub(super) fn name_of(records: Option<&Records>, id: &str) -> String {
    find(records, id).map(|record| text(&record, "name").to_owned()).unwrap_or_default()
}

/// The name of a customer.
pub(super) fn customer_name(customers: Option<&Rc<Vec<Customer>>>, id: &str) -> String {
    let all = customers.into_iter().flat_map(|customers| customers.iter());
    let found = all.into_iter().find(|customer| customer.row.id() == id);
    found.map(|customer| customer.row.text("name").to_owned()).unwrap_or_default()
}

/// The load that a seller sells from on a day: an open one before a closed one.
#[hook]
pub(super) fn use_load_of(seller: &str, day: Day) -> Option<Record> {
    let filter = data::DistribucionFilter {
        from: Some(day.date()),
        to: Some(day.date()),
        seller: Some(seller.to_owned()),
    };
    let loads = use_loads(filter)?;
    loads.iter().min_by_key(|load| text(load, "estado") == "cerrado").cloned()
}
