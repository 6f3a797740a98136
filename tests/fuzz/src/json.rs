//! JSON made of choices: the fields and words that the domain knows, and others.

use serde_json::{Map, Value, json};

use crate::Bytes;

/// An object with up to ten fields.
pub(crate) fn object(bytes: &mut Bytes<'_>) -> Map<String, Value> {
    let count = bytes.below(10);
    (0..count).map(|_| (field(bytes), value(bytes, DEPTH_MAX))).collect()
}

fn field(bytes: &mut Bytes<'_>) -> String {
    if bytes.once_in(12) { bytes.text(8) } else { bytes.one_of(FIELDS).to_owned() }
}

fn value(bytes: &mut Bytes<'_>, depth: usize) -> Value {
    match bytes.below(if depth == 0 { 7 } else { 10 }) {
        0 => bytes.one_of(WORDS).into(),
        1 => i64::from(bytes.byte()).into(),
        2 => format!("{}.{:02}", bytes.byte(), bytes.below(100)).into(),
        3 => json!(format!("{}.{:03}", bytes.byte(), u16::from(bytes.byte()) * 3)),
        4 => bytes.text(40).into(),
        5 => bytes.one_of(&[None, Some(true), Some(false)]).map_or(Value::Null, Value::Bool),
        6 => serde_json::from_str(bytes.one_of(NUMBERS)).unwrap_or_default(),
        7 => {
            let count = bytes.below(5);
            (0..count).map(|_| value(bytes, depth - 1)).collect()
        }
        _ => {
            let count = bytes.below(7);
            let fields = (0..count).map(|_| (field(bytes), value(bytes, depth - 1)));
            Value::Object(fields.collect())
        }
    }
}

const DEPTH_MAX: usize = 3;

const FIELDS: &[&str] = &[
    "name",
    "dni",
    "phone",
    "address",
    "notes",
    "saldoInicial",
    "clientId",
    "sellerId",
    "saleType",
    "amountPaid",
    "totalAmount",
    "balanceDue",
    "items",
    "id",
    "productId",
    "variantId",
    "quantity",
    "unitPrice",
    "subtotal",
    "saleId",
    "amount",
    "paymentMethod",
    "referenceNumber",
    "vendedorId",
    "fecha",
    "estado",
    "modo",
    "dismiss",
    "sortOrder",
    "saleDate",
    "distribucionId",
    "tara",
    "netWeight",
    "cantidadAsignada",
    "unidad",
    "puntoVenta",
    "kilosDevueltos",
    "sku",
    "price",
    "unitQuantity",
    "isActive",
    "deletedAt",
    "version",
    "businessId",
    "conflicts",
    "closingDate",
];

const WORDS: &[&str] = &[
    "c1",
    "c2",
    "s1",
    "i1",
    "i2",
    "x",
    "contado",
    "credito",
    "cerrado",
    "activo",
    "en_ruta",
    "kg",
    "unidad",
    "yape",
    "efectivo",
    "estricto",
    "rosa",
    "45678912",
    "20100070970",
    "2026-11-22",
    "2026-11-22T13:00:00.000Z",
    "+275760-09-13T00:00:00.000Z",
    "84.00",
    "-0",
    "0012.3",
    "phone",
    "999999999999.99",
    "",
];

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "7",
    "1.5",
    "84.10",
    "0.005",
    "1e3",
    "1e400",
    "-0.0",
    "999999999999",
    "1000000000000",
    "0.1000000000000000055511151231257827",
    "18446744073709551616",
    "9007199254740993",
];
