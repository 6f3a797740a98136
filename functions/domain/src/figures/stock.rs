//! Whether a load still has what a sale takes: for the phone, before the sale is made.
//!
//! The server never asks: a sale that has happened is not refused for want of stock.

use protocol::{JsonObject, Quantity};

use super::{LoadFigures, Units, text};

/// How strictly a load is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modo {
    /// Past what was assigned nothing is sold.
    Estricto,
    /// Past it the seller is warned.
    Acumulativo,
    /// Nobody watches.
    Libre,
}

/// What the phone does with a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockVerdict {
    /// It goes through in silence.
    None,
    /// It goes through once the seller has seen what is short.
    Warn(Vec<Shortage>),
    /// It does not go through.
    Block(Vec<Shortage>),
}

/// What a sale takes beyond a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// The variant; `None` where only the kilos of the whole load are short.
    pub variant_id: Option<String>,
    /// As the seller knows it, where the sale names it.
    pub name: Option<String>,
    /// What was left before this sale; never below zero.
    pub left: Quantity,
    /// What the sale takes.
    pub wanted: Quantity,
}

impl Modo {
    /// The mode of a load; one that says nothing is strict.
    pub fn of(load: &JsonObject) -> Self {
        match text(load, "modo") {
            Some("acumulativo") => Self::Acumulativo,
            Some("libre") => Self::Libre,
            _ => Self::Estricto,
        }
    }
}

impl Shortage {
    /// What the seller reads.
    pub fn text(&self) -> String {
        let what = self.name.as_deref().unwrap_or("la carga");
        format!("De {what} quedan {} y la venta lleva {}.", self.left, self.wanted)
    }
}

/// Whether `load` has what `sale` takes, given the sales so far. Where `sale` is an edit, its
/// former self among `sales` does not count.
pub fn check_stock<'a>(
    load: &JsonObject,
    sales: impl IntoIterator<Item = &'a JsonObject>,
    sale: &JsonObject,
    units: &Units,
) -> StockVerdict {
    let modo = Modo::of(load);
    if modo == Modo::Libre {
        return StockVerdict::None;
    }
    let id = text(sale, "id");
    let others = sales.into_iter().filter(|other| id.is_none() || text(other, "id") != id);
    let before = LoadFigures::of(load, others, units);
    let mut taken = sale.clone();
    taken.insert("distribucionId".to_owned(), load.get("id").cloned().unwrap_or_default());
    let with = LoadFigures::of(load, [&taken], units);
    let short = shortages(&before, &with, sale);
    match modo {
        _ if short.is_empty() => StockVerdict::None,
        Modo::Estricto => StockVerdict::Block(short),
        Modo::Acumulativo | Modo::Libre => StockVerdict::Warn(short),
    }
}

fn shortages(before: &LoadFigures, with: &LoadFigures, sale: &JsonObject) -> Vec<Shortage> {
    let mut short = Vec::new();
    for line in with.items.iter().filter(|line| line.cantidad_vendida > Quantity::ZERO) {
        let known = before.items.iter().find(|known| known.variant_id == line.variant_id);
        let left = known.map_or(Quantity::ZERO, |known| known.cantidad_restante);
        if line.cantidad_vendida > left {
            short.push(Shortage {
                variant_id: Some(line.variant_id.clone()),
                name: name_in(sale, &line.variant_id),
                left: left.max(Quantity::ZERO),
                wanted: line.cantidad_vendida,
            });
        }
    }
    if short.is_empty()
        && with.kilos_vendidos > Quantity::ZERO
        && with.kilos_vendidos > before.kilos_restantes
    {
        let left = before.kilos_restantes.max(Quantity::ZERO);
        short.push(Shortage { variant_id: None, name: None, left, wanted: with.kilos_vendidos });
    }
    short
}

fn name_in(sale: &JsonObject, variant: &str) -> Option<String> {
    let item = super::items(sale).find(|item| text(item, "variantId") == Some(variant))?;
    text(item, "variantName").or_else(|| text(item, "productName")).map(str::to_owned)
}
