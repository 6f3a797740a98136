//! The figures that a phone shows, by the domain's own functions from the phone's own rows, are
//! those that whole numbers give from the server's records: debts, days, loads.

use std::collections::BTreeMap;

use domain::{DayFigures, Debts, LoadFigures, Units, seller_date};
use protocol::{Entity, JsonObject, Money};
use serde_json::Value;

use super::money::{centimos, debts};
use crate::world::World;

/// Live records by `entity#id`.
type Live = BTreeMap<String, JsonObject>;

/// After the quiet, on every phone.
pub(crate) fn right(world: &World) -> Result<(), String> {
    for business in &world.businesses {
        let records = super::content::of_records(world, business);
        let server: Live = records
            .into_iter()
            .filter_map(|(key, (_, record))| Some((key, serde_json::from_str(&record?).ok()?)))
            .collect();
        for (place, phone) in world.profiles.iter().enumerate() {
            let Some(sync) = phone.store.sync_state(business) else { continue };
            if world.reads_no_more(place, business) {
                continue;
            }
            let rows = phone.store.records(business, sync.generation);
            let shown: Live = rows
                .filter_map(|row| match &row.record {
                    Some(Value::Object(record)) => Some((row.key.to_string(), record.clone())),
                    _ => None,
                })
                .collect();
            let wrong = |what: String| format!("phone {place}: {what}");
            debts_are_right(&shown, &server).map_err(wrong)?;
            days_are_right(&shown, &server).map_err(wrong)?;
            loads_are_right(&shown, &server).map_err(wrong)?;
        }
    }
    Ok(())
}

fn debts_are_right(shown: &Live, server: &Live) -> Result<(), String> {
    let mut ours = Debts::default();
    for (key, record) in shown {
        if let Some(entity) = entity(key) {
            ours.add(entity, record);
        }
    }
    let records = server.iter().map(|(key, record)| (key.as_str(), Value::Object(record.clone())));
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

fn days_are_right(shown: &Live, server: &Live) -> Result<(), String> {
    let mut expected: BTreeMap<String, (u32, i128, i128)> = BTreeMap::new();
    for sale in sales(server) {
        let Some(day) = seller_date(sale) else { continue };
        let sale = Value::Object(sale.clone());
        let (count, total, owed) = expected.entry(day).or_default();
        *count += 1;
        *total += centimos(&sale, "totalAmount")?;
        *owed += centimos(&sale, "balanceDue")?;
    }
    let units = Units::of(products(shown));
    for (day, (count, total, owed)) in expected {
        let of_the_day = shown
            .iter()
            .filter(|(_, record)| seller_date(record).as_ref() == Some(&day))
            .filter_map(|(key, record)| Some((entity(key)?, record)));
        let figures = DayFigures::of(of_the_day, &units);
        let (amount, credit) = (whole(figures.total_amount), whole(figures.credit_amount));
        let cash = whole(figures.cash_amount);
        if (figures.total_sales, amount, credit, cash) != (count, total, owed, total - owed) {
            return Err(format!("{day} is {figures:?}, and {count} sales of {total}, {owed} due"));
        }
    }
    Ok(())
}

fn loads_are_right(shown: &Live, server: &Live) -> Result<(), String> {
    let units = Units::of(products(shown));
    for (key, load) in shown.iter().filter(|(key, _)| key.starts_with("distribuciones#")) {
        let mut paid = 0;
        for sale in sales(server).filter(|sale| sale.get("distribucionId") == load.get("id")) {
            paid += centimos(&Value::Object(sale.clone()), "amountPaid")?;
        }
        let figures = LoadFigures::of(load, sales(shown), &units);
        if whole(figures.monto_recaudado) != paid {
            return Err(format!("{key} brought {:?}, and {paid}", figures.monto_recaudado));
        }
    }
    Ok(())
}

fn sales(of: &Live) -> impl Iterator<Item = &JsonObject> {
    of.iter().filter(|(key, _)| key.starts_with("sales#")).map(|(_, record)| record)
}

fn products(of: &Live) -> impl Iterator<Item = &JsonObject> {
    of.iter().filter(|(key, _)| key.starts_with("products#")).map(|(_, record)| record)
}

fn entity(key: &str) -> Option<Entity> {
    key.split_once('#')?.0.parse().ok()
}

/// In céntimos.
fn whole(money: Money) -> i128 {
    let text = money.to_json();
    text.as_str().and_then(|text| text.replace('.', "").parse().ok()).unwrap_or(i128::MIN)
}
