//! Reads an amount that a person typed. Each kind of field has its own number of places and its own
//! rule for a text that could be read in two ways.
//!
//! | text | kilos | money |
//! |---|---|---|
//! | `0,250` `0.250` | 0.250 | refused: three places |
//! | `1,234` `1.234` | 1.234 | 1234.00, and [`Reading::is_ambiguous`] |
//! | `1.234,5` `1,234.5` | 1234.5 | 1234.50 |
//! | `1,234,567` | refused | 1234567.00 |
//! | `1,23,4.5` `1,234,5` | refused | refused |
//!
//! A space or an apostrophe can only group thousands. Pieces follow the rule of money, with three
//! places.

use std::str::FromStr;

use protocol::{InvalidDecimal, Money, Quantity};

/// Why a text is not an amount, in words for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypedFault(pub(crate) &'static str);

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading<T> {
    /// The amount that was read.
    pub(crate) amount: T,
    /// The text has a second meaning: `1,234` is 1234 or 1.234. A form asks before it saves one.
    pub(crate) is_ambiguous: bool,
}

/// A reading, or nothing where nothing was typed.
pub(crate) type Typed<T> = Result<Option<Reading<T>>, TypedFault>;

/// Reads an amount in soles: a price, a payment, counted cash.
///
/// # Errors
/// [`TypedFault`], also for a negative amount.
pub(crate) fn read_money(text: &str) -> Typed<Money> {
    read(text, &MONEY)
}

/// Reads an amount in soles that may be negative: an opening balance.
///
/// # Errors
/// [`TypedFault`].
pub(crate) fn read_balance(text: &str) -> Typed<Money> {
    read(text, &BALANCE)
}

/// Reads a weight in kilograms. It is never ambiguous: a single comma or point is the decimal mark.
///
/// # Errors
/// [`TypedFault`], also for a negative weight.
pub(crate) fn read_kilos(text: &str) -> Typed<Quantity> {
    read(text, &KILOS)
}

/// Reads a number of pieces.
///
/// # Errors
/// [`TypedFault`], also for a negative number.
pub(crate) fn read_pieces(text: &str) -> Typed<Quantity> {
    read(text, &PIECES)
}

/// The amount alone of [`read_money`].
///
/// # Errors
/// [`TypedFault`].
pub(crate) fn typed_money(text: &str) -> Result<Option<Money>, TypedFault> {
    Ok(read_money(text)?.map(|reading| reading.amount))
}

/// The amount alone of [`read_balance`].
///
/// # Errors
/// [`TypedFault`].
pub(crate) fn typed_balance(text: &str) -> Result<Option<Money>, TypedFault> {
    Ok(read_balance(text)?.map(|reading| reading.amount))
}

/// The weight alone of [`read_kilos`].
///
/// # Errors
/// [`TypedFault`].
pub(crate) fn typed_kilos(text: &str) -> Result<Option<Quantity>, TypedFault> {
    Ok(read_kilos(text)?.map(|reading| reading.amount))
}

/// The amount alone of [`read_pieces`] or [`read_kilos`], by the unit of a product.
///
/// # Errors
/// [`TypedFault`].
pub(crate) fn typed_quantity(text: &str, unit: &str) -> Result<Option<Quantity>, TypedFault> {
    let reading = if unit == "unidad" { read_pieces(text)? } else { read_kilos(text)? };
    Ok(reading.map(|reading| reading.amount))
}

/// A quantity as a field holds it: no zeros at the end, so that `3.000` pieces are not read as 3000.
pub(crate) fn quantity_text(quantity: Quantity) -> String {
    quantity.to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What is allowed in one kind of field.
struct Rules {
    places: usize,
    too_many_places: &'static str,
    is_negative_allowed: bool,
    /// `S/` may stand before the digits.
    is_currency: bool,
    /// A single mark before three digits may group thousands.
    groups_by_single_mark: bool,
}

const MONEY: Rules = Rules {
    places: 2,
    too_many_places: "Escribe un monto con 2 decimales como máximo.",
    is_negative_allowed: false,
    is_currency: true,
    groups_by_single_mark: true,
};

const BALANCE: Rules = Rules { is_negative_allowed: true, ..MONEY };

const KILOS: Rules = Rules {
    places: 3,
    too_many_places: "Escribe un peso con 3 decimales como máximo.",
    is_negative_allowed: false,
    is_currency: false,
    groups_by_single_mark: false,
};

const PIECES: Rules = Rules {
    too_many_places: "Escribe una cantidad con 3 decimales como máximo.",
    groups_by_single_mark: true,
    ..KILOS
};

fn read<T: FromStr<Err = InvalidDecimal>>(text: &str, rules: &Rules) -> Typed<T> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let (is_negative, digits) = unsigned(text.trim(), rules);
    if is_negative && !rules.is_negative_allowed {
        return Err(NEGATIVE);
    }
    let is_empty = !digits.contains(|one: char| one.is_ascii_digit());
    if is_empty || !digits.chars().all(|one| one.is_ascii_digit() || is_mark(one) || is_space(one))
    {
        return Err(NOT_A_NUMBER);
    }
    let parts = Parts::of(digits, rules)?;
    if parts.fraction.len() > rules.places {
        return Err(TypedFault(rules.too_many_places));
    }
    let sign = if is_negative { "-" } else { "" };
    let whole = ungrouped(&parts)?;
    let fraction = if parts.fraction.is_empty() { "0" } else { parts.fraction };
    let amount = format!("{sign}{whole}.{fraction}").parse().map_err(|fault| match fault {
        InvalidDecimal::OutOfRange => TypedFault("Es demasiado grande."),
        InvalidDecimal::NotADecimal | InvalidDecimal::TooManyPlaces { .. } => NOT_A_NUMBER,
    })?;
    Ok(Some(Reading { amount, is_ambiguous: parts.is_ambiguous }))
}

/// The text without its sign and its currency, in either order: `-S/ 5`, `S/ -5`.
fn unsigned<'a>(text: &'a str, rules: &Rules) -> (bool, &'a str) {
    let (before, text) = without_sign(text);
    let mut currency = ["S/.", "s/.", "S/", "s/"].into_iter().filter(|_| rules.is_currency);
    let text = currency.find_map(|currency| text.strip_prefix(currency)).unwrap_or(text);
    let (after, rest) = without_sign(text.trim_start());
    match (before, after) {
        // Two signs are not a number: the second one stays, and is refused as a character.
        (true, true) => (true, text),
        _ => (before || after, rest),
    }
}

fn without_sign(text: &str) -> (bool, &str) {
    let rest = text.strip_prefix(['-', '\u{2212}']);
    (rest.is_some(), rest.unwrap_or(text).trim_start())
}

/// The digits on both sides of the decimal mark.
struct Parts<'a> {
    /// May be grouped.
    whole: &'a str,
    fraction: &'a str,
    is_ambiguous: bool,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, rules: &Rules) -> Result<Self, TypedFault> {
        let integer = |is_ambiguous| Self { whole: text, fraction: "", is_ambiguous };
        let Some(at) = text.rfind(is_mark) else { return Ok(integer(false)) };
        let (whole, fraction) = (&text[..at], &text[at + 1..]);
        let mark = &text[at..=at];
        if whole.contains(mark) {
            // The same mark twice groups thousands, if anything: no decimal mark follows it.
            let is_grouped = rules.groups_by_single_mark
                && text.matches(is_mark).count() == text.matches(mark).count();
            return if is_grouped { Ok(integer(false)) } else { Err(BADLY_GROUPED) };
        }
        let is_first_group =
            (1..=GROUP).contains(&whole.len()) && !whole.starts_with('0') && is_digits(whole);
        if rules.groups_by_single_mark && is_first_group && fraction.len() == GROUP {
            return Ok(integer(true));
        }
        if !is_digits(fraction) || (fraction.is_empty() && (whole.is_empty() || !is_digits(whole)))
        {
            return Err(NOT_A_NUMBER);
        }
        Ok(Self { whole, fraction, is_ambiguous: false })
    }
}

/// The digits before the decimal mark, as one number.
fn ungrouped(parts: &Parts<'_>) -> Result<String, TypedFault> {
    let mut groups = parts.whole.split(|one| is_mark(one) || is_space(one));
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_valid = rest.is_empty()
        || ((1..=GROUP).contains(&first.len())
            && !first.starts_with('0')
            && rest.iter().all(|group| group.len() == GROUP));
    match (is_valid, first) {
        (false, _) => Err(BADLY_GROUPED),
        (true, "") => Ok("0".to_owned()),
        (true, first) => Ok(first.to_owned() + &rest.concat()),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_mark(one: char) -> bool {
    matches!(one, '.' | ',')
}

/// What only ever groups thousands: the spaces that keyboards and spreadsheets write, apostrophes.
fn is_space(one: char) -> bool {
    matches!(one, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '\u{2019}')
}

const NOT_A_NUMBER: TypedFault = TypedFault("Escribe solo números.");
const NEGATIVE: TypedFault = TypedFault("No puede ser negativo.");
const BADLY_GROUPED: TypedFault = TypedFault("No se entiende: escribe los miles sin separar.");

/// Digits of a group of thousands.
const GROUP: usize = 3;

#[cfg(test)]
mod tests;
