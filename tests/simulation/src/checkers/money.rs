//! Money is exact: every sale that is written adds up to the céntimo, counted here with whole
//! numbers; and every phone owes its customers' debts as the server does.

use std::collections::BTreeMap;

use engine::{Command, OperationRecord};
use protocol::{Action, JsonObject, OperationId};
use serde_json::Value;
use store::memory::StreamRecord;
use store::tables::Table;

use super::content::{items_in, of_records};
use crate::world::World;

/// What people typed of money, by operation.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    /// What makes a record, and the same with each update that joined it before it was sent: a
    /// cloned phone may send it without.
    made: BTreeMap<String, Vec<JsonObject>>,
    updates: BTreeMap<OperationId, JsonObject>,
}

impl Typed {
    /// A command is given.
    pub(crate) fn note(&mut self, command: &Command) {
        let (id, data) = match command {
            Command::Enqueue(new) if new.action == Action::Insert => (&new.id, &new.data),
            Command::Enqueue(new) => {
                self.updates.insert(new.id.clone(), new.data.clone());
                return;
            }
            Command::Correct { replacement, data, .. } => (replacement, data),
            _ => return,
        };
        if data.contains_key("items") || data.contains_key("amount") {
            self.made.insert(id.to_string(), vec![data.clone()]);
        }
    }

    /// A row of an operation is stored: an update may have become part of it.
    pub(crate) fn note_row(&mut self, operation: &OperationRecord) {
        let update = operation.joined.last().and_then(|id| self.updates.get(id));
        let made = self.made.get_mut(operation.id.as_str());
        let (Some(update), Some(made)) = (update, made) else { return };
        let mut joined = made.last().cloned().unwrap_or_default();
        joined.extend(update.clone());
        joined.retain(|_, value| !value.is_null());
        if !made.contains(&joined) {
            made.push(joined);
        }
    }

    /// A record of money is made: its figures are those that were typed.
    pub(crate) fn check(&self, entry: &StreamRecord) -> Result<(), String> {
        let Some(new) = entry.new.as_ref().filter(|new| new["version"] == 1) else {
            return Ok(());
        };
        let typed = new.get("operations").and_then(|ids| self.made.get(ids[0].as_str()?));
        let (Some(typed), Some(made)) = (typed, new.get("value")) else { return Ok(()) };
        let is_sale = entry.key.sort.starts_with("sales#");
        if typed.iter().any(|typed| is_as_typed(is_sale, typed, made)) {
            return Ok(());
        }
        Err(format!("{}: typed {}, made {made}", entry.key.sort, serde_json::json!(typed)))
    }
}

fn is_as_typed(is_sale: bool, typed: &JsonObject, made: &Value) -> bool {
    match made["items"].as_array() {
        Some(items) if is_sale => {
            let figures = |item: &Value| (item["quantity"].clone(), item["unitPrice"].clone());
            let theirs = typed["items"].as_array().into_iter().flatten().map(figures);
            let paid = typed.get("amountPaid").filter(|_| made["saleType"] == "credito");
            theirs.eq(items.iter().map(figures))
                && paid.is_none_or(|paid| *paid == made["amountPaid"])
        }
        _ => typed.get("amount").is_none_or(|amount| *amount == made["amount"]),
    }
}

/// A record as it is written.
pub(crate) fn record(entry: &StreamRecord) -> Result<(), String> {
    let key = &entry.key.sort;
    let Some(value) = entry.new.as_ref().and_then(|new| new.get("value")) else { return Ok(()) };
    if key.starts_with("sales#") {
        return sale(value).map_err(|what| format!("{key}: {what}: {value}"));
    }
    if key.starts_with("abonos#") && centimos(value, "amount")? <= 0 {
        return Err(format!("{key}: an abono of nothing"));
    }
    Ok(())
}

fn sale(sale: &Value) -> Result<(), String> {
    let items = sale["items"].as_array().ok_or("a sale without items")?;
    let mut sum = 0;
    for item in items {
        let subtotal = centimos(item, "subtotal")?;
        let (quantity, price) = (fixed(&item["quantity"], 3)?, centimos(item, "unitPrice")?);
        // Half up, to the céntimo; a client's figure may be off by one.
        let exact = (quantity * price + 500).div_euclid(1_000);
        if (subtotal - exact).abs() > 1 {
            return Err(format!("a line of {quantity} at {price} for {subtotal}"));
        }
        sum += subtotal;
    }
    let (total, paid) = (centimos(sale, "totalAmount")?, centimos(sale, "amountPaid")?);
    let balance = centimos(sale, "balanceDue")?;
    if total != sum || total - paid != balance || balance < 0 || paid < 0 {
        return Err(format!("{sum} in lines, {total} in total, {paid} paid, {balance} due"));
    }
    if sale["saleType"] == "contado" && balance != 0 {
        return Err(format!("cash, and {balance} due"));
    }
    if sale["saleType"] == "credito" && sale.get("clientId").is_none() {
        return Err("credit for nobody".to_owned());
    }
    Ok(())
}

/// Debts and takings of every phone are the server's.
pub(crate) fn totals(world: &World) -> Result<(), String> {
    for business in &world.businesses {
        let items = items_in(world, Table::Records, business);
        let records = of_records(&items);
        let live = records.iter().filter_map(|(key, (_, record))| Some((key.as_str(), (*record)?)));
        let expected = debts(live)?;
        for (place, phone) in world.profiles.iter().enumerate() {
            if world.reads_no_more(place, business) {
                continue;
            }
            let Some(sync) = phone.store.sync_state(business) else { continue };
            let rows: Vec<_> = phone
                .store
                .records(business, sync.generation)
                .filter_map(|row| Some((row.key.to_string(), row.record.as_ref()?)))
                .collect();
            let theirs = debts(rows.iter().map(|(key, record)| (key.as_str(), *record)))?;
            if theirs != expected {
                return Err(format!("phone {place} has debts {theirs:?}, the server {expected:?}"));
            }
        }
    }
    Ok(())
}

/// By customer, in céntimos; what was sold in all under the empty name.
pub(crate) fn debts<'a>(
    records: impl Iterator<Item = (&'a str, &'a Value)>,
) -> Result<BTreeMap<String, i128>, String> {
    let mut debts = BTreeMap::new();
    for (key, record) in records {
        let client = record["clientId"].as_str().unwrap_or_default().to_owned();
        if key.starts_with("sales#") {
            *debts.entry(client).or_default() += centimos(record, "balanceDue")?;
            *debts.entry(String::new()).or_default() += centimos(record, "totalAmount")?;
        } else if key.starts_with("abonos#") {
            *debts.entry(client).or_default() -= centimos(record, "amount")?;
        }
    }
    Ok(debts)
}

fn centimos(of: &Value, field: &str) -> Result<i128, String> {
    fixed(&of[field], 2).map_err(|what| format!("{field}: {what}"))
}

/// A decimal text with exactly so many places, as a whole number.
pub(crate) fn fixed(value: &Value, places: usize) -> Result<i128, String> {
    let text = value.as_str().ok_or_else(|| format!("{value} is no text"))?;
    let (_, fraction) = text.split_once('.').ok_or_else(|| format!("{text} has no places"))?;
    if fraction.len() != places {
        return Err(format!("{text} has not {places} places"));
    }
    text.replace('.', "").parse().map_err(|_| format!("{text} is no number"))
}
