//! A sale while it is typed, and the payload that it becomes.

use domain::net_weight;
use protocol::{JsonObject, Money, Quantity};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::source::{Records, new_id};
use crate::format::{items, quantity, text, typed_kilos, typed_money, typed_quantity};

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
    pub(super) tara: String,
    pub(super) lines: Vec<Line>,
}

/// One product of it.
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
    pub(super) quantity: String,
    pub(super) price: String,
}

impl Line {
    /// A line for a variant at its price.
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
            quantity: String::new(),
            price: price.to_owned(),
        }
    }

    /// Product and variant as one name.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.product_name, self.variant_name).trim().to_owned()
    }

    pub(super) fn by_piece(&self) -> bool {
        self.unit == "unidad"
    }

    pub(super) fn quantity(&self) -> Result<Quantity, String> {
        let typed =
            typed_quantity(&self.quantity, &self.unit).map_err(|fault| fault.0.to_owned())?;
        typed
            .filter(|amount| *amount > Quantity::ZERO)
            .ok_or_else(|| "Escribe cuánto lleva.".into())
    }

    pub(super) fn price(&self) -> Result<Money, String> {
        let typed = typed_money(&self.price).map_err(|fault| fault.0.to_owned())?;
        typed.filter(|price| !price.is_negative()).ok_or_else(|| "Escribe el precio.".into())
    }

    /// Quantity times price, rounded as everywhere; nothing while either is missing.
    pub(super) fn subtotal(&self) -> Money {
        match (self.quantity(), self.price()) {
            (Ok(quantity), Ok(price)) => quantity.times(price).unwrap_or_default(),
            _ => Money::ZERO,
        }
    }
}

impl SaleDraft {
    /// A sale that is there already, to be corrected.
    pub(super) fn of(sale: &JsonObject, products: Option<&Records>) -> Self {
        let lines = items(sale).map(|item| {
            let product = super::ledger::find(products, text(item, "productId"));
            let unit = product.as_ref().map_or("kg", |product| text(product, "unit"));
            let text = |field| text(item, field).to_owned();
            Line {
                id: text("id"),
                product: text("productId"),
                variant: text("variantId"),
                product_name: text("productName"),
                variant_name: text("variantName"),
                unit: unit.to_owned(),
                quantity: text("quantity"),
                price: text("unitPrice"),
            }
        });
        let credit = text(sale, "saleType") == "credito";
        Self {
            id: text(sale, "id").to_owned(),
            client: text(sale, "clientId").to_owned(),
            credit,
            paid: if credit { text(sale, "amountPaid").to_owned() } else { String::new() },
            tara: text(sale, "tara").to_owned(),
            lines: lines.collect(),
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
            let (quantity, price) = match (line.quantity(), line.price()) {
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
        let tara = typed_kilos(&self.tara).map_err(|fault| fault.0.to_owned())?;
        if let Some(tara) = tara {
            put("tara", tara.to_json());
            put("netWeight", self.weighed().to_json());
        }
        Ok(data)
    }

    /// Kilos of the lines that weigh: what is sold is net already.
    fn weighed(&self) -> Quantity {
        let weighed = self.lines.iter().filter(|line| !line.by_piece());
        net_weight(weighed.filter_map(|line| line.quantity().ok()).sum(), Quantity::ZERO)
    }
}

/// The kilos of a sale as it was stored, where it says so.
pub(super) fn net_of(sale: &JsonObject) -> Option<Quantity> {
    Some(quantity(sale, "netWeight")).filter(|net| *net > Quantity::ZERO)
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
}
