//! How figures, days and records read on the screen: Spanish of Peru, Lima's clock, exact decimals.

mod amounts;
mod days;
mod record;
mod typed;

pub(crate) use amounts::{kilos, soles, units};
pub(crate) use days::{Day, date_text, dated_text, day_text, moment_text, now, today};
pub(crate) use record::{
    Record, UNKNOWN, instant, items, kilos_of, known_money, money, quantity, soles_of, text,
    units_of, whole,
};
pub(crate) use typed::{
    TypedFault, quantity_text, read_balance, read_kilos, read_money, read_pieces, typed_balance,
    typed_kilos, typed_money, typed_quantity,
};
