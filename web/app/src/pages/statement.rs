//! Estado de cuenta: a customer's movements from the oldest to the latest, with the balance after
//! each. It is sent, printed and read on another day, so it names days in full and never says
//! "Hoy".

use protocol::{Instant, JsonObject, Money, arrange};

use super::ledger::SaleDebt;
use super::share::item_line;
use super::source::Records;
use crate::data::OpenSales;
use crate::format::{Record, dated_text, items, money, soles, text};

/// Something that changed a debt.
#[derive(Clone)]
pub(super) enum Movement {
    Sale(Record),
    Abono(Record),
}

impl Movement {
    fn when(&self) -> &str {
        match self {
            Self::Sale(sale) => text(sale, "saleDate"),
            Self::Abono(abono) => text(abono, "createdAt"),
        }
    }
}

/// Sales and abonos of one customer, the latest first.
pub(super) fn movements(sales: Option<&Records>, abonos: Option<&Records>) -> Vec<Movement> {
    let of = |records: Option<&Records>| -> Vec<Record> {
        records.into_iter().flat_map(|records| records.iter()).cloned().collect()
    };
    let sales = of(sales).into_iter().map(Movement::Sale);
    let mut all: Vec<Movement> = sales.chain(of(abonos).into_iter().map(Movement::Abono)).collect();
    arrange(&mut all, |one, two| two.when().cmp(one.when()));
    all
}

/// What a statement is made of.
pub(super) struct Statement<'a> {
    pub(super) business: &'a str,
    pub(super) customer: &'a JsonObject,
    /// The customer's whole debt.
    pub(super) debt: Money,
    /// The latest first.
    pub(super) movements: &'a [Movement],
    pub(super) open: &'a OpenSales,
    pub(super) issued: Instant,
}

impl Statement<'_> {
    /// The text that the customer keeps.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![
            self.business.to_owned(),
            "Estado de cuenta".to_owned(),
            format!("Emitido: {}", dated_text(self.issued)),
            format!("Cliente: {}", text(self.customer, "name")),
            balance_line(self.debt),
            String::new(),
        ];
        let skipped = self.movements.len().saturating_sub(MOVEMENTS_MAX);
        let mut balance = money(self.customer, "saldoInicial");
        if skipped == 0 && balance != Money::ZERO {
            lines.push(format!("Saldo inicial: {}", soles(balance)));
        }
        for (at, movement) in self.movements.iter().rev().enumerate() {
            if at == skipped && skipped > 0 {
                lines.push(format!("Saldo anterior: {}", soles(balance)));
            }
            let (mut described, change) = self.describe(movement);
            balance = balance + change;
            if at >= skipped {
                lines.append(&mut described);
                lines.push(format!("  Saldo: {}", soles(balance)));
            }
        }
        lines.join("\n")
    }

    /// The lines of a movement, and what it adds to the debt.
    fn describe(&self, movement: &Movement) -> (Vec<String>, Money) {
        let when = movement.when().parse().map(dated_text).unwrap_or_default();
        match movement {
            Movement::Abono(abono) => {
                let (amount, method) = (money(abono, "amount"), text(abono, "paymentMethod"));
                (vec![format!("{when} · Abono {} ({method})", soles(amount))], -amount)
            }
            Movement::Sale(sale) => {
                let total = soles(money(sale, "totalAmount"));
                let (kind, change) = if text(sale, "saleType") == "credito" {
                    ("crédito", money(sale, "balanceDue"))
                } else {
                    ("contado", Money::ZERO)
                };
                let mut lines = vec![format!("{when} · Venta al {kind} {total}")];
                lines.extend(items(sale).map(|item| format!("  {}", item_line(item))));
                lines.extend(self.credit_line(sale));
                (lines, change)
            }
        }
    }

    fn credit_line(&self, sale: &JsonObject) -> Option<String> {
        let debt = SaleDebt::of(sale, self.open);
        let left = match debt {
            SaleDebt::None => return None,
            SaleDebt::Paid { .. } => " (ya pagado)".to_owned(),
            SaleDebt::Open { balance, left } if left == balance => String::new(),
            SaleDebt::Open { left, .. } => format!(" (falta {})", soles(left)),
        };
        let (paid, balance) = (money(sale, "amountPaid"), money(sale, "balanceDue"));
        Some(format!("  Pagó {}, quedó a crédito {}{left}", soles(paid), soles(balance)))
    }
}

/// The debt in words: who owes whom.
pub(super) fn balance_line(debt: Money) -> String {
    if debt.is_negative() {
        format!("Saldo a favor: {}", soles(-debt))
    } else {
        format!("Saldo por pagar: {}", soles(debt))
    }
}

/// A message carries so many; the balance before them stands above.
const MOVEMENTS_MAX: usize = 40;
