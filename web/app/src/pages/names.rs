//! What the screen calls fields, records, actions and people.

use std::rc::Rc;

use protocol::{Action, Entity, Money, Quantity, TeamMember};
use serde_json::Value;
use yew::prelude::*;

use super::online::use_api;
use super::source::{Me, Records, use_loads, use_me};
use crate::data::DistribucionFilter;
use crate::format::{kilos, soles, text};

/// Names of the people of the business, as far as a phone knows them.
#[derive(Clone, PartialEq)]
pub(super) struct People {
    me: Rc<Me>,
    loads: Option<Records>,
    team: Rc<Vec<TeamMember>>,
}

/// The people.
#[hook]
pub(super) fn use_people() -> People {
    let (me, loads) = (use_me(), use_loads(DistribucionFilter::default()));
    People { me, loads, team: Rc::default() }
}

/// The people by their names, which the server tells an administrator; without a network, by
/// what the phone knows of them.
#[hook]
pub(super) fn use_team_names() -> People {
    let (api, people) = (use_api(), use_people());
    let team = use_state(Rc::<Vec<TeamMember>>::default);
    {
        let team = team.setter();
        use_effect_with((), move |()| {
            api.team(Callback::from(move |answer: Result<Vec<TeamMember>, String>| {
                if let Ok(members) = answer {
                    team.set(Rc::new(members));
                }
            }));
        });
    }
    People { team: Rc::clone(&team), ..people }
}

impl People {
    /// Those whom the server has named.
    pub(super) fn members(&self) -> &[TeamMember] {
        &self.team
    }

    /// Who that is: oneself, or the cart that he sells from.
    pub(super) fn name(&self, user: &str) -> String {
        if user == self.me.id {
            return "ti".to_owned();
        }
        self.member(user).unwrap_or_else(|| self.cart(user))
    }

    /// Who that is, as somebody else reads it.
    pub(super) fn full_name(&self, user: &str) -> String {
        if user == self.me.id {
            return self.me.name.clone();
        }
        self.member(user).unwrap_or_else(|| self.cart(user))
    }

    fn member(&self, user: &str) -> Option<String> {
        let found = self.team.iter().find(|member| member.id.as_str() == user);
        found.map(|member| member.name.clone())
    }

    /// The cart that somebody sells from.
    fn cart(&self, user: &str) -> String {
        let load = self
            .loads
            .iter()
            .flat_map(|loads| loads.iter())
            .find(|load| text(load, "vendedorId") == user);
        load.map_or_else(
            || "otra persona del negocio".to_owned(),
            |load| text(load, "puntoVenta").to_owned(),
        )
    }
}

/// A field as it is called on the screen.
pub(super) fn field_name(field: &str) -> &'static str {
    match field {
        "name" => "Nombre",
        "dni" => "DNI",
        "phone" => "Teléfono",
        "address" => "Dirección",
        "notes" => "Nota",
        "saldoInicial" => "Saldo inicial",
        "clientId" => "Cliente",
        "saleType" => "Tipo de venta",
        "amountPaid" => "Pagado",
        "totalAmount" => "Total",
        "tara" => "Tara",
        "netWeight" => "Peso neto",
        "items" => "Productos",
        "referenceNumber" => "Número de operación",
        "puntoVenta" => "Punto de venta",
        "estado" => "Estado",
        "modo" => "Modo",
        "kilosDevueltos" => "Kilos devueltos",
        "price" => "Precio",
        "deletedAt" => "Eliminación",
        _ => "Dato",
    }
}

/// A value as it reads.
pub(super) fn shown_value(field: &str, value: &Value) -> String {
    match value {
        Value::Null => "(vacío)".to_owned(),
        Value::String(text) => match field {
            "saldoInicial" | "amountPaid" | "totalAmount" | "price" => {
                text.parse::<Money>().map_or_else(|_| text.clone(), soles)
            }
            "tara" | "netWeight" | "kilosDevueltos" => {
                text.parse::<Quantity>().map_or_else(|_| text.clone(), kilos)
            }
            "saleType" if text == "credito" => "Crédito".to_owned(),
            "saleType" => "Contado".to_owned(),
            "deletedAt" => "eliminado".to_owned(),
            _ => text.clone(),
        },
        Value::Bool(true) => "sí".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => format!("{} productos", items.len()),
        other => other.to_string(),
    }
}

/// An operation in two words: "Venta nueva", "Cliente editado".
pub(super) fn operation_name(entity: Entity, action: Action) -> String {
    let (name, feminine) = match entity {
        Entity::Customers => ("Cliente", false),
        Entity::Sales => ("Venta", true),
        Entity::SaleItems => ("Producto de una venta", false),
        Entity::Abonos => ("Abono", false),
        Entity::Distribuciones => ("Distribución", true),
        Entity::ProductVariants => ("Presentación", true),
        Entity::Products => ("Producto", false),
        Entity::Closings => ("Cierre", false),
    };
    let done = match (action, feminine) {
        (Action::Insert, true) => "nueva",
        (Action::Insert, false) => "nuevo",
        (Action::Update, true) => "editada",
        (Action::Update, false) => "editado",
        (Action::Delete, true) => "eliminada",
        (Action::Delete, false) => "eliminado",
    };
    format!("{name} {done}")
}
