//! A sale's payload in normal form: figures that the client computed are compared with ours, and
//! then left to be derived.

use std::collections::BTreeSet;

use protocol::{Action, ErrorCode, Gather, JsonObject, Money};
use serde_json::Value;

use super::item::{self, charge, shift, within_a_centimo};
use super::unit::Unit;
use super::{BALANCE, CONTADO, ITEMS, PAID, SALE_TYPE, TOTAL};
use crate::Refusal;

/// Compares a client's figures with its items, and puts the payload in normal form: no totals, no
/// `amountPaid` of a cash sale.
///
/// # Errors
/// What does not add up.
pub(crate) fn normal_sale(action: Action, mut sale: JsonObject) -> Result<JsonObject, Refusal> {
    let mut claim =
        |field: &str| sale.remove(field).and_then(|value| Money::from_json(&value).ok());
    let (total, balance) = (claim(TOTAL), claim(BALANCE));
    let paid = sale.get(PAID).and_then(|value| Money::from_json(value).ok());
    if sale.get(ITEMS).is_some_and(Value::is_null) {
        return Err(ErrorCode::SaleWithoutItems.into());
    }
    let cash = sale.get(SALE_TYPE).map(|kind| kind == CONTADO);
    if let Some(Value::Array(items)) = sale.get_mut(ITEMS) {
        let sum = settle_items(items, total)?;
        if let Some(cash) = cash {
            check_claims(cash, sum, paid, balance)?;
        }
    } else if action == Action::Insert {
        return Err(ErrorCode::SaleWithoutItems.into());
    }
    match cash {
        Some(true) if action == Action::Insert => drop(sale.remove(PAID)),
        // What was paid of a credit is no longer told apart: a setting like any other.
        Some(true) => drop(sale.insert(PAID.to_owned(), Value::Null)),
        // In an update what was paid before stands.
        Some(false) if action == Action::Insert && sale.get(PAID).is_none_or(Value::is_null) => {
            sale.insert(PAID.to_owned(), Money::ZERO.to_json());
        }
        _ => {}
    }
    if action == Action::Insert {
        Unit::of(&sale).check()?;
    }
    Ok(sale)
}

/// Charges every item; a total that is a céntimo off their sum is charged to one that can bear it,
/// so that a sale is always the sum of its items.
fn settle_items(items: &mut [Value], total: Option<Money>) -> Result<Money, Refusal> {
    if items.is_empty() {
        return Err(ErrorCode::SaleWithoutItems.into());
    }
    let ids: BTreeSet<&str> = items.iter().map(item::id).gather();
    if ids.len() < items.len() {
        return Err(Refusal::new(ErrorCode::InvalidField, "Dos productos tienen el mismo id."));
    }
    let mut claimed = Vec::new();
    for (at, item) in items.iter_mut().enumerate() {
        let Value::Object(item) = item else { continue };
        claimed.push(item.contains_key("subtotal"));
        charge(item).map_err(|refusal| {
            Refusal::new(refusal.code, format!("Producto {}: {}", at + 1, refusal.text()))
        })?;
    }
    let sum = sum(items);
    let Some(total) = total.filter(|total| *total != sum) else { return item::bounded(sum) };
    let mismatch = || {
        let what = format!("El total {total} no es la suma de los productos ({sum}).");
        Refusal::new(ErrorCode::TotalMismatch, what)
    };
    if !within_a_centimo(total, sum) {
        return Err(mismatch());
    }
    // An item whose subtotal the client left to us bears it first.
    let (said, left): (Vec<usize>, Vec<usize>) = (0..items.len()).partition(|at| claimed[*at]);
    for at in left.into_iter().chain(said) {
        let Some(Value::Object(item)) = items.get_mut(at) else { continue };
        if shift(item, total - sum)? {
            return item::bounded(total);
        }
    }
    Err(mismatch())
}

fn check_claims(
    cash: bool,
    total: Money,
    paid: Option<Money>,
    balance: Option<Money>,
) -> Result<(), Refusal> {
    let paid = match paid {
        Some(paid) if cash && !within_a_centimo(paid, total) => {
            let what = format!("Al contado se paga el total ({total}), no {paid}.");
            return Err(Refusal::new(ErrorCode::TotalMismatch, what));
        }
        _ if cash => total,
        paid => paid.unwrap_or_default(),
    };
    match balance {
        Some(balance) if !within_a_centimo(balance, total - paid) && total >= paid => {
            let what = format!("El saldo {balance} no es total menos pagado ({}).", total - paid);
            Err(Refusal::new(ErrorCode::TotalMismatch, what))
        }
        _ => Ok(()),
    }
}

fn sum(items: &[Value]) -> Money {
    items.iter().filter_map(Value::as_object).map(item::subtotal).sum()
}
