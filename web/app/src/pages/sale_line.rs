//! One product of a sale while it is typed, and the weighing that the calculator hands over.

use protocol::{JsonObject, Money, Quantity};
use serde::{Deserialize, Serialize};

use super::source::Records;
use crate::format::{
    quantity, quantity_text, soles, text, typed_kilos, typed_money, typed_quantity,
};
use crate::router::parameter;

/// A line as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// The item's id: made once, so that a correction is of the same item.
    pub(super) id: String,
    pub(super) product: String,
    pub(super) variant: String,
    pub(super) product_name: String,
    pub(super) variant_name: String,
    /// By the piece or by weight.
    pub(super) unit: String,
    /// As weighed or counted; net where [`Self::is_net`].
    pub(super) quantity: String,
    /// What of the weight is crate or bag. It is subtracted.
    #[serde(default)]
    pub(super) tara: String,
    /// The quantity is of a sale that is saved: its tara is subtracted already, and is part of the
    /// sale's sum. So this line has no tara of its own.
    #[serde(default)]
    pub(super) is_net: bool,
    pub(super) price: String,
}

impl Line {
    /// A line for a variant at its list price.
    pub(super) fn of(variant: &JsonObject, products: Option<&Records>, id: String) -> Self {
        let product_id = text(variant, "productId");
        let product = super::ledger::find(products, product_id);
        let of_product = |field| product.as_ref().map_or("", |product| text(product, field));
        let price = match text(variant, "price") {
            "" => of_product("basePrice"),
            price => price,
        };
        Self {
            id,
            product: product_id.to_owned(),
            variant: text(variant, "id").to_owned(),
            product_name: of_product("name").to_owned(),
            variant_name: text(variant, "name").to_owned(),
            unit: of_product("unit").to_owned(),
            price: price.to_owned(),
            ..Self::default()
        }
    }

    /// A line of a sale that is saved.
    pub(super) fn of_item(item: &JsonObject, products: Option<&Records>) -> Self {
        let product = super::ledger::find(products, text(item, "productId"));
        let unit = product.as_ref().map_or("kg", |product| text(product, "unit"));
        let of = |field| text(item, field).to_owned();
        Self {
            id: of("id"),
            product: of("productId"),
            variant: of("variantId"),
            product_name: of("productName"),
            variant_name: of("variantName"),
            unit: unit.to_owned(),
            quantity: quantity_text(quantity(item, "quantity")),
            tara: String::new(),
            is_net: true,
            price: of("unitPrice"),
        }
    }

    /// Product and variant as one name.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.product_name, self.variant_name).trim().to_owned()
    }

    pub(super) fn by_piece(&self) -> bool {
        self.unit == "unidad"
    }

    /// It has a tara of its own.
    pub(super) fn has_tara(&self) -> bool {
        !self.by_piece() && !self.is_net
    }

    /// What the scale or the count showed.
    pub(super) fn gross(&self) -> Result<Quantity, String> {
        let typed = typed_quantity(&self.quantity, &self.unit);
        let typed = typed.map_err(|fault| fault.0.to_owned())?;
        typed
            .filter(|amount| *amount > Quantity::ZERO)
            .ok_or_else(|| "Escribe cuánto lleva.".into())
    }

    /// The tara, zero where none was typed; less than the weight, where that is known.
    pub(super) fn tara(&self) -> Result<Quantity, String> {
        if !self.has_tara() {
            return Ok(Quantity::ZERO);
        }
        let tara = typed_kilos(&self.tara).map_err(|fault| fault.0.to_owned())?.unwrap_or_default();
        match self.gross() {
            Ok(gross) if tara >= gross => Err(TARA_TOO_LARGE.to_owned()),
            _ => Ok(tara),
        }
    }

    /// What is charged: the weight without its tara.
    pub(super) fn net(&self) -> Result<Quantity, String> {
        Ok(self.gross()? - self.tara()?)
    }

    pub(super) fn price(&self) -> Result<Money, String> {
        let typed = typed_money(&self.price).map_err(|fault| fault.0.to_owned())?;
        typed.filter(|price| !price.is_negative()).ok_or_else(|| "Escribe el precio.".into())
    }

    /// What is asked of a price above ten times the list price, or below a tenth of it.
    pub(super) fn price_question(&self, list: Money) -> Option<String> {
        let price = self.price().ok()?;
        let times_ten = |money: Money| Money::from_units(money.units().saturating_mul(10));
        let is_unusual = price > times_ten(list) || times_ten(price) < list;
        (list > Money::ZERO && is_unusual).then(|| {
            let (name, price, list) = (self.name(), soles(price), soles(list));
            format!("{name}: ¿{price}? El precio de lista es {list}.")
        })
    }

    /// Net quantity times price, rounded as everywhere; nothing while either is missing.
    pub(super) fn subtotal(&self) -> Money {
        match (self.net(), self.price()) {
            (Ok(quantity), Ok(price)) => quantity.times(price).unwrap_or_default(),
            _ => Money::ZERO,
        }
    }

    /// Takes over a weighing of the calculator.
    pub(super) fn weigh(&mut self, weighing: &PendingWeighing) {
        self.quantity = quantity_text(weighing.net + weighing.tara);
        self.tara = quantity_text(weighing.tara);
        self.price = weighing.price.to_string();
    }
}

/// A weighing that the calculator handed over, until a product by weight takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PendingWeighing {
    pub(super) net: Quantity,
    pub(super) tara: Quantity,
    pub(super) price: Money,
}

impl PendingWeighing {
    /// The address's parameters that make a weighing. `kilos` is net, as it has always been there.
    pub(super) const PARAMETERS: [&'static str; 3] = ["kilos", "precio", "tara"];

    /// The weighing of the present address; none where the address has none.
    ///
    /// # Errors
    /// The parameters are not amounts: an address can be edited.
    pub(super) fn of_address() -> Result<Option<Self>, &'static str> {
        let [kilos, price, tara] = Self::PARAMETERS.map(parameter);
        if kilos.is_none() && price.is_none() && tara.is_none() {
            return Ok(None);
        }
        let [kilos, price, tara] = [kilos, price, tara].map(Option::unwrap_or_default);
        Self::read(&kilos, &price, &tara)
            .map(Some)
            .ok_or("La pesada no se entiende: pesa otra vez.")
    }

    fn read(kilos: &str, price: &str, tara: &str) -> Option<Self> {
        let net = typed_kilos(kilos).ok()?.filter(|net| *net > Quantity::ZERO)?;
        let tara = typed_kilos(tara).ok()?.unwrap_or_default();
        // The calculator writes two places, so two readings are not its writing.
        let price = crate::format::read_money(price).ok()??;
        (!price.is_ambiguous).then_some(Self { net, tara, price: price.amount })
    }
}

/// Beside the field of a tara.
pub(super) const TARA_TOO_LARGE: &str = "La tara debe ser menor que el peso.";

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: &str, tara: &str, price: &str) -> Line {
        let [quantity, tara, price] = [quantity, tara, price].map(str::to_owned);
        Line { quantity, tara, price, ..Line::default() }
    }

    #[test]
    fn tara_is_subtracted_from_what_is_charged() {
        let weighed = line("12,5", "0,8", "11,20");
        assert_eq!(weighed.net().unwrap().to_string(), "11.700");
        assert_eq!(weighed.subtotal().to_string(), "131.04");
        assert_eq!(line("0,250", "", "11,20").subtotal().to_string(), "2.80");
    }

    #[test]
    fn a_tara_that_is_not_less_than_the_weight_is_refused() {
        for tara in ["12.5", "13", "x", "-1"] {
            let weighed = line("12.5", tara, "11.20");
            assert!(weighed.tara().is_err() && weighed.net().is_err(), "{tara}");
            assert_eq!(weighed.subtotal(), Money::ZERO);
        }
        // While the weight is missing, the tara is not judged against it.
        assert_eq!(line("", "0.8", "").tara().unwrap().to_string(), "0.800");
    }

    #[test]
    fn a_saved_line_is_net_and_nothing_is_subtracted_twice() {
        let item = protocol::object([
            ("quantity".to_owned(), "11.700".into()),
            ("unitPrice".to_owned(), "11.20".into()),
        ]);
        let mut saved = Line::of_item(&item, None);
        assert_eq!((saved.quantity.as_str(), saved.tara.as_str()), ("11.7", ""));
        saved.tara = "0.8".to_owned();
        assert_eq!(saved.net().unwrap().to_string(), "11.700");
    }

    #[test]
    fn a_price_far_from_the_list_is_asked() {
        let list: Money = "11.20".parse().unwrap();
        for (price, is_asked) in [
            ("11.20", false),
            ("112", false),
            ("112,01", true),
            ("1.12", false),
            ("1,11", true),
            ("x", false),
        ] {
            assert_eq!(line("1", "", price).price_question(list).is_some(), is_asked, "{price}");
        }
        assert_eq!(line("1", "", "1000").price_question(Money::ZERO), None);
    }

    #[test]
    fn a_line_that_takes_a_weighing_charges_its_net_weight() {
        let weighing = PendingWeighing::read("2.200", "11.20", "0.150").unwrap();
        let mut taken = line("", "", "9.00");
        taken.weigh(&weighing);
        assert_eq!((taken.quantity.as_str(), taken.tara.as_str()), ("2.35", "0.15"));
        assert_eq!(taken.subtotal().to_string(), "24.64");
    }

    #[test]
    fn an_address_that_is_no_weighing_is_refused() {
        for (kilos, price, tara) in [
            ("", "11.20", ""),
            ("0", "11.20", ""),
            ("-1", "11.20", ""),
            ("1e3", "11.20", ""),
            ("2.2", "", ""),
            ("2.2", "1,234", ""),
            ("2.2", "11.20", "x"),
            ("<script>", "1", ""),
        ] {
            assert_eq!(PendingWeighing::read(kilos, price, tara), None, "{kilos} {price} {tara}");
        }
    }
}
