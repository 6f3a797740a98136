//! The calculator of the cart: of total, price per kilo and kilos on the scale, any two give the
//! third.

use protocol::{Money, Quantity};

/// What is known of a weighing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The total is asked for.
    PriceAndKilos {
        /// Per kilo.
        price: Money,
        /// On the scale, the tara included.
        kilos: Quantity,
    },
    /// The price is asked for.
    TotalAndKilos {
        /// To pay.
        total: Money,
        /// On the scale, the tara included.
        kilos: Quantity,
    },
    /// The kilos are asked for.
    TotalAndPrice {
        /// To pay.
        total: Money,
        /// Per kilo.
        price: Money,
    },
}

/// A weighing of which everything is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighing {
    /// To pay: price × net, 2 places.
    pub total: Money,
    /// Per kilo: total ÷ net, 2 places.
    pub price: Money,
    /// On the scale: total ÷ price + tara, 3 places.
    pub kilos: Quantity,
    /// What is not sold: the crate, the bag.
    pub tara: Quantity,
    /// max(0, kilos − tara).
    pub net: Quantity,
}

/// Why two figures do not give the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Incalculable {
    /// A figure is below zero.
    #[error("Los montos y pesos no pueden ser negativos.")]
    Negative,
    /// The tara takes all that the scale shows.
    #[error("El peso neto es cero.")]
    NoNetWeight,
    /// Without a price no total tells a weight.
    #[error("El precio es cero.")]
    NoPrice,
    /// The figure is beyond what can be written.
    #[error("El resultado es demasiado grande.")]
    TooLarge,
}

impl Known {
    /// What a form with three fields knows: exactly two of them.
    pub fn of(total: Option<Money>, price: Option<Money>, kilos: Option<Quantity>) -> Option<Self> {
        match (total, price, kilos) {
            (None, Some(price), Some(kilos)) => Some(Self::PriceAndKilos { price, kilos }),
            (Some(total), None, Some(kilos)) => Some(Self::TotalAndKilos { total, kilos }),
            (Some(total), Some(price), None) => Some(Self::TotalAndPrice { total, price }),
            _ => None,
        }
    }

    fn has_negative(self) -> bool {
        match self {
            Self::PriceAndKilos { price, kilos } => price.is_negative() || kilos.is_negative(),
            Self::TotalAndKilos { total, kilos } => total.is_negative() || kilos.is_negative(),
            Self::TotalAndPrice { total, price } => total.is_negative() || price.is_negative(),
        }
    }
}

/// The third figure from two.
///
/// ```
/// use domain::{Known, calculate};
///
/// let known = Known::PriceAndKilos { price: "16".parse()?, kilos: "15".parse()? };
/// let weighing = calculate(known, "0.5".parse()?).unwrap();
/// assert_eq!(weighing.total.to_string(), "232.00");
/// # Ok::<(), protocol::InvalidDecimal>(())
/// ```
///
/// # Errors
/// [`Incalculable`], in words for the seller.
pub fn calculate(known: Known, tara: Quantity) -> Result<Weighing, Incalculable> {
    if known.has_negative() || tara.is_negative() {
        return Err(Incalculable::Negative);
    }
    match known {
        Known::PriceAndKilos { price, kilos } => {
            let net = net_weight(kilos, tara);
            Ok(Weighing { total: money(net.times(price))?, price, kilos, tara, net })
        }
        Known::TotalAndKilos { total, kilos } => {
            let net = net_weight(kilos, tara);
            if net == Quantity::ZERO {
                return Err(Incalculable::NoNetWeight);
            }
            let price = money(total.per(net))?;
            Ok(Weighing { total, price, kilos, tara, net })
        }
        Known::TotalAndPrice { total, price } => {
            if price == Money::ZERO {
                return Err(Incalculable::NoPrice);
            }
            let net = quantity(total.buys_at(price))?;
            let kilos = quantity(Some(net + tara))?;
            Ok(Weighing { total, price, kilos, tara, net })
        }
    }
}

/// What is sold of what the scale shows: never less than nothing.
pub fn net_weight(kilos: Quantity, tara: Quantity) -> Quantity {
    (kilos - tara).max(Quantity::ZERO)
}

/// A figure that can be written.
fn money(rounded: Option<Money>) -> Result<Money, Incalculable> {
    let rounded = rounded.ok_or(Incalculable::TooLarge)?;
    Money::from_json(&rounded.to_json()).map_err(|_| Incalculable::TooLarge)
}

fn quantity(rounded: Option<Quantity>) -> Result<Quantity, Incalculable> {
    let rounded = rounded.ok_or(Incalculable::TooLarge)?;
    Quantity::from_json(&rounded.to_json()).map_err(|_| Incalculable::TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn soles(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn kilos(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn a_hundred_and_fifty_at_fifteen_are_ten_kilos_net() {
        let known = Known::TotalAndPrice { total: soles("150"), price: soles("15") };
        let weighing = calculate(known, kilos("0.5")).unwrap();
        assert_eq!((weighing.net, weighing.kilos), (kilos("10"), kilos("10.500")));
        assert_eq!(calculate(known, Quantity::ZERO).unwrap().kilos, kilos("10"));
    }

    #[test]
    fn two_hundred_for_twelve_kilos_are_seventeen_thirty_nine_each() {
        let known = Known::TotalAndKilos { total: soles("200"), kilos: kilos("12") };
        assert_eq!(calculate(known, kilos("0.5")).unwrap().price, soles("17.39"));
    }

    #[test]
    fn fifteen_kilos_at_sixteen_are_two_hundred_and_thirty_two() {
        let known = Known::PriceAndKilos { price: soles("16"), kilos: kilos("15") };
        assert_eq!(calculate(known, kilos("0.5")).unwrap().total, soles("232.00"));
    }

    #[test]
    fn what_gives_no_figure_is_told_and_never_panics() {
        let told = |known, tara: &str| calculate(known, kilos(tara)).unwrap_err();
        let (one, most) = (soles("1"), soles("999999999999"));
        let light = Known::TotalAndKilos { total: one, kilos: kilos("0.4") };
        assert_eq!(told(light, "0.5"), Incalculable::NoNetWeight);
        let free = Known::TotalAndPrice { total: one, price: Money::ZERO };
        assert_eq!(told(free, "0"), Incalculable::NoPrice);
        let vast = Known::PriceAndKilos { price: most, kilos: kilos("999999999999") };
        assert_eq!(told(vast, "0"), Incalculable::TooLarge);
        let vast = Known::TotalAndPrice { total: most, price: soles("0.01") };
        assert_eq!(told(vast, "0"), Incalculable::TooLarge);
        let debt = Known::PriceAndKilos { price: one, kilos: kilos("-1") };
        assert_eq!(told(debt, "0"), Incalculable::Negative);
        let under = Known::PriceAndKilos { price: one, kilos: kilos("0.4") };
        assert_eq!(calculate(under, kilos("0.5")).unwrap().total, Money::ZERO);
    }

    #[test]
    fn a_form_knows_something_with_exactly_two_figures() {
        let (total, price, weight) = (Some(soles("1")), Some(soles("2")), Some(kilos("3")));
        assert!(Known::of(total, price, weight).is_none());
        assert!(Known::of(total, None, None).is_none());
        assert!(matches!(Known::of(total, price, None), Some(Known::TotalAndPrice { .. })));
        assert!(matches!(Known::of(total, None, weight), Some(Known::TotalAndKilos { .. })));
        assert!(matches!(Known::of(None, price, weight), Some(Known::PriceAndKilos { .. })));
    }

    proptest! {
        #[test]
        fn kilos_found_for_a_total_cost_that_total(cents in 1_i64..10_000_000, price in 1_i64..100_000) {
            let (total, price) = (Money::from_units(cents), Money::from_units(price));
            let found = calculate(Known::TotalAndPrice { total, price }, Quantity::ZERO).unwrap();
            let back = Known::PriceAndKilos { price, kilos: found.kilos };
            let off = (calculate(back, Quantity::ZERO).unwrap().total - total).abs();
            // Half a gram at this price, and half a céntimo.
            prop_assert!(off.units() * 2_000 <= price.units() + 1_000, "{off}");
        }
    }
}
