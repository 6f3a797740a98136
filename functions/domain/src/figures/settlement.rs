//! What is left of each credit sale once the customer's payments are counted: the oldest debt is
//! paid first, and the opening balance is the oldest of all.
//!
//! Nothing of this is stored. Abonos name a customer, never a sale, so what a sale still owes
//! follows from the customer's debt:
//!
//! ```text
//! opening 10.00, sales of Monday 25.00 and Tuesday 40.00, abonos 50.00   debt 25.00
//! paid against the sales: 25.00 + 40.00 − 25.00 = 40.00
//! Monday  25.00 − 25.00 =  0.00      Tuesday 40.00 − 15.00 = 25.00
//! ```

use std::cmp::Ordering;

use protocol::{Instant, Money, arrange};

/// A credit sale that is not deleted, and the `balanceDue` that it was saved with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditSale<Id> {
    /// The sale.
    pub id: Id,
    /// `saleDate`: the oldest sale is paid first, by id where two have the same date.
    pub date: Option<Instant>,
    /// What it left unpaid on its day.
    pub balance: Money,
}

/// Reduces each balance to what is left of it.
///
/// `sales` are all credit sales of one customer, in any order; they come back from the oldest to
/// the latest. `debt` is the customer's whole debt, as [`Debts`](super::Debts) counts it: opening
/// balance and abonos are in it, so what exceeds the sales is left of the opening balance, and a
/// debt below zero is money that the customer has paid ahead.
///
/// ```
/// use domain::{CreditSale, settle};
///
/// let sale = |id, date: &str, balance: &str| CreditSale {
///     id,
///     date: date.parse().ok(),
///     balance: balance.parse().unwrap(),
/// };
/// let mut sales = vec![
///     sale("tuesday", "2026-11-24T15:00:00.000Z", "40.00"),
///     sale("monday", "2026-11-23T15:00:00.000Z", "25.00"),
/// ];
/// settle("25.00".parse().unwrap(), &mut sales);
/// let left: Vec<_> = sales.iter().map(|sale| (sale.id, sale.balance.to_string())).collect();
/// assert_eq!(left, [("monday", "0.00".to_owned()), ("tuesday", "25.00".to_owned())]);
/// ```
pub fn settle<Id: Ord>(debt: Money, sales: &mut Vec<CreditSale<Id>>) {
    arrange(sales, oldest_first);
    let total: Money = sales.iter().map(|sale| sale.balance).sum();
    let mut paid = (total - debt).max(Money::ZERO);
    for sale in sales {
        let covered = paid.min(sale.balance).max(Money::ZERO);
        sale.balance = sale.balance - covered;
        paid = paid - covered;
    }
}

fn oldest_first<Id: Ord>(one: &CreditSale<Id>, two: &CreditSale<Id>) -> Ordering {
    one.date.cmp(&two.date).then_with(|| one.id.cmp(&two.id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::{Entity, JsonObject};
    use serde_json::json;

    use super::*;
    use crate::figures::{Debts, tests::debts};

    /// The credit sales among `records`, as their balances were saved.
    fn credit_sales(records: &[(Entity, JsonObject)]) -> Vec<CreditSale<String>> {
        let live = records.iter().filter(|(entity, record)| {
            *entity == Entity::Sales && !record.contains_key("deletedAt")
        });
        live.map(|(_, sale)| CreditSale {
            id: sale["id"].as_str().unwrap().to_owned(),
            date: sale["saleDate"].as_str().and_then(|date| date.parse().ok()),
            balance: Money::from_json(&sale["balanceDue"]).unwrap(),
        })
        .collect()
    }

    fn record(entity: Entity, value: &serde_json::Value) -> (Entity, JsonObject) {
        (entity, value.as_object().cloned().unwrap())
    }

    /// One customer: opening balance, sales of few dates (so that dates repeat), abonos, deletions.
    fn any_customer() -> impl Strategy<Value = Vec<(Entity, JsonObject)>> {
        let sales = prop::collection::vec((0_i64..5_000, 1_u8..5, any::<bool>()), 0..12);
        let abonos = prop::collection::vec((1_i64..8_000, any::<bool>()), 0..8);
        (-5_000_i64..5_000, sales, abonos).prop_map(|(opening, sales, abonos)| {
            let cents = |cents| Money::from_units(cents).to_json();
            let opening = json!({"id": "c", "name": "Rosa", "saldoInicial": cents(opening)});
            let mut records = vec![record(Entity::Customers, &opening)];
            for (at, (balance, day, live)) in sales.into_iter().enumerate() {
                let date = format!("2026-11-0{day}T15:00:00.000Z");
                let mut sale = json!({"id": format!("s{at}"), "clientId": "c", "saleDate": date,
                    "saleType": "credito", "balanceDue": cents(balance)});
                if !live {
                    sale["deletedAt"] = json!(date);
                }
                records.push(record(Entity::Sales, &sale));
            }
            for (amount, live) in abonos {
                let mut abono = json!({"clientId": "c", "amount": cents(amount)});
                if !live {
                    abono["deletedAt"] = json!("2026-11-09T15:00:00.000Z");
                }
                records.push(record(Entity::Abonos, &abono));
            }
            records
        })
    }

    fn debt_of(debts: &Debts) -> Money {
        debts.of(&"c".parse().unwrap())
    }

    /// The same by a slow and plain road: each payment walks through the debts, oldest first.
    fn poured(records: &[(Entity, JsonObject)]) -> Vec<(String, Money)> {
        let mut open = credit_sales(records);
        open.sort_by(|one, two| (one.date, &one.id).cmp(&(two.date, &two.id)));
        let mut open: Vec<(String, Money)> =
            open.into_iter().map(|sale| (sale.id, sale.balance)).collect();
        let opening = Money::from_json(&records[0].1["saldoInicial"]).unwrap();
        open.insert(0, ("opening".to_owned(), opening.max(Money::ZERO)));
        let abonos = records.iter().filter(|(entity, record)| {
            *entity == Entity::Abonos && !record.contains_key("deletedAt")
        });
        let abonos = abonos.map(|(_, abono)| Money::from_json(&abono["amount"]).unwrap());
        for mut payment in abonos.chain([(-opening).max(Money::ZERO)]) {
            for (_, left) in &mut open {
                let part = payment.min(*left);
                *left = *left - part;
                payment = payment - part;
            }
        }
        open.split_off(1)
    }

    proptest! {
        #[test]
        fn payments_cover_the_oldest_debt_first(records in any_customer()) {
            let debt = debt_of(&debts(&records));
            let before = credit_sales(&records);
            let mut sales = before.clone();
            settle(debt, &mut sales);
            let left: Vec<_> =
                sales.iter().map(|sale| (sale.id.clone(), sale.balance)).collect();
            prop_assert_eq!(&left, &poured(&records));

            let total: Money = sales.iter().map(|sale| sale.balance).sum();
            let owed = debt.max(Money::ZERO);
            prop_assert!(total <= owed, "what exceeds the sales is left of the opening balance");
            let opening = Money::from_json(&records[0].1["saldoInicial"]).unwrap();
            if opening <= Money::ZERO {
                prop_assert_eq!(total, owed);
            }
            let first_open = sales.iter().position(|sale| sale.balance > Money::ZERO);
            for sale in sales.iter().skip(first_open.map_or(sales.len(), |at| at + 1)) {
                let saved = before.iter().find(|other| other.id == sale.id).unwrap();
                prop_assert_eq!(saved, sale, "no sale is paid before an older one");
            }
        }

        #[test]
        fn the_order_in_which_sales_arrive_does_not_count(
            records in any_customer(), turns in 0_usize..12,
        ) {
            let debt = debt_of(&debts(&records));
            let mut sales = credit_sales(&records);
            let mut others = sales.clone();
            let turns = turns.min(others.len());
            others.rotate_left(turns);
            settle(debt, &mut sales);
            settle(debt, &mut others);
            prop_assert_eq!(sales, others);
        }
    }
}
