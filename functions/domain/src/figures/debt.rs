//! Who owes what: `saldoInicial` + Σ `balanceDue` of live credit sales − Σ live abonos.

use std::collections::BTreeMap;

use protocol::{Entity, Instant, JsonObject, Money, RecordId};
use serde::{Deserialize, Serialize};

use super::{is_deleted, money, text};

/// The debts of all customers, from their records in any order: a sale may come before its
/// customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Debts {
    by_customer: BTreeMap<String, Account>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Account {
    debt: Money,
    name: Option<String>,
    phone: Option<String>,
    last_sale_at: Option<Instant>,
    last_payment_at: Option<Instant>,
}

/// Everybody who owes, the highest debt first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receivables {
    /// What all of them owe together.
    pub total: Money,
    /// Only debts above zero: who has paid too much owes nothing.
    pub customers: Vec<Receivable>,
}

/// What one customer owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receivable {
    /// The customer.
    pub client_id: RecordId,
    /// Absent where the customer has not arrived yet. A deleted one still owes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// To call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Above zero.
    pub debt: Money,
    /// The latest credit sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sale_at: Option<Instant>,
    /// The latest abono.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_payment_at: Option<Instant>,
}

impl Debts {
    /// Takes in a record: customers, sales and abonos count, anything else does not.
    pub fn add(&mut self, entity: Entity, record: &JsonObject) {
        match entity {
            Entity::Customers => self.add_customer(record),
            Entity::Sales if !is_deleted(record) => self.add_sale(record),
            Entity::Abonos if !is_deleted(record) => self.add_abono(record),
            _ => {}
        }
    }

    /// The debt of a customer; below zero it is his ("saldo a favor").
    pub fn of(&self, customer: &RecordId) -> Money {
        self.by_customer.get(customer.as_str()).map_or(Money::ZERO, |account| account.debt)
    }

    /// Everybody who owes.
    pub fn receivables(&self) -> Receivables {
        let owing = self.by_customer.iter().filter(|(_, account)| account.debt > Money::ZERO);
        let mut customers: Vec<Receivable> = owing
            .filter_map(|(id, account)| {
                Some(Receivable {
                    client_id: id.parse().ok()?,
                    name: account.name.clone(),
                    phone: account.phone.clone(),
                    debt: account.debt,
                    last_sale_at: account.last_sale_at,
                    last_payment_at: account.last_payment_at,
                })
            })
            .collect();
        customers.sort_by(|one, two| {
            two.debt.cmp(&one.debt).then_with(|| one.client_id.cmp(&two.client_id))
        });
        Receivables { total: customers.iter().map(|customer| customer.debt).sum(), customers }
    }

    fn add_customer(&mut self, customer: &JsonObject) {
        let Some(account) = self.account(text(customer, "id")) else { return };
        account.debt = account.debt + money(customer, "saldoInicial");
        account.name = text(customer, "name").map(str::to_owned);
        account.phone = text(customer, "phone").map(str::to_owned);
    }

    fn add_sale(&mut self, sale: &JsonObject) {
        if text(sale, "saleType") != Some("credito") {
            return;
        }
        let Some(account) = self.account(text(sale, "clientId")) else { return };
        account.debt = account.debt + money(sale, "balanceDue");
        account.last_sale_at = account.last_sale_at.max(moment(sale, "saleDate"));
    }

    fn add_abono(&mut self, abono: &JsonObject) {
        let Some(account) = self.account(text(abono, "clientId")) else { return };
        account.debt = account.debt - money(abono, "amount");
        account.last_payment_at = account.last_payment_at.max(moment(abono, "createdAt"));
    }

    fn account(&mut self, customer: Option<&str>) -> Option<&mut Account> {
        customer.map(|id| self.by_customer.entry(id.to_owned()).or_default())
    }
}

fn moment(record: &JsonObject, field: &str) -> Option<Instant> {
    text(record, field)?.parse().ok()
}
