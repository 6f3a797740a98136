//! Amounts as they are read: `S/ 1,234.50`, `7.5 kg`.

use protocol::{Money, Quantity};

/// `S/ 1,234.50`, a minus sign before it.
pub(crate) fn soles(amount: Money) -> String {
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}S/ {}.{cents}", grouped(whole))
}

/// `7.5 kg`: no zeros at the end, as a scale shows it.
pub(crate) fn kilos(weight: Quantity) -> String {
    format!("{} kg", plain(weight))
}

/// A quantity with what it is counted in: `7.5 kg`, `3 und`.
pub(crate) fn units(amount: Quantity, unit: &str) -> String {
    if unit == "unidad" { format!("{} und", plain(amount)) } else { kilos(amount) }
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
            ("0", "S/ 0.00"),
            ("84", "S/ 84.00"),
            ("1234.5", "S/ 1,234.50"),
            ("1234567.89", "S/ 1,234,567.89"),
            ("-15.2", "−S/ 15.20"),
        ] {
            assert_eq!(soles(amount.parse().unwrap()), text);
        }
    }

    #[test]
    fn kilos_end_where_their_digits_end() {
        for (weight, text) in
            [("7.500", "7.5 kg"), ("12", "12 kg"), ("0.005", "0.005 kg"), ("1500", "1,500 kg")]
        {
            assert_eq!(kilos(weight.parse().unwrap()), text);
        }
        assert_eq!(units("3".parse().unwrap(), "unidad"), "3 und");
    }
}
