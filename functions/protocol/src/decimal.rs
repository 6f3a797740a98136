//! Exact decimals: money with 2 places, weight and quantity with 3. Never a binary float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

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
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = $pattern))]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// Decimal places on the wire.
            pub const PLACES: u32 = $places;

            /// So many of the smallest that can be written.
            pub const fn from_units(units: i64) -> Self {
                Self(units)
            }

            /// How many of the smallest that can be written.
            pub const fn units(self) -> i64 {
                self.0
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

            /// Without its sign.
            #[must_use]
            pub fn abs(self) -> Self {
                Self(self.0.saturating_abs())
            }

            /// Below zero.
            pub fn is_negative(self) -> bool {
                self.0 < 0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(f, self.0, $places)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
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
                Self(self.0.saturating_add(other.0))
            }
        }

        impl Sub for $name {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl Neg for $name {
            type Output = Self;

            fn neg(self) -> Self {
                Self(self.0.saturating_neg())
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

impl Quantity {
    /// What it costs at `price` for one, rounded half-up; nothing where that is beyond all reckoning.
    pub fn times(self, price: Money) -> Option<Money> {
        rounded(i128::from(self.0) * i128::from(price.0), QUANTITY_ONE).map(Money)
    }

    /// Its share of `whole`, of which there are `one`, cut off; nothing of nothing is none.
    pub fn share_of(self, whole: Self, one: i64) -> Option<i64> {
        i64::try_from((i128::from(self.0) * i128::from(one)).checked_div(i128::from(whole.0))?).ok()
    }
}

impl Money {
    /// The price of one where so much costs this, rounded half-up.
    pub fn per(self, quantity: Quantity) -> Option<Self> {
        rounded(i128::from(self.0) * QUANTITY_ONE, i128::from(quantity.0)).map(Self)
    }

    /// How much this buys at `price` for one, rounded half-up.
    pub fn buys_at(self, price: Self) -> Option<Quantity> {
        rounded(i128::from(self.0) * QUANTITY_ONE, i128::from(price.0)).map(Quantity)
    }
}

/// Half-up, away from zero; none of nothing.
fn rounded(part: i128, whole: i128) -> Option<i64> {
    let twice = 2 * whole.checked_abs()?;
    let size = (2 * part.checked_abs()? + whole.abs()).checked_div(twice)?;
    i64::try_from(if (part < 0) == (whole < 0) { size } else { -size }).ok()
}

fn parse(text: &str, places: u32) -> Result<i64, InvalidDecimal> {
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
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(places as usize);
    let units =
        whole.bytes().chain(padded).fold(0, |units, digit| units * 10 + i64::from(digit - b'0'));
    Ok(if unsigned.len() < text.len() { -units } else { units })
}

fn write(f: &mut fmt::Formatter<'_>, units: i64, places: usize) -> fmt::Result {
    let mut text = units.unsigned_abs().to_string();
    let zeros = (places + 1).saturating_sub(text.len());
    text.insert_str(0, &"0000"[..zeros]);
    text.insert(text.len() - places, '.');
    if units < 0 {
        text.insert(0, '-');
    }
    f.pad(&text)
}

/// One of what is counted or weighed, in its smallest parts.
const QUANTITY_ONE: i128 = 1_000;

/// Digits before the point: far above any sale, and 90,000 of the largest still have a sum.
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
            (crate::json::from_str("84.10").unwrap(), "84.10"),
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
        for value in [json!(null), json!(true), json!([]), crate::json::from_str("1e3").unwrap()] {
            assert!(Money::from_json(&value).is_err(), "{value}");
        }
        let more = Err(InvalidDecimal::TooManyPlaces { places: 2 });
        assert_eq!(Money::from_json(&json!("1.999")), more);
        assert_eq!(Money::from_json(&crate::json::from_str("0.30000000000000004").unwrap()), more);
        assert_eq!(Money::from_json(&json!("1234567890123")), Err(InvalidDecimal::OutOfRange));
    }

    #[test]
    fn halves_round_up() {
        let one: Money = "0.01".parse().unwrap();
        for (amount, text) in [("100.5", "1.01"), ("100.4", "1.00"), ("-100.5", "-1.01")] {
            let amount: Quantity = amount.parse().unwrap();
            assert_eq!(amount.times(one).unwrap().to_string(), text);
        }
        let money = |text: &str| text.parse::<Money>().unwrap();
        assert_eq!(money("-1.00").per("-3".parse().unwrap()).unwrap(), money("0.33"));
        assert_eq!(money("2.00").buys_at(money("3.00")).unwrap().to_string(), "0.667");
        assert_eq!(money("1.00").buys_at(Money::ZERO), None);
        assert_eq!(money("999999999999.99").per("0.001".parse().unwrap()).map(|_| ()), Some(()));
        assert_eq!(Money(i64::MAX).buys_at(Money(1)), None);
    }

    proptest! {
        #[test]
        fn every_amount_survives_the_wire(cents in -99_999_999_999_999_i64..=99_999_999_999_999) {
            let money = Money(cents);
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
