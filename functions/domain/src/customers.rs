//! Customers: who buys, and what he owed before Avileo.

use crate::schema::{Field, Kind, Range, Schema};

pub(crate) const SCHEMA: Schema =
    Schema { fields: FIELDS, references: &[], owner: None, delete_always_wins: false };

const FIELDS: &[Field] = &[
    Field::required("name", "El nombre", Kind::Text { min: 2, max: 255 }),
    Field::optional("dni", "El DNI", Kind::Dni),
    Field::optional("phone", "El teléfono", Kind::Text { min: 1, max: 40 }),
    Field::optional("address", "La dirección", Kind::Text { min: 1, max: 500 }),
    Field::optional("notes", "La nota", Kind::Text { min: 1, max: 2000 }),
    Field::optional("saldoInicial", "El saldo inicial", Kind::Money(Range::Any)).admin_only(),
];
