//! Exact decimals: money with 2 places, weight and quantity with 3. Never a binary float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Why a JSON value is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecimal {
    /// Not digits with an optional fraction: a text, an exponent, `NaN`, a plus sign.
    #[error("not a plain decimal number")]
    NotADecimal,
    /// More places than the kind has.
    #[error("more than {places} decimal places")]
    TooManyPlaces {
        /// Places of this kind.
        places: u32,
    },
    /// More than twelve digits before the point.
    #[error("out of range")]
    OutOfRange,
}

macro_rules! decimal {
    ($(#[$doc:meta])* $name:ident, $places:literal, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = $pattern))]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// Decimal places on the wire.
            pub const PLACES: u32 = $places;

            /// Rounds half-up (away from zero) to the places of this kind.
            pub fn round(exact: Decimal) -> Self {
                Self(exact.round_dp_with_strategy($places, RoundingStrategy::MidpointAwayFromZero))
            }

            /// Reads a JSON string or number.
            ///
            /// # Errors
            /// [`InvalidDecimal`], also for more places than the kind has.
            pub fn from_json(value: &Value) -> Result<Self, InvalidDecimal> {
                match value {
                    Value::String(text) => parse(text, $places).map(Self),
                    Value::Number(number) => parse(number.as_str(), $places).map(Self),
                    _ => Err(InvalidDecimal::NotADecimal),
                }
            }

            /// As JSON: a string with all its places.
            pub fn to_json(self) -> Value {
                Value::String(self.to_string())
            }

            /// The exact value, for arithmetic.
            pub fn exact(self) -> Decimal {
                self.0
            }

            /// Below zero.
            pub fn is_negative(self) -> bool {
                self.0 < Decimal::ZERO
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut padded = self.0;
                padded.rescale($places);
                // A negative zero is zero.
                write!(f, "{}", if padded.is_zero() { padded.abs() } else { padded })
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidDecimal;

            fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
                parse(text, $places).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::from_json(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }

        impl Add for $name {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl Neg for $name {
            type Output = Self;

            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self::ZERO, Add::add)
            }
        }
    };
}

decimal! {
    /// An amount in soles, 2 places: `"84.00"`.
    Money, 2, r"^-?\d{1,12}\.\d{2}$"
}
decimal! {
    /// A weight in kilograms or a count, 3 places: `"7.500"`.
    Quantity, 3, r"^-?\d{1,12}\.\d{3}$"
}

fn parse(text: &str, places: u32) -> Result<Decimal, InvalidDecimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(InvalidDecimal::NotADecimal);
    }
    if whole.trim_start_matches('0').len() > WHOLE_DIGITS_MAX || whole.len() > TEXT_DIGITS_MAX {
        return Err(InvalidDecimal::OutOfRange);
    }
    if unsigned.contains('.') && fraction.len() > places as usize {
        return Err(InvalidDecimal::TooManyPlaces { places });
    }
    text.parse().map_err(|_| InvalidDecimal::NotADecimal)
}

/// Digits before the point: far above any sale, far below what a sum of sums could overflow.
const WHOLE_DIGITS_MAX: usize = 12;

/// Leading zeros are harmless, but not without end.
const TEXT_DIGITS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_and_numbers_are_normalised() {
        for (value, text) in [
            (json!("84"), "84.00"),
            (json!("84.5"), "84.50"),
            (json!("84.00"), "84.00"),
            (json!(84), "84.00"),
            (json!("-0"), "0.00"),
            (json!("0012.3"), "12.30"),
            (serde_json::from_str("84.10").unwrap(), "84.10"),
            (json!("-15.20"), "-15.20"),
        ] {
            assert_eq!(Money::from_json(&value).unwrap().to_string(), text, "{value}");
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in ["1e3", "NaN", "", "+1", "--1", "1.", ".5", "1,5", " 1", "1 ", "٣", "inf", "-"]
        {
            assert_eq!(
                Money::from_json(&json!(text)),
                Err(InvalidDecimal::NotADecimal),
                "{text:?}"
            );
        }
        for value in [json!(null), json!(true), json!([]), serde_json::from_str("1e3").unwrap()] {
            assert!(Money::from_json(&value).is_err(), "{value}");
        }
        let more = Err(InvalidDecimal::TooManyPlaces { places: 2 });
        assert_eq!(Money::from_json(&json!("1.999")), more);
        assert_eq!(Money::from_json(&serde_json::from_str("0.30000000000000004").unwrap()), more);
        assert_eq!(Money::from_json(&json!("1234567890123")), Err(InvalidDecimal::OutOfRange));
    }

    #[test]
    fn halves_round_up() {
        for (exact, text) in [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01")] {
            assert_eq!(Money::round(exact.parse().unwrap()).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_the_wire(cents in -99_999_999_999_999_i64..=99_999_999_999_999) {
            let money = Money(Decimal::new(cents, 2));
            prop_assert_eq!(Money::from_json(&money.to_json()), Ok(money));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let read: Result<Quantity, _> = text.parse();
            if let Ok(quantity) = read {
                prop_assert_eq!(quantity.to_string().parse(), Ok(quantity));
            }
        }
    }
}
