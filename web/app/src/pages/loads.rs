//! Distribuciones: what each seller takes along, loaded by an administrator.

use protocol::{Entity, arrange};
use yew::prelude::*;

use super::delete_record::DeleteRecord;
use super::home::permille;
use super::names::load_state;
use super::source::{One, ready, use_loads, use_me, use_one, use_variants};
use super::trouble::RecordTrouble;
use crate::components::{
    Button, EmptyState, ErrorState, Look, Page, PagedList, Progress, RecordBadge, icon, pair,
    skeleton_rows,
};
use crate::data::{self, DistribucionFilter, VariantFilter};
use crate::format::{Record, date_text, kilos, kilos_of, soles, text, today, units};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Loads() -> Html {
    let loads = use_loads(DistribucionFilter::default());
    let mut all: Vec<Record> = loads.iter().flat_map(|loads| loads.iter()).cloned().collect();
    arrange(&mut all, |one, two| {
        text(two, "fecha")
            .cmp(text(one, "fecha"))
            .then_with(|| text(one, "puntoVenta").cmp(text(two, "puntoVenta")))
    });
    let row = {
        let all = all.clone();
        Callback::from(move |at: usize| {
            let load: &Record = &all[at];
            let id = text(load, "id").to_owned();
            html! {
                <li key={id.clone()}>
                    <Link to={Route::Load(id)} class="item">
                        { icon("load") }
                        <span class="grow"><span class="strong">{ text(load, "puntoVenta") }</span><br />
                            <span class="soft small">{ format!("{} · {}", date_text(text(load, "fecha"), today()), load_state(text(load, "estado"))) }</span></span>
                        <span class="right stack">
                            <span class="figure strong">{ kilos_of(load, "kilosAsignados") }</span>
                            <RecordBadge status={text(load, "syncStatus").to_owned()} always=true />
                        </span>
                    </Link>
                </li>
            }
        })
    };
    let end = html! {
        <Link to={Route::NewLoad} class="icon-button" label="Nueva distribución">{ icon("plus") }</Link>
    };
    html! {
        <Page title="Distribuciones" up={Route::More} {end}>
            if loads.is_none() {
                { skeleton_rows(4) }
            } else if all.is_empty() {
                <EmptyState icon="load" title="Sin distribuciones" text="Asigna la carga del día a cada vendedor.">
                    <Link to={Route::NewLoad} class="button primary">{ "Nueva distribución" }</Link>
                </EmptyState>
            } else {
                <PagedList label="Distribuciones" count={all.len()} of="todas" {row} />
            }
        </Page>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct LoadProps {
    pub(crate) id: String,
}

#[component]
pub(crate) fn Load(props: &LoadProps) -> Html {
    let (one, figures) = (use_one(Entity::Distribuciones, &props.id), data::use_load(&props.id));
    let (variants, me) = (use_variants(VariantFilter::default()), use_me());
    let asked = use_state(|| false);
    let figures = ready(figures).and_then(|figures| (*figures).clone());
    let (Some(load), Some(figures)) = (one.here().cloned(), figures) else {
        return html! {
            <Page title="Distribución" up={Route::Loads}>
                if one == One::Reading { { skeleton_rows(4) } } else {
                    <ErrorState icon="warning" title="Esta distribución no está aquí"
                        text="Puede haber sido eliminada, o no haber llegado todavía." />
                }
            </Page>
        };
    };
    let ask = |to: bool| {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(to))
    };
    html! {
        <Page title={text(&load, "puntoVenta").to_owned()} up={Route::Loads}>
            <RecordTrouble record={load.clone()} />
            <section class="card hero">
                <div class="row spread"><span class="soft">{ date_text(text(&load, "fecha"), today()) }</span>
                    <span class="badge">{ load_state(text(&load, "estado")) }</span></div>
                <span class="big">{ kilos(figures.kilos_asignados) }</span>
                <Progress label="Vendido" permille={permille(figures.kilos_vendidos, figures.kilos_asignados)} />
                <dl class="pairs">
                    { pair("Vendido", kilos(figures.kilos_vendidos)) }
                    { pair("Queda", kilos(figures.kilos_restantes)) }
                    { pair("Recaudado", soles(figures.monto_recaudado)) }
                </dl>
            </section>
            <ul class="list" aria-label="Productos">
                { for figures.items.iter().map(|line| html! {
                    <li class="item">
                        <span class="grow strong">{ super::ledger::name_of(variants.as_ref(), &line.variant_id) }</span>
                        <span class="figure right">{ format!("{} de {}", units(line.cantidad_vendida, &line.unidad), units(line.cantidad_asignada, &line.unidad)) }</span>
                    </li>
                }) }
            </ul>
            if me.is_admin() && text(&load, "estado") != "cerrado" {
                <Link to={Route::EditLoad(props.id.clone())} class="button full">{ icon("edit") }{ "Editar" }</Link>
                <Button text="Eliminar" icon="delete" look={Look::Danger} full=true onclick={ask(true)} />
            }
            if *asked {
                <DeleteRecord record={load.clone()} title="¿Eliminar esta distribución?" action="Eliminar distribución"
                    what={format!("{} · {} · {}", text(&load, "puntoVenta"), date_text(text(&load, "fecha"), today()), kilos(figures.kilos_asignados))}
                    text="Las ventas que la nombran se quedan, sin carga de la que descontar." then={Route::Loads} onclose={ask(false)} />
            }
        </Page>
    }
}
