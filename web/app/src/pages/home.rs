//! Inicio: today's load, what to do next, and the day's figures.

use domain::LoadFigures;
use engine::StatusWord;
use protocol::Quantity;
use yew::prelude::*;

use super::ledger::use_load_of;
use super::source::{ready, use_me, use_view, use_writer};
use crate::components::{Button, Page, Progress, icon, tile};
use crate::data;
use crate::format::{Record, kilos, soles, text, today};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Home() -> Html {
    let (me, view) = (use_me(), use_view());
    let today = today();
    let seller = (!me.is_admin()).then(|| me.id.clone());
    let figures = ready(data::use_day_figures(seller, today.date())).unwrap_or_default();
    let load = use_load_of(&me.id, today);
    let load_id = load.as_ref().map_or("", |load| load.0.id()).to_owned();
    let left = data::use_load(&load_id);
    let is_read = !matches!(left, data::Loaded::Loading { .. });
    let left = ready(left).and_then(|left| (*left).clone());
    let first = me.name.split_whitespace().next().unwrap_or("").to_owned();
    html! {
        <Page title={format!("Hola, {first}")}>
            { offline_card(view.word, view.pending) }
            if let (Some(load), Some(left)) = (&load, &left) {
                { load_card(load, left) }
            } else if is_read && load.is_none() && !me.is_admin() {
                <section class="card plain">
                    <div class="row">{ icon("load") }<h2>{ "Sin carga asignada hoy" }</h2></div>
                    <p class="soft">{ "Puedes vender igual. Cuando te asignen una, la verás aquí." }</p>
                </section>
            }
            <nav class="actions" aria-label="Acciones">
                <Link to={Route::NewSale} class="action main">{ icon("plus") }{ "Nueva venta" }</Link>
                <Link to={Route::Calculator} class="action">{ icon("calculator") }{ "Calculadora" }</Link>
                <Link to={Route::Customers} class="action">{ icon("abono") }{ "Cobrar" }</Link>
                <Link to={Route::Closing} class="action">{ icon("closing") }{ "Cierre del día" }</Link>
            </nav>
            <section class="stack" aria-label="Cifras del día">
                <h2>{ if me.is_admin() { "El negocio hoy" } else { "Mi día" } }</h2>
                <dl class="tiles">
                    { tile("Ventas", figures.total_sales.to_string()) }
                    { tile("Vendido", soles(figures.total_amount)) }
                    { tile("Al contado", soles(figures.cash_amount)) }
                    { tile("Al crédito", soles(figures.credit_amount)) }
                    { tile("Abonos", soles(figures.payments_by_method.total())) }
                    { tile("Kilos", kilos(figures.total_kilos)) }
                </dl>
            </section>
        </Page>
    }
}

fn offline_card(word: StatusWord, pending: usize) -> Html {
    let (title, text) = match word {
        StatusWord::Offline => (
            "Sin conexión",
            match pending {
                0 => "Sigue trabajando: todo se guarda en este teléfono.".to_owned(),
                1 => "1 cambio guardado aquí se enviará cuando haya señal.".to_owned(),
                _ => format!("{pending} cambios guardados aquí se enviarán cuando haya señal."),
            },
        ),
        StatusWord::Error => ("Error de sincronización", "Hay algo que revisar.".to_owned()),
        _ => return Html::default(),
    };
    html! { <OfflineCard {title} {text} failed={word == StatusWord::Error} /> }
}

#[derive(Properties, PartialEq)]
struct OfflineProps {
    title: AttrValue,
    text: AttrValue,
    failed: bool,
}

#[component]
fn OfflineCard(props: &OfflineProps) -> Html {
    let writer = use_writer();
    html! {
        <section class={classes!("card", if props.failed { "alert" } else { "warn" })}>
            <div class="row">
                { icon(if props.failed { "warning" } else { "offline" }) }
                <h2>{ &props.title }</h2>
            </div>
            <p>{ &props.text }</p>
            <div class="row wrap">
                <Button text="Sincronizar" icon="sync" onclick={Callback::from(move |()| writer.sync_now())} />
                if props.failed {
                    <Link to={Route::Sync} class="button">{ "Revisar" }</Link>
                }
            </div>
        </section>
    }
}

fn load_card(load: &Record, figures: &LoadFigures) -> Html {
    let over = figures.por_encima_de_lo_asignado;
    let state = match text(load, "estado") {
        "cerrado" => "Cerrada",
        "en_ruta" => "En ruta",
        _ => "Activa",
    };
    html! {
        <section class="card hero" aria-label="Mi carga de hoy">
            <div class="row spread">
                <h2>{ format!("Mi carga · {}", text(load, "puntoVenta")) }</h2>
                <span class="badge">{ state }</span>
            </div>
            <div class="row spread">
                <span><span class="big">{ kilos(figures.kilos_restantes.max(Quantity::ZERO)) }</span>
                    <span class="soft">{ " por vender" }</span></span>
            </div>
            <Progress label="Vendido de la carga" permille={permille(figures.kilos_vendidos, figures.kilos_asignados)} />
            <p class="soft figure">
                { format!("{} de {} vendidos", kilos(figures.kilos_vendidos), kilos(figures.kilos_asignados)) }
            </p>
            if over > Quantity::ZERO {
                <p class="badge wait">{ format!("{} por encima de lo asignado", kilos(over)) }</p>
            }
        </section>
    }
}

/// A part of a whole in thousandths; nothing of nothing is none.
pub(super) fn permille(part: Quantity, whole: Quantity) -> Option<u32> {
    if whole <= Quantity::ZERO {
        return Some(0);
    }
    part.share_of(whole, 1_000)?.try_into().ok()
}
