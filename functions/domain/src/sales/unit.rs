//! What of a sale is one: who owes, how, how much is paid, and for what.

use protocol::{ErrorCode, Gather, JsonObject, Money};
use serde_json::Value;

use super::item::{self, bounded};
use super::{BALANCE, CLIENT_ID, CONTADO, ITEMS, PAID, SALE_TYPE, SCALARS, TOTAL};
use crate::Refusal;
use crate::schema::ITEMS_MAX;

/// The money of a sale. A cash sale has no `amountPaid` in it: that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) scalars: JsonObject,
    pub(super) items: Vec<Value>,
}

/// What follows from a unit that adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    total: Money,
    paid: Money,
}

impl Unit {
    /// The unit of a sale.
    pub(super) fn of(sale: &JsonObject) -> Self {
        let scalars = SCALARS.iter().filter_map(|field| {
            Some(((*field).to_owned(), sale.get(*field).filter(|value| !value.is_null())?.clone()))
        });
        let items = sale.get(ITEMS).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut unit = Self { scalars: scalars.gather(), items };
        unit.settle();
        unit
    }

    /// A scalar; null if absent.
    pub(super) fn scalar(&self, field: &str) -> Value {
        self.scalars.get(field).cloned().unwrap_or(Value::Null)
    }

    /// Sets a scalar; null takes it away.
    pub(super) fn set(&mut self, field: &str, value: &Value) {
        if value.is_null() {
            self.scalars.remove(field);
        } else {
            self.scalars.insert(field.to_owned(), value.clone());
        }
    }

    /// An item by its id; null if it is not there.
    pub(super) fn item(&self, id: &str) -> Value {
        self.items.iter().find(|item| item::id(item) == id).cloned().unwrap_or(Value::Null)
    }

    /// Sets an item in its place, a new one at the end; null takes it away.
    pub(super) fn set_item(&mut self, id: &str, value: &Value) {
        let place = self.items.iter().position(|item| item::id(item) == id);
        match place {
            Some(at) if value.is_null() => drop(self.items.remove(at)),
            Some(at) => self.items[at] = value.clone(),
            None if value.is_null() => {}
            None => self.items.push(value.clone()),
        }
    }

    /// The normal form: what a cash sale has paid follows from its total, and a credit sale that
    /// says nothing has paid nothing.
    pub(super) fn settle(&mut self) {
        if self.is_cash() {
            self.scalars.remove(PAID);
        } else {
            self.scalars.entry(PAID).or_insert_with(|| Money::ZERO.to_json());
        }
    }

    /// Whether the sale adds up, and to what.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub(super) fn check(&self) -> Result<Figures, Refusal> {
        match self.items.len() {
            0 => return Err(ErrorCode::SaleWithoutItems.into()),
            1..=ITEMS_MAX => {}
            _ => return Err(ErrorCode::TooManyItems.into()),
        }
        let total =
            bounded(self.items.iter().filter_map(Value::as_object).map(item::subtotal).sum())?;
        if self.is_cash() {
            return Ok(Figures { total, paid: total });
        }
        let paid = self.scalars.get(PAID).map(Money::from_json).transpose();
        let paid = paid.map_err(|_| ErrorCode::InvalidAmount)?.unwrap_or_default();
        if !self.scalars.contains_key(CLIENT_ID) {
            return Err(ErrorCode::CustomerRequired.into());
        }
        if paid > total {
            let what = format!("Lo pagado ({paid}) supera el total de la venta ({total}).");
            return Err(Refusal::new(ErrorCode::OverPaid, what));
        }
        Ok(Figures { total, paid })
    }

    /// Writes the unit and what follows from it into the sale's record.
    pub(super) fn write_to(&self, sale: &mut JsonObject, figures: Figures) {
        for field in SCALARS {
            sale.remove(*field);
        }
        sale.extend(self.scalars.clone());
        sale.insert(ITEMS.to_owned(), Value::Array(self.items.clone()));
        if !protocol::planted::Bug::MoneyTorn.is_planted() || !sale.contains_key(TOTAL) {
            sale.insert(TOTAL.to_owned(), figures.total.to_json());
        }
        sale.insert(PAID.to_owned(), figures.paid.to_json());
        sale.insert(BALANCE.to_owned(), (figures.total - figures.paid).to_json());
    }

    fn is_cash(&self) -> bool {
        self.scalars.get(SALE_TYPE).is_some_and(|kind| kind == CONTADO)
    }
}
