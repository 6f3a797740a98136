//! Amounts as they are read: `S/ 1,234.50`, `7.5 kg`, with a space that no line breaks at.

use protocol::{Money, Quantity};

/// `S/ 1,234.50`, a minus sign before it.
pub(crate) fn soles(amount: Money) -> String {
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}S/\u{a0}{}.{cents}", grouped(whole))
}

/// `7.5 kg`: no zeros at the end, as a scale shows it.
pub(crate) fn kilos(weight: Quantity) -> String {
    format!("{}\u{a0}kg", plain(weight))
}

/// A quantity with what it is counted in: `7.5 kg`, `3 und`.
pub(crate) fn units(amount: Quantity, unit: &str) -> String {
    if unit == "unidad" { format!("{}\u{a0}und", plain(amount)) } else { kilos(amount) }
}

fn plain(amount: Quantity) -> String {
    let text = amount.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |rest| ("−", rest));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

fn grouped(whole: &str) -> String {
    let mut text = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soles_are_grouped_and_keep_their_cents() {
        for (amount, text) in [
            ("0", "S/\u{a0}0.00"),
            ("84", "S/\u{a0}84.00"),
            ("1234.5", "S/\u{a0}1,234.50"),
            ("1234567.89", "S/\u{a0}1,234,567.89"),
            ("-15.2", "−S/\u{a0}15.20"),
        ] {
            assert_eq!(soles(amount.parse().unwrap()), text);
        }
    }

    #[test]
    fn kilos_end_where_their_digits_end() {
        for (weight, text) in [
            ("7.500", "7.5\u{a0}kg"),
            ("12", "12\u{a0}kg"),
            ("0.005", "0.005\u{a0}kg"),
            ("1500", "1,500\u{a0}kg"),
        ] {
            assert_eq!(kilos(weight.parse().unwrap()), text);
        }
        assert_eq!(units("3".parse().unwrap(), "unidad"), "3\u{a0}und");
    }
}
