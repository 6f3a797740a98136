//! What several screens look up: names, units, loads, what sales still owe.

use std::rc::Rc;

use domain::Units;
use protocol::{JsonObject, Money};
use yew::prelude::*;

use super::source::{Customer, Records, ready, use_loads};
use crate::data::{self, OpenSales};
use crate::format::{Day, Record, money, text};

/// What products are counted in.
#[hook]
pub(super) fn use_units() -> Rc<Units> {
    ready(data::use_units()).unwrap_or_default()
}

/// What credit sales still owe, of one customer or of all; nothing until it is known.
#[hook]
pub(super) fn use_open_sales(client: Option<&str>) -> Option<Rc<OpenSales>> {
    ready(data::use_open_sales(client))
}

/// What a sale still owes of the balance that it was saved with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SaleDebt {
    /// It left no debt.
    None,
    /// Abonos have covered what it left.
    Paid {
        /// What it left.
        balance: Money,
    },
    /// Above zero.
    Open {
        /// What it left.
        balance: Money,
        /// What abonos have not covered of it.
        left: Money,
    },
}

impl SaleDebt {
    pub(super) fn of(sale: &JsonObject, open: &OpenSales) -> Self {
        let balance = money(sale, "balanceDue");
        let left = open.left_of(text(sale, "id"));
        match (balance > Money::ZERO, left > Money::ZERO) {
            (false, _) => Self::None,
            (true, false) => Self::Paid { balance },
            (true, true) => Self::Open { balance, left },
        }
    }

    /// What is left, and what abonos have covered.
    pub(super) fn amounts(self) -> (Money, Money) {
        match self {
            Self::None => (Money::ZERO, Money::ZERO),
            Self::Paid { balance } => (Money::ZERO, balance),
            Self::Open { balance, left } => (left, balance - left),
        }
    }
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
