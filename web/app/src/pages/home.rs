//! Inicio: today's load, what to do next, and the day's figures.

use domain::{DayFigures, LoadFigures, seller_date};
use engine::StatusWord;
use protocol::{Entity, Quantity};
use yew::prelude::*;

use super::ledger::{load_of, use_units};
use super::source::{Records, use_me, use_records, use_view, use_writer};
use crate::components::{Button, Icon, Page, Progress, StatusBadge, Tile};
use crate::format::{Record, kilos, soles, text, today};
use crate::router::{Link, Route, go};

#[component]
pub(crate) fn Home() -> Html {
    let (me, view) = (use_me(), use_view());
    let (sales, abonos) = (use_records(Entity::Sales), use_records(Entity::Abonos));
    let loads = use_records(Entity::Distribuciones);
    let units = use_units();
    let today = today();
    let figures = {
        let all = me.is_admin();
        let key = (sales.clone(), abonos.clone(), units.clone(), me.id.clone(), today.wire());
        use_memo(key, move |(sales, abonos, units, me, date)| {
            day_figures(sales.as_ref(), abonos.as_ref(), units, (!all).then_some(me.as_str()), date)
        })
    };
    let load = load_of(loads.as_ref(), &me.id, today);
    let first = me.name.split_whitespace().next().unwrap_or("").to_owned();
    let end = html! {
        <StatusBadge word={view.word} onclick={Callback::from(|()| go(&Route::Sync))} />
    };
    html! {
        <Page title={format!("Hola, {first}")} {end}>
            { offline_card(view.word, view.pending) }
            if let Some(load) = load {
                { load_card(&load, sales.as_ref(), &units) }
            } else if loads.is_some() && !me.is_admin() {
                <section class="card plain">
                    <div class="row"><Icon name="load" /><h2>{ "Sin carga asignada hoy" }</h2></div>
                    <p class="soft">{ "Puedes vender igual. Cuando te asignen una, la verás aquí." }</p>
                </section>
            }
            <nav class="actions" aria-label="Acciones">
                <Link to={Route::NewSale} class="action main"><Icon name="plus" />{ "Nueva venta" }</Link>
                <Link to={Route::Calculator} class="action"><Icon name="calculator" />{ "Calculadora" }</Link>
                <Link to={Route::Customers} class="action"><Icon name="abono" />{ "Cobrar" }</Link>
                <Link to={Route::Closing} class="action"><Icon name="closing" />{ "Cierre del día" }</Link>
            </nav>
            <section class="stack" aria-label="Cifras del día">
                <h2>{ if me.is_admin() { "El negocio hoy" } else { "Mi día" } }</h2>
                <dl class="tiles">
                    <Tile name="Ventas" value={figures.total_sales.to_string()} />
                    <Tile name="Vendido" value={soles(figures.total_amount)} />
                    <Tile name="Al contado" value={soles(figures.cash_amount)} />
                    <Tile name="Al crédito" value={soles(figures.credit_amount)} />
                    <Tile name="Abonos" value={soles(figures.payments_by_method.total())} />
                    <Tile name="Kilos" value={kilos(figures.total_kilos)} />
                </dl>
            </section>
        </Page>
    }
}

/// The figures of a day: of one seller, or of all.
pub(super) fn day_figures(
    sales: Option<&Records>,
    abonos: Option<&Records>,
    units: &domain::Units,
    seller: Option<&str>,
    date: &str,
) -> DayFigures {
    let of = |entity, records: Option<&Records>| -> Vec<(Entity, Record)> {
        let all = records.into_iter().flat_map(|records| records.iter());
        let is_of_the_day = |record: &&Record| {
            let key = seller_date(record);
            key.as_deref().and_then(|key| key.rsplit_once('#')).is_some_and(|(who, day)| {
                day == date && seller.is_none_or(|seller| seller == who)
            })
        };
        all.filter(is_of_the_day).map(|record| (entity, record.clone())).collect()
    };
    let records = [of(Entity::Sales, sales), of(Entity::Abonos, abonos)].concat();
    DayFigures::of(records.iter().map(|(entity, record)| (*entity, &**record)), units)
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
                <Icon name={if props.failed { "warning" } else { "offline" }} />
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

fn load_card(load: &Record, sales: Option<&Records>, units: &domain::Units) -> Html {
    let sold = sales.into_iter().flat_map(|sales| sales.iter()).map(|sale| &**sale);
    let figures = LoadFigures::of(load, sold, units);
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
    let share = part.exact().checked_mul(1000.into())?.checked_div(whole.exact())?;
    share.trunc().to_string().parse().ok()
}
