//! Menú: every screen that has no tab of its own.

use yew::prelude::*;

use super::conflicts::ConflictsLink;
use super::source::{use_me, use_view};
use crate::components::{Page, avatar, icon};
use crate::router::{Link, Route};

#[component]
pub(crate) fn More() -> Html {
    let (me, view) = (use_me(), use_view());
    let item = |route: Route, mark: &'static str, text: &'static str, note: String| {
        html! {
            <li>
                <Link to={route} class="item">
                    { icon(mark) }
                    <span class="grow"><span class="strong">{ text }</span>
                        if !note.is_empty() { <br /><span class="soft small">{ note }</span> }
                    </span>
                    { icon("next") }
                </Link>
            </li>
        }
    };
    let plain = |route, icon, text| item(route, icon, text, String::new());
    html! {
        <Page title="Menú" without_records=true>
            <section class="card plain">
                <div class="row">
                    { avatar(&me.name) }
                    <span class="grow"><span class="strong">{ me.name.clone() }</span><br />
                        <span class="soft small">{ me.business.clone() }</span></span>
                </div>
            </section>
            <ConflictsLink />
            <ul class="list">
                { item(Route::Sync, "sync", "Estado de sync", view.word.to_string()) }
                { plain(Route::Calculator, "calculator", "Calculadora") }
                { plain(Route::Closing, "closing", "Cierre del día") }
                { plain(Route::Catalog, "catalog", "Catálogo") }
            </ul>
            if me.is_admin() {
                <h2>{ "Administrar" }</h2>
                <ul class="list">
                    { plain(Route::Loads, "load", "Distribuciones") }
                    { plain(Route::Team, "team", "Equipo") }
                    { plain(Route::Closings, "closing", "Cierres") }
                    { plain(Route::Reports, "reports", "Reportes") }
                    { plain(Route::ImportCustomers, "upload", "Importar clientes") }
                </ul>
            }
            <ul class="list">{ plain(Route::Account, "customer", "Cuenta") }</ul>
        </Page>
    }
}
