//! Products and the ways in which they are sold.

use protocol::{Entity, JsonObject};
use serde_json::json;

use crate::schema::{Field, Kind, Range, Reference, Schema};

pub(crate) const PRODUCT: Schema =
    Schema { fields: PRODUCT_FIELDS, references: &[], owner: None, delete_always_wins: false };

pub(crate) const VARIANT: Schema = Schema {
    fields: VARIANT_FIELDS,
    references: &[Reference { field: "productId", entity: Entity::Products }],
    owner: None,
    delete_always_wins: false,
};

const PRODUCT_FIELDS: &[Field] = &[
    Field::required("name", "El nombre", Kind::Text { min: 2, max: 255 }),
    Field::required("type", "El tipo", Kind::OneOf(&["pollo", "huevo", "otro"])),
    Field::required("unit", "La unidad", Kind::OneOf(UNITS)),
    Field::optional("basePrice", "El precio base", Kind::Money(Range::NotNegative)),
    Field::defaulted("isActive", "El estado", Kind::Bool),
];

const VARIANT_FIELDS: &[Field] = &[
    Field::required("productId", "El producto", Kind::Id).immutable(),
    // Its folded form is part of a key of at most 1,024 bytes.
    Field::required("name", "El nombre", Kind::Text { min: 1, max: 100 }),
    Field::optional("sku", "El código", Kind::Text { min: 1, max: 50 }),
    Field::optional("unitQuantity", "La cantidad", Kind::Quantity(Range::Positive)),
    Field::optional("price", "El precio", Kind::Money(Range::NotNegative)),
    Field::defaulted("sortOrder", "El orden", Kind::Integer { min: 0, max: 1_000_000 }),
    Field::defaulted("isActive", "El estado", Kind::Bool),
];

/// What a new product or variant is unless it says otherwise: on sale, first in order.
pub(crate) fn fill_in(entity: Entity, fields: &mut JsonObject) {
    if matches!(entity, Entity::Products | Entity::ProductVariants) {
        fields.entry("isActive").or_insert(json!(true));
    }
    if entity == Entity::ProductVariants {
        fields.entry("sortOrder").or_insert(json!(0));
    }
}

/// What a product is counted in.
pub(crate) const UNITS: &[&str] = &["kg", "unidad"];
