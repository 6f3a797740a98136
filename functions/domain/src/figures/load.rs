//! A load as it stands: what was assigned, what the sales that name it have taken of it.

use std::collections::BTreeMap;

use protocol::{JsonObject, Money, Quantity};
use serde::{Deserialize, Serialize};

use super::{Units, is_deleted, items, money, quantity, text};

/// The figures of a distribución, derived by whoever reads it.
///
/// ```json
/// {"kilosAsignados":"16.500","kilosVendidos":"4.000","kilosRestantes":"12.500",
///  "montoRecaudado":"60.00","porEncimaDeLoAsignado":"0.000",
///  "items":[{"variantId":"v1","unidad":"kg","cantidadAsignada":"12.500",
///            "cantidadVendida":"4.000","cantidadRestante":"8.500"}]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadFigures {
    /// The sum of the lines that weigh.
    pub kilos_asignados: Quantity,
    /// Kilos of the sales that name the load.
    pub kilos_vendidos: Quantity,
    /// Assigned less sold; below zero where more was sold.
    pub kilos_restantes: Quantity,
    /// What those sales brought at once; what is owed of them is not.
    pub monto_recaudado: Money,
    /// "Por encima de lo asignado": kilos sold beyond those assigned.
    pub por_encima_de_lo_asignado: Quantity,
    /// Variants that were assigned or sold, those assigned first, in the load's order.
    pub items: Vec<LoadLine>,
}

/// One variant of a load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadLine {
    /// The variant.
    pub variant_id: String,
    /// `kg` or `unidad`.
    pub unidad: String,
    /// Zero where it was sold without being assigned.
    pub cantidad_asignada: Quantity,
    /// In the sales that name the load.
    pub cantidad_vendida: Quantity,
    /// Assigned less sold; below zero where more was sold.
    pub cantidad_restante: Quantity,
}

impl LoadFigures {
    /// The figures of `load` with `sales`: those that do not name it count for nothing.
    pub fn of<'a>(
        load: &JsonObject,
        sales: impl IntoIterator<Item = &'a JsonObject>,
        units: &Units,
    ) -> Self {
        let mut lines = Lines::assigned_in(load);
        let kilos_asignados = lines.kilos_assigned();
        let mut monto_recaudado = Money::ZERO;
        let id = text(load, "id");
        for sale in sales {
            if is_deleted(sale) || text(sale, "distribucionId") != id {
                continue;
            }
            monto_recaudado = monto_recaudado + money(sale, "amountPaid");
            items(sale).for_each(|item| lines.sell(item, units));
        }
        let kilos_vendidos = lines.kilos_sold;
        let kilos_restantes = kilos_asignados - kilos_vendidos;
        Self {
            kilos_asignados,
            kilos_vendidos,
            kilos_restantes,
            monto_recaudado,
            por_encima_de_lo_asignado: (-kilos_restantes).max(Quantity::ZERO),
            items: lines.in_order,
        }
    }
}

/// The lines of a load while its sales are counted.
struct Lines {
    in_order: Vec<LoadLine>,
    place: BTreeMap<String, usize>,
    kilos_sold: Quantity,
}

impl Lines {
    fn assigned_in(load: &JsonObject) -> Self {
        let mut lines =
            Self { in_order: Vec::new(), place: BTreeMap::new(), kilos_sold: Quantity::ZERO };
        for item in items(load) {
            let Some(variant) = text(item, "variantId") else { continue };
            let line = lines.line(variant, text(item, "unidad").unwrap_or(KILOS));
            line.cantidad_asignada = line.cantidad_asignada + quantity(item, "cantidadAsignada");
            line.cantidad_restante = line.cantidad_asignada;
        }
        lines
    }

    fn kilos_assigned(&self) -> Quantity {
        let weighed = self.in_order.iter().filter(|line| line.unidad == KILOS);
        weighed.map(|line| line.cantidad_asignada).sum()
    }

    /// A line that names no variant counts among the kilos only.
    fn sell(&mut self, item: &JsonObject, units: &Units) {
        let sold = quantity(item, "quantity");
        let mut weighs = units.weighs(item);
        if let Some(variant) = text(item, "variantId") {
            let line = self.line(variant, if weighs { KILOS } else { "unidad" });
            line.cantidad_vendida = line.cantidad_vendida + sold;
            line.cantidad_restante = line.cantidad_restante - sold;
            // The load itself says what it was counted in.
            weighs = line.unidad == KILOS;
        }
        if weighs {
            self.kilos_sold = self.kilos_sold + sold;
        }
    }

    fn line(&mut self, variant: &str, unit: &str) -> &mut LoadLine {
        let next = self.in_order.len();
        let at = *self.place.entry(variant.to_owned()).or_insert(next);
        if at == next {
            self.in_order.push(LoadLine {
                variant_id: variant.to_owned(),
                unidad: unit.to_owned(),
                cantidad_asignada: Quantity::ZERO,
                cantidad_vendida: Quantity::ZERO,
                cantidad_restante: Quantity::ZERO,
            });
        }
        &mut self.in_order[at]
    }
}

const KILOS: &str = "kg";
