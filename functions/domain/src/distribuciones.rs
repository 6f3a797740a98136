//! Distribuciones: the load given to a seller for a day.

use protocol::{ErrorCode, JsonObject, Quantity};
use serde_json::{Value, json};

use crate::Refusal;
use crate::draft::Draft;
use crate::judge::sets_nothing;
use crate::products::UNITS;
use crate::schema::{Field, Kind, Range, Schema};
use crate::stamp::{Stamp, Stance};

pub(crate) const SCHEMA: Schema = Schema {
    fields: FIELDS,
    references: &[],
    owner: Some("vendedorId"),
    delete_always_wins: false,
};

const FIELDS: &[Field] = &[
    Field::required("vendedorId", "El vendedor", Kind::Id).immutable(),
    Field::required("puntoVenta", "El punto de venta", Kind::Text { min: 2, max: 100 }),
    Field::required("fecha", "La fecha", Kind::Date).immutable(),
    Field::defaulted(ESTADO, "El estado", Kind::OneOf(ESTADOS)),
    Field::defaulted("modo", "El modo", Kind::OneOf(&["estricto", "acumulativo", "libre"])),
    Field::defaulted("confiarEnVendedor", "«Confiar en el vendedor»", Kind::Bool),
    Field::defaulted("pesoConfirmado", "«Peso confirmado»", Kind::Bool),
    Field::defaulted("items", "Los productos", Kind::Items(ITEM_FIELDS)),
    Field::optional(RETURNED, "Los kilos devueltos", Kind::Quantity(Range::NotNegative)),
];

const ITEM_FIELDS: &[Field] = &[
    Field::required("variantId", "La presentación", Kind::Id),
    Field::required(ASSIGNED, "La cantidad asignada", Kind::Quantity(Range::Positive)),
    Field::required("unidad", "La unidad", Kind::OneOf(UNITS)),
];

/// What a new load is unless it says otherwise: not yet on its way, strict, unconfirmed.
pub(crate) fn fill_in(fields: &mut JsonObject) {
    fields.entry(ESTADO).or_insert(json!(ESTADOS[0]));
    fields.entry("modo").or_insert(json!("estricto"));
    fields.entry("confiarEnVendedor").or_insert(json!(false));
    fields.entry("pesoConfirmado").or_insert(json!(false));
    fields.entry("items").or_insert(json!([]));
}

/// What a seller may do with his own load: close it, with what he brings back.
pub(crate) fn is_close(payload: &JsonObject) -> bool {
    payload.get(ESTADO).is_some_and(|estado| estado == CERRADO)
        && payload.keys().all(|field| field == ESTADO || field == RETURNED)
}

/// Merges an update. What is closed stays as it is, but for those who could not know; `estado`
/// only advances.
///
/// # Errors
/// `distribucion_closed`, or an `estado` that goes back.
pub(crate) fn merge(
    draft: &mut Draft,
    mut changes: JsonObject,
    stamp: &Stamp,
) -> Result<(), Refusal> {
    let clock = draft.clocks.get(ESTADO);
    let informed = stamp.stance(clock) == Stance::Informed;
    let stored = rank(&draft.value(ESTADO));
    if informed && stored == rank(&json!(CERRADO)) && !sets_nothing(&changes) {
        return Err(ErrorCode::DistribucionClosed.into());
    }
    let estado = changes.remove(ESTADO);
    draft.merge(&changes, stamp);
    let Some(estado) = estado else { return Ok(()) };
    if rank(&estado) < stored && informed {
        return Err(Refusal::new(ErrorCode::InvalidField, "El estado solo avanza."));
    }
    if rank(&estado) > stored {
        let clock = stamp.clock(draft.clocks.get(ESTADO), None);
        draft.put(ESTADO, estado);
        draft.clocks.insert(ESTADO.to_owned(), clock);
    }
    Ok(())
}

/// The kilos assigned follow from the items.
///
/// # Errors
/// A sum beyond what can be written.
pub(crate) fn derive(record: &mut JsonObject) -> Result<(), Refusal> {
    let items = record.get("items").and_then(Value::as_array).into_iter().flatten();
    let weighed = items.filter(|item| item.get("unidad").is_some_and(|unit| unit == "kg"));
    let kilos: Quantity =
        weighed.filter_map(|item| Quantity::from_json(item.get(ASSIGNED)?).ok()).sum();
    let bounded = Quantity::from_json(&kilos.to_json()).map_err(|_| ErrorCode::InvalidAmount)?;
    record.insert("kilosAsignados".to_owned(), bounded.to_json());
    Ok(())
}

fn rank(estado: &Value) -> Option<usize> {
    ESTADOS.iter().position(|known| estado == known)
}

const ESTADO: &str = "estado";
const ESTADOS: &[&str] = &["activo", "en_ruta", CERRADO];
const CERRADO: &str = "cerrado";
const RETURNED: &str = "kilosDevueltos";
const ASSIGNED: &str = "cantidadAsignada";
