//! Addresses of screens, and going from one to another with the browser's own history.
//!
//! A router of our own: yew-router alone would take a sixth of the budget for what the first
//! visit downloads.

use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::forms::screen_changed;

/// Every screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    Calculator,
    Sales,
    NewSale,
    Sale(String),
    EditSale(String),
    Customers,
    NewCustomer,
    ImportCustomers,
    Customer(String),
    EditCustomer(String),
    NewAbono(String),
    EditAbono(String),
    Closing,
    Catalog,
    Loads,
    NewLoad,
    Load(String),
    EditLoad(String),
    Closings,
    Team,
    Reports,
    Sync,
    Conflicts,
    Account,
    More,
    NotFound,
}

impl Route {
    /// The screen at an address.
    pub(crate) fn parse(path: &str) -> Self {
        let parts: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [] | ["entrar"] => Self::Home,
            ["calculadora"] => Self::Calculator,
            ["ventas"] => Self::Sales,
            ["ventas", "nueva"] => Self::NewSale,
            ["ventas", id] => Self::Sale((*id).to_owned()),
            ["ventas", id, "editar"] => Self::EditSale((*id).to_owned()),
            ["clientes"] => Self::Customers,
            ["clientes", "nuevo"] => Self::NewCustomer,
            ["clientes", "importar"] => Self::ImportCustomers,
            ["clientes", id] => Self::Customer((*id).to_owned()),
            ["clientes", id, "editar"] => Self::EditCustomer((*id).to_owned()),
            ["clientes", id, "abono"] => Self::NewAbono((*id).to_owned()),
            ["abonos", id] => Self::EditAbono((*id).to_owned()),
            ["cierre"] => Self::Closing,
            ["catalogo"] => Self::Catalog,
            ["distribuciones"] => Self::Loads,
            ["distribuciones", "nueva"] => Self::NewLoad,
            ["distribuciones", id] => Self::Load((*id).to_owned()),
            ["distribuciones", id, "editar"] => Self::EditLoad((*id).to_owned()),
            ["cierres"] => Self::Closings,
            ["equipo"] => Self::Team,
            ["reportes"] => Self::Reports,
            ["sincronizacion"] => Self::Sync,
            ["cambios-cruzados"] => Self::Conflicts,
            ["cuenta"] => Self::Account,
            ["mas"] => Self::More,
            _ => Self::NotFound,
        }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        let of = |id: &str, end: &str| format!("/{}{end}", encoded(id));
        match self {
            Self::Home | Self::NotFound => "/".to_owned(),
            Self::Calculator => "/calculadora".to_owned(),
            Self::Sales => "/ventas".to_owned(),
            Self::NewSale => "/ventas/nueva".to_owned(),
            Self::Sale(id) => format!("/ventas{}", of(id, "")),
            Self::EditSale(id) => format!("/ventas{}", of(id, "/editar")),
            Self::Customers => "/clientes".to_owned(),
            Self::NewCustomer => "/clientes/nuevo".to_owned(),
            Self::ImportCustomers => "/clientes/importar".to_owned(),
            Self::Customer(id) => format!("/clientes{}", of(id, "")),
            Self::EditCustomer(id) => format!("/clientes{}", of(id, "/editar")),
            Self::NewAbono(id) => format!("/clientes{}", of(id, "/abono")),
            Self::EditAbono(id) => format!("/abonos{}", of(id, "")),
            Self::Closing => "/cierre".to_owned(),
            Self::Catalog => "/catalogo".to_owned(),
            Self::Loads => "/distribuciones".to_owned(),
            Self::NewLoad => "/distribuciones/nueva".to_owned(),
            Self::Load(id) => format!("/distribuciones{}", of(id, "")),
            Self::EditLoad(id) => format!("/distribuciones{}", of(id, "/editar")),
            Self::Closings => "/cierres".to_owned(),
            Self::Team => "/equipo".to_owned(),
            Self::Reports => "/reportes".to_owned(),
            Self::Sync => "/sincronizacion".to_owned(),
            Self::Conflicts => "/cambios-cruzados".to_owned(),
            Self::Account => "/cuenta".to_owned(),
            Self::More => "/mas".to_owned(),
        }
    }
}

/// A parameter of the present address, as `cliente` in `/ventas/nueva?cliente=…`.
pub(crate) fn parameter(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    let pairs = search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
}

/// Takes parameters off the present address, so that a reload does not bring them back. The screen
/// stays as it is.
pub(crate) fn forget_parameters(names: &[&str]) {
    let Some(window) = web_sys::window() else { return };
    let (Ok(path), Ok(search)) = (window.location().pathname(), window.location().search()) else {
        return;
    };
    let is_kept =
        |pair: &&str| !names.contains(&pair.split_once('=').map_or(*pair, |(name, _)| name));
    let kept: Vec<&str> = search.trim_start_matches('?').split('&').filter(is_kept).collect();
    let search = kept.join("&");
    let address = if search.is_empty() { path } else { format!("{path}?{search}") };
    if let Ok(history) = window.history() {
        // Where a browser refuses, the address stays as it is.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
    }
}

/// Goes to a screen; back leads here again.
pub(crate) fn go(route: &Route) {
    go_to(&route.path());
}

/// Goes to an address within the app.
pub(crate) fn go_to(path: &str) {
    leave(|history| history.push_state_with_url(&JsValue::NULL, "", Some(path)));
}

/// Goes to a screen in the place of this one, which back shall not show again.
pub(crate) fn replace(route: &Route) {
    let path = route.path();
    leave(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&path)));
}

/// Back to where one came from, or up where the app was opened right here.
pub(crate) fn back(up: &Route) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    match history {
        Some(history) if history.length().unwrap_or(0) > 1 => {
            if history.back().is_err() {
                replace(up);
            }
        }
        _ => replace(up),
    }
}

fn leave(change: impl FnOnce(&web_sys::History) -> Result<(), JsValue>) {
    let Some(window) = web_sys::window() else { return };
    let Ok(history) = window.history() else { return };
    if change(&history).is_ok() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
        if let Ok(event) = Event::new(CHANGED) {
            // Whether a listener has cancelled it does not matter.
            drop(window.dispatch_event(&event));
        }
    }
}

/// The address at the last change of screen.
#[hook]
pub(crate) fn use_address() -> String {
    let path = use_state_eq(address);
    {
        let path = path.clone();
        use_effect_with((), move |()| {
            let listeners = ["popstate", CHANGED].map(|event| {
                let path = path.clone();
                web_sys::window().map(|window| {
                    EventListener::new(&window, event, move |_| {
                        path.set(address());
                        screen_changed();
                    })
                })
            });
            move || drop(listeners)
        });
    }
    (*path).clone()
}

/// The present screen, told anew whenever it changes.
#[hook]
pub(crate) fn use_route() -> Route {
    Route::parse(use_address().split('?').next().unwrap_or("/"))
}

/// A link within the app.
#[derive(Properties, PartialEq)]
pub(crate) struct LinkProps {
    pub(crate) to: Route,
    /// Appended to the address, as `?cliente=…`.
    #[prop_or_default]
    pub(crate) query: Option<String>,
    #[prop_or_default]
    pub(crate) class: Classes,
    /// Its name, where it shows no text.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    /// It leads to where one is.
    #[prop_or_default]
    pub(crate) current: bool,
    pub(crate) children: Html,
}

#[component]
pub(crate) fn Link(props: &LinkProps) -> Html {
    let path = format!("{}{}", props.to.path(), props.query.as_deref().unwrap_or(""));
    let onclick = {
        let path = path.clone();
        Callback::from(move |event: MouseEvent| {
            // With a key held the browser opens another tab.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                go_to(&path);
            }
        })
    };
    html! {
        <a href={path} {onclick} class={props.class.clone()} aria-label={props.label.clone()}
            aria-current={props.current.then_some("page")}>
            { props.children.clone() }
        </a>
    }
}

/// Where one is: path and parameters.
fn address() -> String {
    let Some(window) = web_sys::window() else { return String::new() };
    let location = window.location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

fn encoded(part: &str) -> String {
    js_sys::encode_uri_component(part).into()
}

/// A parameter for an address.
pub(crate) fn query(name: &str, value: &str) -> String {
    format!("?{name}={}", encoded(value))
}

fn decoded(part: &str) -> String {
    js_sys::decode_uri_component(part).map_or_else(|_| part.to_owned(), Into::into)
}

const CHANGED: &str = "avileo-route-changed";
