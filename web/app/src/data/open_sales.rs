//! What each credit sale on the phone still owes, once abonos have covered the oldest ones.

use std::collections::BTreeMap;

use domain::{CreditSale, settle};
use protocol::{Entity, Money, arrange};

use super::Row;
use super::model::Rows;

/// The credit sales that are not paid yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OpenSales(BTreeMap<Box<str>, Money>);

impl OpenSales {
    /// What is left of a sale; zero of one that is paid.
    pub fn left_of(&self, sale: &str) -> Money {
        self.0.get(sale).copied().unwrap_or_default()
    }
}

impl Rows {
    /// The open sales of one customer, or of all: one pass over the sales, whatever is asked of
    /// the result later.
    pub(super) fn open_sales(&self, client: Option<&str>) -> OpenSales {
        let is_wanted = |whose: &str| client.is_none_or(|client| client == whose);
        let mut sales: Vec<(&str, &Row)> = self
            .of(Entity::Sales)
            .filter_map(|row| Some((&*row.0.debt.as_ref()?.0, row)))
            .filter(|(whose, _)| is_wanted(whose))
            .collect();
        arrange(&mut sales, |(one, _), (other, _)| one.cmp(other));
        let mut open = OpenSales::default();
        for of_customer in sales.chunk_by(|(one, _), (other, _)| one == other) {
            let mut credit: Vec<CreditSale<&str>> =
                of_customer.iter().filter_map(|(_, row)| credit_sale(row)).collect();
            settle(self.debt_of(of_customer[0].0), &mut credit);
            let left = credit.into_iter().filter(|sale| sale.balance > Money::ZERO);
            open.0.extend(left.map(|sale| (Box::from(sale.id), sale.balance)));
        }
        open
    }
}

fn credit_sale(row: &Row) -> Option<CreditSale<&str>> {
    let (_, balance) = row.0.debt.as_ref()?;
    Some(CreditSale { id: row.id(), date: row.0.order.parse().ok(), balance: *balance })
}

#[cfg(test)]
mod tests {
    use protocol::Version;
    use serde_json::{Value, json};

    use super::*;
    use crate::data::entry::Entry;

    fn put(rows: &mut Rows, entity: Entity, record: &Value) {
        let id = record["id"].as_str().unwrap().parse().unwrap();
        let key = domain::RecordKey::new(entity, id);
        let entry = Entry::synced(key.clone(), Version(1), record.to_string());
        rows.put(&key, Some(entry.unwrap()));
    }

    fn sale(id: &str, client: &str, day: u8, balance: &str) -> Value {
        json!({"id": id, "clientId": client, "saleType": "credito", "balanceDue": balance,
               "saleDate": format!("2026-11-{day}T15:00:00.000Z")})
    }

    #[test]
    fn abonos_of_a_customer_cover_his_oldest_sales() {
        let mut rows = Rows::default();
        put(&mut rows, Entity::Sales, &sale("late", "rosa", 12, "40.00"));
        put(&mut rows, Entity::Sales, &sale("early", "rosa", 11, "25.00"));
        put(&mut rows, Entity::Sales, &sale("other", "ana", 10, "7.00"));
        put(&mut rows, Entity::Customers, &json!({"id": "rosa", "saldoInicial": "10.00"}));
        put(&mut rows, Entity::Abonos, &json!({"id": "a", "clientId": "rosa", "amount": "50.00"}));
        let left =
            |open: &OpenSales| ["early", "late", "other"].map(|id| open.left_of(id).to_string());
        assert_eq!(left(&rows.open_sales(None)), ["0.00", "25.00", "7.00"]);
        assert_eq!(left(&rows.open_sales(Some("rosa"))), ["0.00", "25.00", "0.00"]);
        put(&mut rows, Entity::Abonos, &json!({"id": "b", "clientId": "rosa", "amount": "99.00"}));
        assert_eq!(left(&rows.open_sales(None)), ["0.00", "0.00", "7.00"]);
    }
}
