//! What an administrator takes along as CSV: sales, debts, closings, with names in the place of ids.

use std::collections::BTreeMap;
use std::rc::Rc;

use protocol::Money;

use super::csv::Table;
use super::ledger::SaleDebt;
use super::names::People;
use super::reports::Debtor;
use super::source::{Customer, Records};
use crate::data::OpenSales;
use crate::format::{dated_text, instant, known_money, text};

/// Every sale on the phone, with what is left of its debt: total = pagado + abonado + debe.
pub(super) fn sales_csv(
    sales: Option<&Records>,
    open: &OpenSales,
    customers: Option<&Rc<Vec<Customer>>>,
    people: &People,
) -> String {
    let mut table =
        Table::new(&["fecha", "cliente", "tipo", "total", "pagado", "abonado", "debe", "vendedor"]);
    let customers = customers.into_iter().flat_map(|customers| customers.iter());
    let names: BTreeMap<&str, &str> =
        customers.map(|customer| (customer.row.id(), customer.row.text("name"))).collect();
    for sale in sales.into_iter().flat_map(|sales| sales.iter()) {
        let when = instant(sale, "saleDate").map(dated_text).unwrap_or_default();
        let amount = |field| known_money(sale, field).map(|it| it.to_string()).unwrap_or_default();
        let (left, covered) = SaleDebt::of(sale, open).amounts();
        table.row(&[
            when,
            names.get(text(sale, "clientId")).copied().unwrap_or_default().to_owned(),
            text(sale, "saleType").to_owned(),
            amount("totalAmount"),
            amount("amountPaid"),
            covered.to_string(),
            left.to_string(),
            people.full_name(text(sale, "sellerId")),
        ]);
    }
    table.done()
}

/// Everybody who owes.
pub(super) fn debts_csv(owed: &[Debtor]) -> String {
    let mut table = Table::new(&["cliente", "telefono", "deuda"]);
    for debtor in owed {
        table.row(&[debtor.name().to_owned(), debtor.phone.clone(), debtor.debt.to_string()]);
    }
    table.done()
}

/// Every closing of a day.
pub(super) fn closings_csv(closings: Option<&Records>, people: &People) -> String {
    let mut table = Table::new(&CLOSING_COLUMNS.map(|(name, _)| name));
    for closing in closings.into_iter().flat_map(|closings| closings.iter()) {
        let value = |(_, field): (&str, &str)| match closing.get(field) {
            Some(serde_json::Value::String(text)) if field == "sellerId" => people.full_name(text),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => Money::ZERO.to_string(),
        };
        table.row(&CLOSING_COLUMNS.map(value));
    }
    table.done()
}

const CLOSING_COLUMNS: [(&str, &str); 9] = [
    ("fecha", "closingDate"),
    ("vendedor", "sellerId"),
    ("ventas", "totalSales"),
    ("total", "totalAmount"),
    ("contado", "cashAmount"),
    ("credito", "creditAmount"),
    ("kilos", "totalKilos"),
    ("efectivo contado", "cashCounted"),
    ("diferencia", "cashDifference"),
];
