//! A sale while it is typed, and the payload that it becomes.

use protocol::{JsonObject, Money, Quantity};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::sale_line::{Line, PendingWeighing};
use super::source::{Records, new_id};
use crate::format::{items, quantity, quantity_text, text, typed_kilos, typed_money};

/// What is typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SaleDraft {
    /// What the sale will be called, so that a draft of a saved one is known as such.
    #[serde(default = "new_id")]
    pub(super) id: String,
    /// Empty is the "cliente genérico".
    pub(super) client: String,
    pub(super) credit: bool,
    pub(super) paid: String,
    /// What is subtracted already: the tara of the lines that are net. The others have their own.
    pub(super) tara: String,
    pub(super) lines: Vec<Line>,
    /// A weighing of the calculator that no product has taken yet.
    #[serde(default)]
    pub(super) weighing: Option<PendingWeighing>,
}

impl SaleDraft {
    /// A sale that is there already, to be corrected.
    pub(super) fn of(sale: &JsonObject, products: Option<&Records>) -> Self {
        let lines = items(sale).map(|item| Line::of_item(item, products));
        let credit = text(sale, "saleType") == "credito";
        Self {
            id: text(sale, "id").to_owned(),
            client: text(sale, "clientId").to_owned(),
            credit,
            paid: if credit { text(sale, "amountPaid").to_owned() } else { String::new() },
            tara: optional_quantity_text(quantity(sale, "tara")),
            lines: lines.collect(),
            weighing: None,
        }
    }

    pub(super) fn total(&self) -> Money {
        self.lines.iter().map(Line::subtotal).sum()
    }

    pub(super) fn paid(&self) -> Money {
        match typed_money(&self.paid) {
            _ if !self.credit => self.total(),
            Ok(Some(paid)) => paid,
            _ => Money::ZERO,
        }
    }

    /// All that the sale says.
    ///
    /// # Errors
    /// What is missing or makes no sense, in words for the seller.
    pub(super) fn payload(&self) -> Result<JsonObject, String> {
        if self.weighing.is_some() {
            return Err("Falta usar la pesada: elige su producto o quítala.".to_owned());
        }
        if self.lines.is_empty() {
            return Err("Agrega al menos un producto.".to_owned());
        }
        if self.credit && self.client.is_empty() {
            return Err("La venta al crédito necesita un cliente.".to_owned());
        }
        if self.credit {
            typed_money(&self.paid).map_err(|fault| fault.0.to_owned())?;
        }
        let items = self.lines.iter().map(|line| {
            let (quantity, price) = match (line.net(), line.price()) {
                (Ok(quantity), Ok(price)) => (quantity, price),
                (Err(why), _) | (_, Err(why)) => return Err(format!("{}: {why}", line.name())),
            };
            Ok(json!({
                "id": line.id, "productId": line.product, "variantId": line.variant,
                "productName": line.product_name, "variantName": line.variant_name,
                "quantity": quantity, "unitPrice": price, "subtotal": line.subtotal(),
            }))
        });
        let items = items.collect::<Result<Vec<Value>, String>>()?;
        let (total, paid) = (self.total(), self.paid());
        let mut data = JsonObject::new();
        let mut put = |field: &str, value: Value| drop(data.insert(field.to_owned(), value));
        if !self.client.is_empty() {
            put("clientId", json!(self.client));
        }
        put("saleType", json!(if self.credit { "credito" } else { "contado" }));
        put("totalAmount", total.to_json());
        put("amountPaid", paid.to_json());
        put("balanceDue", (total - paid).to_json());
        put("items", Value::Array(items));
        let tara = self.tara()?;
        if tara > Quantity::ZERO {
            put("tara", tara.to_json());
            put("netWeight", self.net_weight().to_json());
        }
        Ok(data)
    }

    /// The tara of all weighings of the sale.
    fn tara(&self) -> Result<Quantity, String> {
        let subtracted = typed_kilos(&self.tara).map_err(|fault| format!("Tara: {}", fault.0))?;
        let lines = self.lines.iter().map(Line::tara).sum::<Result<Quantity, String>>()?;
        Ok(subtracted.unwrap_or_default() + lines)
    }

    /// Kilos of the lines that weigh, without their tara.
    fn net_weight(&self) -> Quantity {
        let weighed = self.lines.iter().filter(|line| !line.by_piece());
        weighed.filter_map(|line| line.net().ok()).sum()
    }
}

/// The weights of a saved sale, as its receipt shows them: gross where there is a tara, tara, net.
pub(super) fn weights(sale: &JsonObject) -> Vec<(&'static str, Quantity)> {
    let [tara, net] = ["tara", "netWeight"].map(|field| quantity(sale, field));
    let has_both = tara > Quantity::ZERO && net > Quantity::ZERO;
    let gross = if has_both { net + tara } else { Quantity::ZERO };
    let mut weights = vec![("Peso bruto", gross), ("Tara", tara), ("Peso neto", net)];
    weights.retain(|(_, weight)| *weight > Quantity::ZERO);
    weights
}

fn optional_quantity_text(quantity: Quantity) -> String {
    if quantity == Quantity::ZERO { String::new() } else { quantity_text(quantity) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: &str, price: &str) -> Line {
        Line {
            quantity: quantity.into(),
            price: price.into(),
            variant_name: "Entero".into(),
            ..Line::default()
        }
    }

    #[test]
    fn a_cash_sale_is_paid_whole_and_rounded_as_the_server_rounds() {
        let draft = SaleDraft {
            lines: vec![line("7.5", "11.20"), line("0.333", "9.99")],
            ..SaleDraft::default()
        };
        let data = draft.payload().unwrap();
        assert_eq!(data["totalAmount"], "87.33");
        assert_eq!(data["amountPaid"], "87.33");
        assert_eq!(data["balanceDue"], "0.00");
    }

    #[test]
    fn what_is_missing_is_said_with_the_product() {
        let draft = SaleDraft { lines: vec![line("", "11.20")], ..SaleDraft::default() };
        assert_eq!(draft.payload().unwrap_err(), "Entero: Escribe cuánto lleva.");
        assert!(SaleDraft::default().payload().unwrap_err().contains("un producto"));
        let credit =
            SaleDraft { credit: true, lines: vec![line("1", "1")], ..SaleDraft::default() };
        assert!(credit.payload().unwrap_err().contains("cliente"));
    }

    #[test]
    fn what_is_paid_of_a_credit_leaves_the_rest_as_debt() {
        let draft = SaleDraft {
            client: "rosa".into(),
            credit: true,
            paid: "20".into(),
            lines: vec![line("7.5", "11.2")],
            ..SaleDraft::default()
        };
        let data = draft.payload().unwrap();
        assert_eq!((&data["amountPaid"], &data["balanceDue"]), (&json!("20.00"), &json!("64.00")));
    }

    #[test]
    fn a_sales_tara_is_the_sum_of_its_weighings() {
        let weighed = |tara: &str| Line { tara: tara.into(), ..line("10", "10") };
        let draft =
            SaleDraft { lines: vec![weighed("0.8"), weighed("0,25")], ..SaleDraft::default() };
        let data = draft.payload().unwrap();
        assert_eq!((&data["tara"], &data["netWeight"]), (&json!("1.050"), &json!("18.950")));
        assert_eq!(data["items"][0]["quantity"], "9.200");
        assert_eq!(data["totalAmount"], "189.50");
        let names = weights(&data).into_iter().map(|(name, weight)| format!("{name} {weight}"));
        let shown = ["Peso bruto 20.000", "Tara 1.050", "Peso neto 18.950"];
        assert_eq!(names.collect::<Vec<_>>(), shown);
    }

    #[test]
    fn a_correction_keeps_the_tara_and_subtracts_that_of_a_new_line_only() {
        let weighed = Line { id: "a".into(), tara: "0.8".into(), ..line("10", "10") };
        let saved = SaleDraft { lines: vec![weighed], ..SaleDraft::default() }.payload().unwrap();
        let mut again = SaleDraft::of(&saved, None);
        let same = again.payload().unwrap();
        for field in ["totalAmount", "tara", "netWeight"] {
            assert_eq!(same[field], saved[field], "{field}");
        }
        again.lines.push(Line { tara: "0.2".into(), ..line("5", "10") });
        let more = again.payload().unwrap();
        assert_eq!((&more["tara"], &more["netWeight"]), (&json!("1.000"), &json!("14.000")));
        assert_eq!(more["totalAmount"], "140.00");
    }

    #[test]
    fn a_weighing_without_a_product_is_not_dropped_in_silence() {
        let weighing =
            PendingWeighing { net: Quantity::ZERO, tara: Quantity::ZERO, price: Money::ZERO };
        let draft = SaleDraft {
            lines: vec![line("1", "1")],
            weighing: Some(weighing),
            ..SaleDraft::default()
        };
        assert!(draft.payload().unwrap_err().contains("pesada"));
    }
}
