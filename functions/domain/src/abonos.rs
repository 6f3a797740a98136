//! Abonos: payments of debt. Their amount is never changed: a wrong one is deleted.

use protocol::Entity;

use crate::schema::{Field, Kind, Range, Reference, Schema};

pub(crate) const SCHEMA: Schema = Schema {
    fields: FIELDS,
    references: &[Reference { field: "clientId", entity: Entity::Customers }],
    owner: Some("sellerId"),
    delete_always_wins: true,
};

const FIELDS: &[Field] = &[
    Field::required("clientId", "El cliente", Kind::Id).immutable(),
    Field::optional("sellerId", "El vendedor", Kind::Id).immutable(),
    Field::required("amount", "El monto", Kind::Money(Range::Positive)).immutable(),
    Field::required("paymentMethod", "El medio de pago", Kind::OneOf(METHODS)).immutable(),
    Field::optional("notes", "La nota", Kind::Text { min: 1, max: 2000 }),
    Field::optional("referenceNumber", "El número de referencia", Kind::Text { min: 1, max: 50 }),
];

const METHODS: &[&str] = &["efectivo", "yape", "plin", "transferencia"];
