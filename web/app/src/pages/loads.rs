//! Distribuciones: what each seller takes along, loaded by an administrator.

use protocol::{Entity, JsonObject, TeamMember, arrange, object};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use yew::prelude::*;

use super::draft::use_draft;
use super::home::permille;
use super::ledger::find;
use super::online::use_api;
use super::pickers::VariantPicker;
use super::sale::DeleteRecord;
use super::source::{
    One, ready, use_loads, use_me, use_one, use_products, use_variants, use_writer,
};
use super::trouble::RecordTrouble;
use crate::components::{
    Button, Choice, EmptyState, ErrorState, Field, Icon, Kind, Look, Page, PagedList, Pair, Pairs,
    Progress, RecordBadge, Segments, Select, SkeletonRows, use_toaster,
};
use crate::data::{self, DistribucionFilter, VariantFilter};
use crate::format::{Record, date_text, kilos, soles, text, today, typed_quantity, units};
use crate::router::{Link, Route, replace};

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
                        <Icon name="load" />
                        <span class="grow"><span class="strong">{ text(load, "puntoVenta") }</span><br />
                            <span class="soft small">{ format!("{} · {}", date_text(text(load, "fecha"), today()), state_name(text(load, "estado"))) }</span></span>
                        <span class="right stack">
                            <span class="figure strong">{ kilos(crate::format::quantity(load, "kilosAsignados")) }</span>
                            <RecordBadge status={text(load, "syncStatus").to_owned()} always=true />
                        </span>
                    </Link>
                </li>
            }
        })
    };
    let end = html! {
        <Link to={Route::NewLoad} class="icon-button" label="Nueva distribución"><Icon name="plus" /></Link>
    };
    html! {
        <Page title="Distribuciones" up={Route::More} {end}>
            if loads.is_none() {
                <SkeletonRows />
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

fn state_name(state: &str) -> &'static str {
    match state {
        "cerrado" => "Cerrada",
        "en_ruta" => "En ruta",
        _ => "Activa",
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
                if one == One::Reading { <SkeletonRows /> } else {
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
                    <span class="badge">{ state_name(text(&load, "estado")) }</span></div>
                <span class="big">{ kilos(figures.kilos_asignados) }</span>
                <Progress label="Vendido" permille={permille(figures.kilos_vendidos, figures.kilos_asignados)} />
                <Pairs>
                    <Pair name="Vendido" value={kilos(figures.kilos_vendidos)} />
                    <Pair name="Queda" value={kilos(figures.kilos_restantes)} />
                    <Pair name="Recaudado" value={soles(figures.monto_recaudado)} />
                </Pairs>
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
                <Button text="Eliminar" icon="delete" look={Look::Danger} full=true onclick={ask(true)} />
            }
            if *asked {
                <DeleteRecord record={load.clone()} title="¿Eliminar esta distribución?"
                    text="Las ventas que la nombran se quedan." then={Route::Loads} onclose={ask(false)} />
            }
        </Page>
    }
}

/// What is typed for a new load.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Typed {
    seller: String,
    place: String,
    mode: String,
    date: String,
    lines: Vec<(String, String, String)>,
}

#[component]
pub(crate) fn NewLoad() -> Html {
    let (me, api, writer, toaster) = (use_me(), use_api(), use_writer(), use_toaster());
    let (products, variants) = (use_products(), use_variants(VariantFilter::default()));
    let team = use_state(|| None::<Result<Vec<TeamMember>, String>>);
    {
        let team = team.setter();
        use_effect_with((), move |()| {
            api.team(Callback::from(move |answer| team.set(Some(answer))));
        });
    }
    let draft = use_draft(&me.id, "distribucion/nueva", || Typed {
        date: today().wire(),
        mode: "acumulativo".to_owned(),
        ..Typed::default()
    });
    let open = use_state(|| false);
    let error = use_state(|| None::<AttrValue>);
    let typed = draft.get().clone();
    let show = |to: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(to))
    };
    let onsubmit = {
        let (draft, error) = (draft.clone(), error.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let data = match draft.get().payload() {
                Ok(data) => data,
                Err(why) => return error.set(Some(why.into())),
            };
            let (draft, error, toaster) = (draft.clone(), error.clone(), toaster.clone());
            let done = Callback::from(move |done: Result<String, String>| match done {
                Ok(id) => {
                    draft.forget();
                    toaster.say("Distribución guardada");
                    replace(&Route::Load(id));
                }
                Err(why) => error.set(Some(why.into())),
            });
            writer.insert(Entity::Distribuciones, data, done);
        })
    };
    let pick = {
        let (draft, open, variants) = (draft.clone(), open.setter(), variants.clone());
        Callback::from(move |id: String| {
            let product = find(variants.as_ref(), &id)
                .and_then(|variant| find(products.as_ref(), text(&variant, "productId")));
            let unit = product
                .map_or_else(|| "kg".to_owned(), |product| text(&product, "unit").to_owned());
            draft.change(|typed| typed.lines.push((id, unit, String::new())));
            open.set(false);
        })
    };
    html! {
        <Page title="Nueva distribución" up={Route::Loads}>
            <form class="stack loose" {onsubmit} novalidate=true>
                { seller(team.as_ref(), &typed, &draft) }
                <Field id="place" label="Punto de venta" value={typed.place.clone()} hint="Por ejemplo, Carro A o Casa."
                    oninput={draft.typed(|typed, text| typed.place = text)} />
                <Field id="date" label="Fecha" kind={Kind::Date} value={typed.date.clone()}
                    oninput={draft.typed(|typed, text| typed.date = text)} />
                <Segments label="Modo" value={typed.mode.clone()} onchange={draft.chosen(|typed, value| typed.mode = value)}
                    choices={Choice::list(&[("estricto", "Estricto"), ("acumulativo", "Avisa"), ("libre", "Libre")])} />
                { for typed.lines.iter().enumerate().map(|(at, line)| {
                    let name = super::ledger::name_of(variants.as_ref(), &line.0);
                    let remove = { let draft = draft.clone(); Callback::from(move |_: MouseEvent| draft.change(|typed| drop(typed.lines.remove(at)))) };
                    html! {
                        <div class="row" key={line.0.clone()}>
                            <div class="grow">
                                <Field id={format!("load-{at}")} label={name.clone()} value={line.2.clone()}
                                    kind={if line.1 == "unidad" { Kind::Pieces } else { Kind::Kilos }}
                                    oninput={draft.typed(move |typed, text| typed.lines[at].2 = text)} />
                            </div>
                            <button type="button" class="icon-button" onclick={remove} aria-label={format!("Quitar {name}")}><Icon name="delete" /></button>
                        </div>
                    }
                }) }
                <Button text="Agregar producto" icon="plus" full=true onclick={show(true)} />
                if let Some(error) = &*error {
                    <p class="fault" role="alert">{ error }</p>
                }
                <Button submit=true full=true look={Look::Primary} text="Guardar distribución" />
            </form>
            if *open {
                <VariantPicker onpick={pick} onclose={show(false)} />
            }
        </Page>
    }
}

fn seller(
    team: Option<&Result<Vec<TeamMember>, String>>,
    typed: &Typed,
    draft: &super::draft::Draft<Typed>,
) -> Html {
    let members = match team {
        Some(Ok(members)) => members.clone(),
        Some(Err(why)) => {
            return html! { <ErrorState icon="offline" title="No se pudo leer el equipo" text={why.clone()} /> };
        }
        None => Vec::new(),
    };
    let mut choices = vec![Choice::new("", "Elige un vendedor")];
    choices.extend(
        members
            .iter()
            .filter(|member| member.active)
            .map(|member| Choice::new(member.id.to_string(), member.name.clone())),
    );
    let places: Vec<(String, String)> = members
        .iter()
        .map(|member| (member.id.to_string(), member.sales_point.clone().unwrap_or_default()))
        .collect();
    let onchange = draft.chosen(move |typed, value| {
        if let Some((_, place)) =
            places.iter().find(|(id, place)| *id == value && !place.is_empty())
        {
            typed.place.clone_from(place);
        }
        typed.seller = value;
    });
    html! { <Select id="seller" label="Vendedor" {choices} value={typed.seller.clone()} {onchange} /> }
}

impl Typed {
    fn payload(&self) -> Result<JsonObject, String> {
        if self.seller.is_empty() {
            return Err("Elige un vendedor.".to_owned());
        }
        if self.lines.is_empty() {
            return Err("Agrega al menos un producto.".to_owned());
        }
        let items = self.lines.iter().map(|(variant, unit, amount)| {
            let amount = typed_quantity(amount).map_err(|fault| fault.0.to_owned())?;
            let amount = amount.ok_or("Escribe la cantidad de cada producto.")?;
            Ok(json!({"variantId": variant, "unidad": unit, "cantidadAsignada": amount}))
        });
        let items = items.collect::<Result<Vec<Value>, String>>()?;
        Ok(object([
            ("vendedorId".to_owned(), json!(self.seller)),
            ("puntoVenta".to_owned(), json!(self.place.trim())),
            ("fecha".to_owned(), json!(self.date)),
            ("modo".to_owned(), json!(self.mode)),
            ("items".to_owned(), Value::Array(items)),
        ]))
    }
}
