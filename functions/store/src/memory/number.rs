//! Numbers as DynamoDB keeps them: exact, 38 significant digits, without the zeros that say nothing.
//!
//! Limits: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>.

/// Significant digits of a number at most.
const DIGITS_MAX: usize = 38;
/// A number is `0.digits × 10^point`; its greatest point (9.99…E+125).
const POINT_MAX: i64 = 126;
/// Its least point (1E-130).
const POINT_MIN: i64 = -129;

/// A number taken apart: `0.digits × 10^point`, no zero at either end of the digits.
struct Parts {
    negative: bool,
    digits: String,
    point: i64,
}

/// The one text that DynamoDB answers for a number: `1.50` is `1.5`, `1E2` is `100`, `-0` is `0`.
///
/// # Errors
/// What DynamoDB would say: too many digits, too large, too small.
pub(super) fn normalised(text: &str) -> Result<String, &'static str> {
    let parts = taken_apart(text)?;
    if parts.digits.len() > DIGITS_MAX {
        return Err("more than 38 significant digits in a number");
    }
    if parts.point > POINT_MAX {
        return Err("number overflow");
    }
    if parts.point < POINT_MIN {
        return Err("number underflow");
    }
    Ok(written(&parts))
}

/// The bytes of a number by DynamoDB's rules: one for every two digits on each side of the point,
/// one more, and one for the sign.
pub(super) fn size(text: &str) -> usize {
    if is_plain(text) {
        return text.trim_end_matches('0').len().div_ceil(2) + 1;
    }
    let Ok(parts) = taken_apart(text) else { return DIGITS_MAX / 2 + 2 };
    let digits = parts.digits.len();
    let whole = usize::try_from(parts.point).unwrap_or(0).min(digits);
    whole.div_ceil(2) + (digits - whole).div_ceil(2) + 1 + usize::from(parts.negative)
}

/// A version, a count, a moment: as it is, it is already what DynamoDB answers.
pub(super) fn is_plain(text: &str) -> bool {
    let digits = text.as_bytes();
    digits.len() <= DIGITS_MAX
        && digits.iter().all(u8::is_ascii_digit)
        && (digits == b"0" || digits.first().is_some_and(|first| *first != b'0'))
}

fn taken_apart(text: &str) -> Result<Parts, &'static str> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (coefficient, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((coefficient, exponent)) => {
            (coefficient, exponent.parse::<i64>().map_err(|_| "no number")?)
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let digits = significant.trim_end_matches('0');
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    // Of zero DynamoDB checks the range too, as if its last digit were a 1.
    let point = if digits.is_empty() {
        exponent.saturating_sub(length(fraction)).saturating_add(1)
    } else {
        let leading = length(&all) - length(significant);
        exponent.saturating_add(length(whole) - leading)
    };
    Ok(Parts { negative: negative && !digits.is_empty(), digits: digits.into(), point })
}

fn written(parts: &Parts) -> String {
    let Parts { negative, digits, point } = parts;
    if digits.is_empty() {
        return "0".into();
    }
    let sign = if *negative { "-" } else { "" };
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    match usize::try_from(*point) {
        Ok(0) => format!("{sign}0.{digits}"),
        Ok(whole) if whole < digits.len() => {
            let (before, after) = digits.split_at(whole);
            format!("{sign}{before}.{after}")
        }
        Ok(whole) => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
        Err(_) => format!("{sign}0.{}{digits}", zeros(point.saturating_neg())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_text() {
        for (given, kept) in [
            ("1.50", "1.5"),
            ("1E2", "100"),
            ("1e-3", "0.001"),
            ("0.10e1", "1"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("007", "7"),
            ("1200", "1200"),
            ("-12.340", "-12.34"),
            ("1.5E+3", "1500"),
            ("123456789012345678901234567890.12345678", "123456789012345678901234567890.12345678"),
        ] {
            assert_eq!(normalised(given).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn a_number_has_38_digits_and_a_bounded_magnitude() {
        assert!(normalised(&"9".repeat(38)).is_ok());
        assert!(normalised(&"9".repeat(39)).is_err());
        assert!(normalised(&format!("1{}", "0".repeat(60))).is_ok());
        assert!(normalised("9.9E125").is_ok());
        assert!(normalised("1E126").is_err());
        assert!(normalised("1E-130").is_ok());
        assert!(normalised("1E-131").is_err());
        assert!(normalised("1E99999999999999999999").is_err());
    }
}
