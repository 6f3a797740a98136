//! What the lines of a sale are counted in: a sale does not say, its products do.

use std::collections::BTreeSet;

use protocol::{Gather, JsonObject, Quantity};

use super::{items, quantity, text};

/// The products that are sold by the piece. All others weigh: so does one that has not arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units {
    by_piece: BTreeSet<String>,
}

impl Units {
    /// From the products as they are; a deleted one still says what it was sold by.
    pub fn of<'a>(products: impl IntoIterator<Item = &'a JsonObject>) -> Self {
        let by_piece = products.into_iter().filter(|product| text(product, "unit") == Some(PIECE));
        Self { by_piece: by_piece.filter_map(|product| Some(text(product, "id")?.into())).gather() }
    }

    /// The kilos of a sale: the quantities of its lines that weigh.
    pub fn kilos_of(&self, sale: &JsonObject) -> Quantity {
        items(sale).filter(|item| self.weighs(item)).map(|item| quantity(item, "quantity")).sum()
    }

    pub(super) fn weighs(&self, item: &JsonObject) -> bool {
        text(item, "productId").is_none_or(|product| !self.by_piece.contains(product))
    }
}

const PIECE: &str = "unidad";
