//! What the screen calls fields, records, actions and people.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Action, Entity, Money, Quantity, TeamMember};
use serde_json::Value;
use yew::prelude::*;

use super::online::use_api;
use super::source::{Me, Records, use_loads, use_me};
use crate::data::DistribucionFilter;
use crate::format::{date_text, kilos, moment_text, soles, text, today};

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

thread_local! {
    /// Who asked for the team last, and the answer: names stay known when the signal goes.
    static TEAM: RefCell<(String, Rc<Vec<TeamMember>>)> = RefCell::default();
}

/// The people by their names, which the server tells an administrator; without a network, by
/// what the phone knows of them.
#[hook]
pub(super) fn use_team_names() -> People {
    let (api, people) = (use_api(), use_people());
    let known = TEAM.with_borrow(|(of, team)| (*of == people.me.id).then(|| Rc::clone(team)));
    let team = use_state(|| known.unwrap_or_default());
    {
        let (team, me) = (team.setter(), Rc::clone(&people.me));
        use_effect_with((), move |()| {
            // The server refuses to tell a seller.
            if !me.is_admin() {
                return;
            }
            api.team(Callback::from(move |answer: Result<Vec<TeamMember>, String>| {
                if let Ok(members) = answer {
                    let members = Rc::new(members);
                    TEAM.set((me.id.clone(), Rc::clone(&members)));
                    team.set(members);
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
        "price" | "unitPrice" | "basePrice" => "Precio",
        "quantity" => "Cantidad",
        "amount" => "Monto",
        "paymentMethod" => "Forma de pago",
        "distribucionId" => "Carga",
        "saleDate" => "Fecha de venta",
        "fecha" => "Fecha",
        "vendedorId" | "sellerId" => "Vendedor",
        "confiarEnVendedor" => "Confiar en el vendedor",
        "pesoConfirmado" => "Peso confirmado",
        "productId" => "Producto",
        "sku" => "Código",
        "unitQuantity" => "Contenido",
        "sortOrder" => "Orden",
        "isActive" => "Activo",
        "deletedAt" => "Eliminación",
        _ => "Dato",
    }
}

/// A value as it reads.
pub(super) fn shown_value(field: &str, value: &Value) -> String {
    match value {
        Value::Null => "(vacío)".to_owned(),
        Value::String(text) => match field {
            "saldoInicial" | "amountPaid" | "totalAmount" | "price" | "amount" | "unitPrice"
            | "basePrice" => text.parse::<Money>().map_or_else(|_| text.clone(), soles),
            "tara" | "netWeight" | "kilosDevueltos" => {
                text.parse::<Quantity>().map_or_else(|_| text.clone(), kilos)
            }
            "saleType" if text == "credito" => "Crédito".to_owned(),
            "saleType" => "Contado".to_owned(),
            "deletedAt" => "eliminado".to_owned(),
            "saleDate" => text.parse().map_or_else(|_| text.clone(), |at| moment_text(at, today())),
            "fecha" => date_text(text, today()),
            "estado" => load_state(text).to_owned(),
            "modo" => load_mode(text).to_owned(),
            "paymentMethod" => payment_method(text).to_owned(),
            _ => text.clone(),
        },
        Value::Bool(true) => "sí".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => format!("{} productos", items.len()),
        other => other.to_string(),
    }
}

/// How far a load is.
pub(super) fn load_state(estado: &str) -> &'static str {
    match estado {
        "cerrado" => "Cerrada",
        "en_ruta" => "En ruta",
        _ => "Activa",
    }
}

fn load_mode(modo: &str) -> &'static str {
    match modo {
        "acumulativo" => "Avisa",
        "libre" => "Libre",
        _ => "Estricto",
    }
}

fn payment_method(method: &str) -> &'static str {
    match method {
        "yape" => "Yape",
        "plin" => "Plin",
        "transferencia" => "Banco",
        _ => "Efectivo",
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
