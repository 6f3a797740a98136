//! A seller's day: what he sold, what he was paid, what is owed of it.

use protocol::{Entity, Instant, JsonObject, Money, Quantity};
use serde::{Deserialize, Serialize};

use super::{Units, is_deleted, money, text};

/// The figures of one seller's day, named as a closing has them.
///
/// Every sale is its cash part (all of a `contado`, what was paid at once of a `credito`) and its
/// credit part (`balanceDue`), so `cashAmount` + `creditAmount` = `totalAmount`.
///
/// ```json
/// {"totalSales":2,"totalAmount":"232.00","cashAmount":"150.00","creditAmount":"82.00",
///  "totalKilos":"14.500","paymentsByMethod":{"efectivo":"50.00","yape":"0.00","plin":"0.00",
///  "transferencia":"0.00"}}
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DayFigures {
    /// How many sales.
    pub total_sales: u32,
    /// What they come to.
    pub total_amount: Money,
    /// What of it was paid at once.
    pub cash_amount: Money,
    /// What of it is owed.
    pub credit_amount: Money,
    /// What they weigh.
    pub total_kilos: Quantity,
    /// Abonos taken, by the way they were paid.
    pub payments_by_method: PaymentsByMethod,
}

/// Abonos by the way they were paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentsByMethod {
    /// Coins and notes.
    pub efectivo: Money,
    /// By telephone.
    pub yape: Money,
    /// By telephone.
    pub plin: Money,
    /// Through a bank.
    pub transferencia: Money,
}

impl DayFigures {
    /// The figures of these records, sales and abonos in any order; the caller chooses the day
    /// ([`seller_date`]). Tombstones and other entities count for nothing.
    pub fn of<'a>(
        records: impl IntoIterator<Item = (Entity, &'a JsonObject)>,
        units: &Units,
    ) -> Self {
        let mut figures = Self::default();
        for (entity, record) in records {
            match entity {
                _ if is_deleted(record) => {}
                Entity::Sales => figures.add_sale(record, units),
                Entity::Abonos => figures.payments_by_method.add(record),
                _ => {}
            }
        }
        figures
    }

    /// What the seller should hand over: what sales brought at once, and abonos in cash.
    pub fn cash_expected(&self) -> Money {
        self.cash_amount + self.payments_by_method.efectivo
    }

    fn add_sale(&mut self, sale: &JsonObject, units: &Units) {
        self.total_sales += 1;
        self.total_amount = self.total_amount + money(sale, "totalAmount");
        self.cash_amount = self.cash_amount + money(sale, "amountPaid");
        self.credit_amount = self.credit_amount + money(sale, "balanceDue");
        self.total_kilos = self.total_kilos + units.kilos_of(sale);
    }
}

impl PaymentsByMethod {
    /// All of them.
    pub fn total(&self) -> Money {
        self.efectivo + self.yape + self.plin + self.transferencia
    }

    fn add(&mut self, abono: &JsonObject) {
        let paid = match text(abono, "paymentMethod") {
            Some("efectivo") => &mut self.efectivo,
            Some("yape") => &mut self.yape,
            Some("plin") => &mut self.plin,
            Some("transferencia") => &mut self.transferencia,
            _ => return,
        };
        *paid = *paid + money(abono, "amount");
    }
}

/// `{seller}#{date in Lima}` of a record of a seller's day: sales, abonos, distribuciones and
/// closings, each known by the fields that only it has.
pub fn seller_date(record: &JsonObject) -> Option<String> {
    let seller = text(record, "sellerId").or_else(|| text(record, "vendedorId"))?;
    let day = ["closingDate", "fecha"].iter().find_map(|field| text(record, field));
    let date = match day {
        Some(day) => day.to_owned(),
        None if record.contains_key("saleDate") => day_of(record, "saleDate")?,
        None if record.contains_key("paymentMethod") => day_of(record, "createdAt")?,
        None => return None,
    };
    Some(format!("{seller}#{date}"))
}

fn day_of(record: &JsonObject, field: &str) -> Option<String> {
    let instant: Instant = text(record, field)?.parse().ok()?;
    Some(instant.date_in_lima().to_string())
}
