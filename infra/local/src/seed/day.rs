//! What a seller does on a day: his load, his sales, his abonos. It follows from seller and date
//! alone, so that every start tells of the same days.

use std::collections::BTreeMap;

use jiff::civil::Date;
use protocol::{Money, Quantity};

use super::catalog::{Product, Unit, Variant, variants};
use super::dice::Dice;
use super::hours::days_before;
use super::people::{CUSTOMERS_PER_SELLER, Seller};

/// One sale.
#[derive(Debug)]
pub(super) struct Sale {
    pub(super) id: String,
    /// When, in thousandths of the day's hours.
    pub(super) permille: u64,
    /// Place in the table of customers; none is the "cliente genérico".
    pub(super) customer: Option<usize>,
    pub(super) payment: Payment,
    pub(super) lines: Vec<Line>,
    /// What the crates weigh, where it goes by crates.
    pub(super) tara: Option<Quantity>,
}

/// How a sale is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payment {
    /// All of it at once.
    Cash,
    /// Part of it at once, perhaps nothing.
    Credit { paid: Money },
}

/// One line of a sale.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) product: &'static Product,
    pub(super) variant: &'static Variant,
    pub(super) milli: u64,
}

/// What a customer pays of a sale on credit, today or a day or two later.
#[derive(Debug)]
pub(super) struct Abono {
    pub(super) id: String,
    pub(super) permille: u64,
    pub(super) customer: usize,
    pub(super) amount: Money,
    pub(super) method: &'static str,
    pub(super) reference: Option<String>,
}

/// What a seller takes along, in thousandths by variant, and what he brings back.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) id: String,
    pub(super) items: Vec<Line>,
    pub(super) returned: Quantity,
}

impl Line {
    pub(super) fn price(&self) -> Money {
        money(self.variant.price)
    }

    pub(super) fn quantity(&self) -> Quantity {
        quantity(self.milli)
    }

    /// Quantity times price, rounded as everywhere.
    pub(super) fn subtotal(&self) -> Money {
        self.quantity().times(self.price()).expect("seeded amounts are small")
    }

    fn kilos_milli(&self) -> u64 {
        if self.product.unit == Unit::Kilogram { self.milli } else { 0 }
    }
}

impl Sale {
    pub(super) fn total(&self) -> Money {
        self.lines.iter().map(Line::subtotal).sum()
    }

    pub(super) fn paid(&self) -> Money {
        match self.payment {
            Payment::Cash => self.total(),
            Payment::Credit { paid } => paid,
        }
    }

    pub(super) fn balance(&self) -> Money {
        self.total() - self.paid()
    }

    /// Kilograms without crates; none where only pieces are sold.
    pub(super) fn net_weight(&self) -> Option<Quantity> {
        let milli: u64 = self.lines.iter().map(Line::kilos_milli).sum();
        (milli > 0).then(|| quantity(milli))
    }
}

/// The sales of a day, in order.
pub(super) fn sales(seller: &Seller, day: Date) -> Vec<Sale> {
    let dice = dice(seller, day);
    let count = SALES_MIN + dice.draw("sales", SALES_SPREAD);
    (0..count).map(|number| sale(seller, day, &dice, number, count)).collect()
}

/// The abonos of a day, of sales made since `first`: what was sold before may not be there.
pub(super) fn abonos(seller: &Seller, day: Date, first: Date) -> Vec<Abono> {
    let mut abonos = Vec::new();
    for late in 0..ABONO_DAYS {
        let sold_on = days_before(day, late);
        if sold_on < first {
            break;
        }
        let dice = dice(seller, sold_on);
        let sold = sales(seller, sold_on);
        abonos.extend(sold.iter().filter_map(|sale| abono(&dice, sale, late)));
    }
    abonos
}

/// The load of a day: what will be sold of it, in full crates and a little more.
pub(super) fn load(seller: &Seller, day: Date) -> Load {
    let dice = dice(seller, day);
    let sales = sales(seller, day);
    let mut sold: BTreeMap<&str, u64> = BTreeMap::new();
    for line in sales.iter().flat_map(|sale| &sale.lines) {
        *sold.entry(line.variant.id).or_default() += line.milli;
    }
    let mut returned = 0;
    let mut items = Vec::new();
    for (product, variant) in variants() {
        let Some(sold) = sold.get(variant.id) else { continue };
        let spare = dice.draw(&format!("spare/{}", variant.id), SPARE_CRATES);
        let milli = (sold.div_ceil(CRATE_MILLI) + spare) * CRATE_MILLI;
        let line = Line { product, variant, milli };
        if line.kilos_milli() > 0 {
            returned += milli - sold;
        }
        items.push(line);
    }
    let id = format!("load-{day}-{}", seller.person.slug);
    Load { id, items, returned: quantity(returned) }
}

fn sale(seller: &Seller, day: Date, dice: &Dice, number: u64, count: u64) -> Sale {
    let about = |what: &str| format!("sale/{number}/{what}");
    let on_credit = dice.happens(&about("credit"), CREDIT_PERCENT);
    let unnamed = !on_credit && dice.happens(&about("unnamed"), UNNAMED_PERCENT);
    let lines = lines(dice, number);
    let total: Money = lines.iter().map(Line::subtotal).sum();
    let kilos_milli: u64 = lines.iter().map(Line::kilos_milli).sum();
    let crates = kilos_milli / KILOS_PER_CRATE_MILLI;
    Sale {
        id: format!("sale-{day}-{}-{:02}", seller.person.slug, number + 1),
        permille: (number * 1000 + dice.draw(&about("time"), 800)) / count,
        customer: (!unnamed).then(|| customer(seller, dice, number)),
        payment: if on_credit {
            Payment::Credit { paid: paid_at_once(dice, number, total) }
        } else {
            Payment::Cash
        },
        lines,
        tara: (crates > 0).then(|| quantity(crates * TARA_PER_CRATE_MILLI)),
    }
}

/// Nobody buys twice on a day: the step has no divisor in common with the customers.
fn customer(seller: &Seller, dice: &Dice, number: u64) -> usize {
    let customers = CUSTOMERS_PER_SELLER as u64;
    let place = (dice.draw("first customer", customers) + number * 7) % customers;
    seller.first_customer + usize::try_from(place).unwrap_or_default()
}

fn lines(dice: &Dice, number: u64) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let count = 1 + dice.draw(&format!("sale/{number}/lines"), LINES_MAX);
    for place in 0..count {
        let about = |what: &str| format!("sale/{number}/line/{place}/{what}");
        let (product, variant) = wanted(dice, &about("variant"));
        if lines.iter().any(|line| line.variant.id == variant.id) {
            continue;
        }
        let (from, to) = variant.taken_milli;
        let step = product.unit.step_milli();
        let milli = from + dice.draw(&about("quantity"), (to - from) / step + 1) * step;
        lines.push(Line { product, variant, milli });
    }
    lines
}

/// A variant, the more likely the more it is asked for.
fn wanted(dice: &Dice, question: &str) -> (&'static Product, &'static Variant) {
    let demand: u64 = variants().map(|(_, variant)| variant.demand).sum();
    let mut drawn = dice.draw(question, demand);
    let found = variants().find(|(_, variant)| {
        let found = drawn < variant.demand;
        drawn = drawn.saturating_sub(variant.demand);
        found
    });
    found.expect("what is drawn is less than the sum of all demand")
}

fn paid_at_once(dice: &Dice, number: u64, total: Money) -> Money {
    if !dice.happens(&format!("sale/{number}/paid"), PART_PAID_PERCENT) {
        return Money::ZERO;
    }
    let bills = NOTES.iter().copied().map(money);
    bills.filter(|bill| *bill < total).max().unwrap_or_default()
}

/// What is paid of a sale `late` days after it, if it is then that something is paid.
fn abono(dice: &Dice, sale: &Sale, late: i64) -> Option<Abono> {
    let customer = sale.customer?;
    let about = |what: &str| format!("{}/abono/{what}", sale.id);
    let due = u64::try_from(late).ok()? == dice.draw(&about("day"), ABONO_CHANCES);
    if !due || sale.balance() <= Money::ZERO {
        return None;
    }
    let note = money(NOTES[usize::try_from(dice.draw(&about("note"), 3)).ok()?]);
    let in_part = dice.happens(&about("part"), PART_ABONO_PERCENT) && note < sale.balance();
    let method = method(dice.draw(&about("method"), 100));
    let reference = (method != "efectivo")
        .then(|| format!("{:08}", dice.draw(&about("reference"), 100_000_000)));
    let after = if late == 0 { sale.permille } else { 0 };
    Some(Abono {
        id: sale.id.replacen("sale", "abono", 1),
        permille: (after + 20 + dice.draw(&about("time"), 950)).min(990),
        customer,
        amount: if in_part { note } else { sale.balance() },
        method,
        reference,
    })
}

fn method(percent: u64) -> &'static str {
    match percent {
        0..40 => "efectivo",
        40..75 => "yape",
        75..88 => "plin",
        _ => "transferencia",
    }
}

fn dice(seller: &Seller, day: Date) -> Dice {
    Dice::of(format!("{}/{day}", seller.person.slug))
}

pub(super) fn money(text: &str) -> Money {
    text.parse().expect("amounts of the tables are decimals with two places")
}

fn quantity(milli: u64) -> Quantity {
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.parse().expect("thousandths are a decimal with three places")
}

const SALES_MIN: u64 = 7;
const SALES_SPREAD: u64 = 5;
const LINES_MAX: u64 = 3;

const CREDIT_PERCENT: u64 = 45;
const UNNAMED_PERCENT: u64 = 30;
const PART_PAID_PERCENT: u64 = 40;
const PART_ABONO_PERCENT: u64 = 35;

/// An abono comes on the day of the sale or on one of the next two.
const ABONO_DAYS: i64 = 3;

/// Of these days, so that some sales stay unpaid.
const ABONO_CHANCES: u64 = 4;

/// What is in a purse, in soles.
const NOTES: &[&str] = &["20.00", "50.00", "100.00"];

/// Loads go by full crates of 5 kg or 5 pieces.
const CRATE_MILLI: u64 = 5_000;
const SPARE_CRATES: u64 = 3;

/// A customer takes so much per crate, and a crate weighs so much.
const KILOS_PER_CRATE_MILLI: u64 = 15_000;
const TARA_PER_CRATE_MILLI: u64 = 1_850;
