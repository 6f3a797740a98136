//! Sales with their items: the money of the business.
//!
//! `clientId`, `saleType`, `amountPaid`, `tara`, `netWeight` and the items are one unit ([`unit`]):
//! two phones may both change it, but what stands always adds up ([`merge`]).

mod item;
mod items;
mod merge;
mod payload;
mod unit;

use protocol::{Entity, JsonObject};

use crate::Refusal;
use crate::schema::{Field, Kind, Range, Reference, Schema};

pub(crate) use item::{SALE_ID, name_items, normal_item};
pub(crate) use merge::{merge_item, merge_sale};
pub(crate) use payload::normal_sale;

pub(crate) const SCHEMA: Schema = Schema {
    fields: FIELDS,
    references: &[
        Reference { field: CLIENT_ID, entity: Entity::Customers },
        Reference { field: "distribucionId", entity: Entity::Distribuciones },
    ],
    owner: Some("sellerId"),
    delete_always_wins: true,
};

const FIELDS: &[Field] = &[
    Field::optional(CLIENT_ID, "El cliente", Kind::Id),
    Field::optional("sellerId", "El vendedor", Kind::Id).immutable(),
    Field::optional("distribucionId", "La distribución", Kind::Id),
    Field::required(SALE_TYPE, "El tipo de venta", Kind::OneOf(&[CONTADO, CREDITO])),
    Field::optional(TOTAL, "El total", Kind::Money(Range::NotNegative)),
    Field::optional(PAID, "El monto pagado", Kind::Money(Range::NotNegative)),
    Field::optional(BALANCE, "El saldo", Kind::Money(Range::NotNegative)),
    Field::optional(TARA, "La tara", Kind::Quantity(Range::NotNegative)),
    Field::optional(NET_WEIGHT, "El peso neto", Kind::Quantity(Range::NotNegative)),
    Field::defaulted("saleDate", "La fecha de venta", Kind::Moment),
    Field::optional(ITEMS, "Los productos", Kind::Items(item::FIELDS)),
];

/// Total and balance follow from the unit.
///
/// # Errors
/// Which rule of money the sale breaks.
pub(crate) fn derive(record: &mut JsonObject) -> Result<(), Refusal> {
    let unit = unit::Unit::of(record);
    let figures = unit.check()?;
    unit.write_to(record, figures);
    Ok(())
}

/// What is set as one, beside the items.
const SCALARS: &[&str] = &[CLIENT_ID, SALE_TYPE, PAID, TARA, NET_WEIGHT];

const CLIENT_ID: &str = "clientId";
const SALE_TYPE: &str = "saleType";
const TOTAL: &str = "totalAmount";
const PAID: &str = "amountPaid";
const BALANCE: &str = "balanceDue";
const TARA: &str = "tara";
const NET_WEIGHT: &str = "netWeight";
const ITEMS: &str = "items";
const CONTADO: &str = "contado";
const CREDITO: &str = "credito";
