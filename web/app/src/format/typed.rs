//! What a person types for an amount.

use std::str::FromStr;

use protocol::{InvalidDecimal, Money, Quantity};

/// Why what was typed is no amount; its text is for the seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypedFault(pub(crate) &'static str);

/// An amount in soles; nothing where nothing was typed.
///
/// # Errors
/// In words for the seller.
pub(crate) fn typed_money(text: &str) -> Result<Option<Money>, TypedFault> {
    typed(text, "Escribe un monto con 2 decimales como máximo.")
}

/// A weight or a count; nothing where nothing was typed.
///
/// # Errors
/// In words for the seller.
pub(crate) fn typed_quantity(text: &str) -> Result<Option<Quantity>, TypedFault> {
    typed(text, "Escribe una cantidad con 3 decimales como máximo.")
}

fn typed<T: FromStr<Err = InvalidDecimal>>(
    text: &str,
    places: &'static str,
) -> Result<Option<T>, TypedFault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let plain = with_point(text);
    let plain = plain.trim_start_matches("S/").trim();
    let plain = match (plain.strip_prefix('.'), plain.strip_suffix('.')) {
        (Some(fraction), _) => format!("0.{fraction}"),
        (None, Some(whole)) => whole.to_owned(),
        (None, None) => plain.to_owned(),
    };
    plain.parse().map(Some).map_err(|fault| match fault {
        InvalidDecimal::NotADecimal => TypedFault("Escribe solo números."),
        InvalidDecimal::TooManyPlaces { .. } => TypedFault(places),
        InvalidDecimal::OutOfRange => TypedFault("Es demasiado grande."),
    })
}

/// Some keyboards have a comma where others have the point; where both stand, commas group.
fn with_point(text: &str) -> String {
    let commas = text.matches(',').count();
    match text.rsplit_once(',') {
        Some((_, after)) if commas == 1 && !text.contains('.') && after.len() < 3 => {
            text.replace(',', ".")
        }
        Some(_) => text.replace(',', ""),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keyboards_write_is_understood() {
        for (text, amount) in [
            ("84", "84.00"),
            ("84.", "84.00"),
            (".5", "0.50"),
            ("12,5", "12.50"),
            ("1,234.50", "1234.50"),
            ("1,234", "1234.00"),
            ("S/ 20", "20.00"),
            (" 7 ", "7.00"),
        ] {
            assert_eq!(typed_money(text).unwrap().unwrap().to_string(), amount, "{text}");
        }
        assert_eq!(typed_money("  "), Ok(None));
    }

    #[test]
    fn what_is_no_amount_is_refused_in_words() {
        for text in ["abc", "1e3", "--2", "1.999", "9999999999999"] {
            assert!(typed_money(text).is_err(), "{text}");
        }
    }
}
