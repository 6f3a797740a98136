//! What stands around every screen: a bar above, the tabs below or at the side.

use engine::StatusWord;
use protocol::Role;
use yew::prelude::*;

use super::{Button, ErrorState, Look, StatusBadge, icon};
use crate::router::{Link, Route, back, go};

/// What the phone's badge says in the bar of every screen but the one that it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BarStatus(pub(crate) Option<StatusWord>);

/// Why the phone's records cannot be read, and how to read them again: what every screen that shows
/// records says in their place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReadFault {
    /// In Spanish.
    pub(crate) why: AttrValue,
    pub(crate) onretry: Callback<()>,
}

#[derive(Properties, PartialEq)]
struct TopBarProps {
    pub(crate) title: AttrValue,
    /// Where back leads if the app was opened right here; none on the tabs' own screens.
    #[prop_or_default]
    pub(crate) up: Option<Route>,
    /// At the right end.
    #[prop_or_default]
    pub(crate) end: Html,
}

#[component]
fn TopBar(props: &TopBarProps) -> Html {
    {
        let title = props.title.clone();
        use_effect_with(title, |title| {
            if let Some(document) = web_sys::window().and_then(|window| window.document()) {
                document.set_title(&format!("{title} · Avileo"));
            }
        });
    }
    let status = use_context::<BarStatus>().and_then(|status| status.0);
    let small = props.up.is_some() || props.end != Html::default();
    let up = props.up.clone();
    html! {
        <header class="top-bar">
            if let Some(up) = up {
                <button type="button" class="icon-button" aria-label="Atrás"
                    onclick={Callback::from(move |_: MouseEvent| back(&up))}>
                    { icon("back") }
                </button>
            }
            <h1 tabindex="-1">{ &props.title }</h1>
            { props.end.clone() }
            if let Some(word) = status {
                <StatusBadge {word} {small} onclick={Callback::from(|()| go(&Route::Sync))} />
            }
        </header>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct PageProps {
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) up: Option<Route>,
    #[prop_or_default]
    pub(crate) end: Html,
    /// Tables want the width of a desktop.
    #[prop_or_default]
    pub(crate) wide: bool,
    /// Shows none of the phone's records: it stays where they cannot be read.
    #[prop_or_default]
    pub(crate) without_records: bool,
    pub(crate) children: Html,
}

/// A screen: its bar and what it shows.
#[component]
pub(crate) fn Page(props: &PageProps) -> Html {
    let fault = use_context::<Option<ReadFault>>().flatten();
    let fault = fault.filter(|_| !props.without_records);
    // Its contents are hidden then, not taken away: what is typed in them stays.
    let unread = fault.is_some().then_some("unread");
    let class = classes!("page", props.wide.then_some("wide"), unread);
    html! {
        <>
            <TopBar title={props.title.clone()} up={props.up.clone()} end={props.end.clone()} />
            <main id="content" {class} tabindex="-1">
                if let Some(ReadFault { why, onretry }) = fault {
                    <div class="unread-note">
                        <ErrorState icon="warning" title="No se pudieron leer los datos" text={why}>
                            <Button text="Reintentar" icon="sync" look={Look::Primary} onclick={onretry} />
                        </ErrorState>
                    </div>
                }
                { props.children.clone() }
            </main>
        </>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct TabBarProps {
    pub(crate) route: Route,
    pub(crate) role: Role,
    pub(crate) business: AttrValue,
}

/// Five tabs under the thumb; on a desktop a rail with everything.
#[component]
pub(crate) fn TabBar(props: &TabBarProps) -> Html {
    let here = tab_of(&props.route);
    let is_admin = props.role == Role::AdminNegocio;
    let tab = |route: Route, mark: &'static str, text: &'static str, class: &'static str| {
        let current = route == here;
        html! {
            <Link to={route} class={classes!("tab", class)} {current}>
                <span class="tab-mark">{ icon(mark) }</span>
                { text }
            </Link>
        }
    };
    html! {
        <nav class="tab-bar" aria-label="Principal">
            <div class="brand">
                { icon("brand") }
                <span>{ &props.business }</span>
            </div>
            { tab(Route::Home, "home", "Inicio", "") }
            { tab(Route::Sales, "sale", "Ventas", "") }
            { tab(Route::NewSale, "plus", "Vender", "") }
            { tab(Route::Customers, "customers", "Clientes", "") }
            { tab(Route::Calculator, "calculator", "Calculadora", "rail-only") }
            { tab(Route::Closing, "closing", "Cierre del día", "rail-only") }
            { tab(Route::Catalog, "catalog", "Catálogo", "rail-only") }
            if is_admin {
                { tab(Route::Loads, "load", "Distribuciones", "rail-only") }
                { tab(Route::Team, "team", "Equipo", "rail-only") }
                { tab(Route::Reports, "reports", "Reportes", "rail-only") }
            }
            { tab(Route::Sync, "sync", "Estado de sync", "rail-only") }
            { tab(Route::More, "more", "Menú", "") }
        </nav>
    }
}

/// The tab that a screen belongs to.
fn tab_of(route: &Route) -> Route {
    match route {
        Route::Sale(_) | Route::EditSale(_) => Route::Sales,
        Route::NewCustomer
        | Route::ImportCustomers
        | Route::Customer(_)
        | Route::EditCustomer(_)
        | Route::NewAbono(_)
        | Route::EditAbono(_) => Route::Customers,
        Route::NewLoad | Route::Load(_) | Route::EditLoad(_) => Route::Loads,
        Route::Account => Route::More,
        Route::Conflicts => Route::Sync,
        other => other.clone(),
    }
}
