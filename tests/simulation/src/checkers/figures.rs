//! The figures that a phone shows, by the domain's own functions from the phone's own rows, are
//! those that whole numbers give from the server's records: debts, days, loads.

use std::collections::BTreeMap;

use domain::{DayFigures, Debts, LoadFigures, Units, seller_date};
use protocol::{Entity, JsonObject, Money};
use serde_json::Value;
use store::tables::Table;

use super::content::{items_in, of_records};
use super::money::debts;
use crate::world::World;

/// Live records by `entity#id`.
type Live<'a> = BTreeMap<String, &'a Value>;

/// After the quiet, on every phone.
pub(crate) fn right(world: &World) -> Result<(), String> {
    for business in &world.businesses {
        let items = items_in(world, Table::Records, business);
        let records = of_records(&items).into_iter();
        let server: Live<'_> =
            records.filter_map(|(key, (_, record))| Some((key, record?))).collect();
        for (place, phone) in world.profiles.iter().enumerate() {
            let Some(sync) = phone.store.sync_state(business) else { continue };
            if world.reads_no_more(place, business) {
                continue;
            }
            let rows = phone.store.records(business, sync.generation);
            let shown: Live<'_> =
                rows.filter_map(|row| Some((row.key.to_string(), row.record.as_ref()?))).collect();
            let wrong = |what: String| format!("phone {place}: {what}");
            debts_are_right(&shown, &server).map_err(wrong)?;
            days_are_right(&shown, &server).map_err(wrong)?;
            loads_are_right(&shown, &server).map_err(wrong)?;
        }
    }
    Ok(())
}

fn debts_are_right(shown: &Live<'_>, server: &Live<'_>) -> Result<(), String> {
    let mut ours = Debts::default();
    for (entity, record) in of_kinds(shown) {
        ours.add(entity, record);
    }
    let records = server.iter().map(|(key, record)| (key.as_str(), *record));
    let mut owing = 0;
    for (client, debt) in debts(records)? {
        let Ok(id) = client.parse() else { continue };
        if whole(ours.of(&id)) != debt {
            return Err(format!("{client} owes {:?} on the screen, and {debt}", ours.of(&id)));
        }
        owing += debt.max(0);
    }
    let total = ours.receivables().total;
    if whole(total) == owing { Ok(()) } else { Err(format!("{total:?} is owed, and {owing}")) }
}

fn days_are_right(shown: &Live<'_>, server: &Live<'_>) -> Result<(), String> {
    let mut expected: BTreeMap<String, (u32, i128, i128)> = BTreeMap::new();
    for sale in sales(server) {
        let Some(day) = seller_date(sale) else { continue };
        let (count, total, owed) = expected.entry(day).or_default();
        *count += 1;
        *total += fixed(sale.get("totalAmount"))?;
        *owed += fixed(sale.get("balanceDue"))?;
    }
    let units = Units::of(products(shown));
    let mut days: BTreeMap<String, Vec<(Entity, &JsonObject)>> = BTreeMap::new();
    for (entity, record) in of_kinds(shown) {
        if let Some(day) = seller_date(record) {
            days.entry(day).or_default().push((entity, record));
        }
    }
    for (day, (count, total, owed)) in expected {
        let of_the_day = days.remove(&day).unwrap_or_default();
        let figures = DayFigures::of(of_the_day, &units);
        let (amount, credit) = (whole(figures.total_amount), whole(figures.credit_amount));
        let cash = whole(figures.cash_amount);
        if (figures.total_sales, amount, credit, cash) != (count, total, owed, total - owed) {
            return Err(format!("{day} is {figures:?}, and {count} sales of {total}, {owed} due"));
        }
    }
    Ok(())
}

fn loads_are_right(shown: &Live<'_>, server: &Live<'_>) -> Result<(), String> {
    let units = Units::of(products(shown));
    for load in of_kind(shown, Entity::Distribuciones) {
        let mut paid = 0;
        for sale in sales(server).filter(|sale| sale.get("distribucionId") == load.get("id")) {
            paid += fixed(sale.get("amountPaid"))?;
        }
        let figures = LoadFigures::of(load, sales(shown), &units);
        if whole(figures.monto_recaudado) != paid {
            let (id, brought) = (load.get("id"), figures.monto_recaudado);
            return Err(format!("load {id:?} brought {brought:?}, and {paid}"));
        }
    }
    Ok(())
}

fn of_kinds<'a>(all: &'a Live<'_>) -> impl Iterator<Item = (Entity, &'a JsonObject)> {
    all.iter().filter_map(|(key, record)| {
        Some((key.split_once('#')?.0.parse().ok()?, record.as_object()?))
    })
}

fn of_kind<'a>(all: &'a Live<'_>, kind: Entity) -> impl Iterator<Item = &'a JsonObject> {
    of_kinds(all).filter(move |(entity, _)| *entity == kind).map(|(_, record)| record)
}

fn sales<'a>(of: &'a Live<'_>) -> impl Iterator<Item = &'a JsonObject> {
    of_kind(of, Entity::Sales)
}

fn products<'a>(of: &'a Live<'_>) -> impl Iterator<Item = &'a JsonObject> {
    of_kind(of, Entity::Products)
}

/// In céntimos, of a record.
fn fixed(amount: Option<&Value>) -> Result<i128, String> {
    super::money::fixed(amount.unwrap_or(&Value::Null), 2)
}

/// In céntimos.
fn whole(money: Money) -> i128 {
    let text = money.to_json();
    text.as_str().and_then(|text| text.replace('.', "").parse().ok()).unwrap_or(i128::MIN)
}
