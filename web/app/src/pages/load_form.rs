//! A load's data: a new one, or one to be changed before it is closed.

use protocol::{Entity, JsonObject, TeamMember};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use yew::prelude::*;

use super::draft::{Draft, NewForm, use_draft};
use super::ledger::find;
use super::online::use_api;
use super::pickers::VariantPicker;
use super::source::{
    One, Records, new_id, use_me, use_one, use_products, use_variants, use_writer,
};
use super::trouble::RecordTrouble;
use crate::components::{
    Button, Choice, ErrorState, Field, Kind, Look, Page, Segments, Select, icon, skeleton_rows,
    use_toaster,
};
use crate::data::VariantFilter;
use crate::format::{
    Record, date_text, items, quantity, quantity_text, text, today, typed_quantity,
};
use crate::forms::use_action;
use crate::router::{Route, replace};

/// What is typed for a load.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Typed {
    /// What a new load will be called, so that a draft of a saved one is known as such.
    #[serde(default = "new_id")]
    id: String,
    seller: String,
    place: String,
    mode: String,
    state: String,
    date: String,
    lines: Vec<(String, String, String)>,
}

#[component]
pub(crate) fn NewLoad() -> Html {
    html! {
        <Page title="Nueva distribución" up={Route::Loads}>
            <NewForm entity={Entity::Distribuciones} name="distribucion/nueva"><LoadForm /></NewForm>
        </Page>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct EditLoadProps {
    pub(crate) id: String,
}

#[component]
pub(crate) fn EditLoad(props: &EditLoadProps) -> Html {
    let record = use_one(Entity::Distribuciones, &props.id);
    html! {
        <Page title="Editar distribución" up={Route::Load(props.id.clone())}>
            if record.here().is_some_and(|load| text(load, "estado") == "cerrado") {
                <ErrorState icon="lock" title="La distribución ya está cerrada" text="Lo que se pesó al cerrarla ya no cambia." />
            } else if let One::Here(record) = record {
                <RecordTrouble record={record.clone()} />
                <LoadForm {record} />
            } else if record == One::Reading {
                { skeleton_rows(4) }
            } else {
                <ErrorState icon="warning" title="Esta distribución no está aquí"
                    text="Puede haber sido eliminada, o no haber llegado todavía." />
            }
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    /// The load as it is; absent for a new one.
    #[prop_or_default]
    record: Option<Record>,
}

#[component]
fn LoadForm(props: &FormProps) -> Html {
    let (me, api, writer, toaster) = (use_me(), use_api(), use_writer(), use_toaster());
    let (products, variants) = (use_products(), use_variants(VariantFilter::default()));
    // Whose it is and of which day stays as it was made; one that was refused has not been made.
    let made = props.record.as_ref().is_some_and(|record| record.0.base_version().is_some());
    let team = use_state(|| None::<Result<Vec<TeamMember>, String>>);
    {
        let team = team.setter();
        use_effect_with((), move |()| {
            if !made {
                api.team(Callback::from(move |answer| team.set(Some(answer))));
            }
        });
    }
    let before = props.record.as_ref().map_or_else(Typed::new, Typed::of);
    let id = props.record.as_ref().map_or("nueva", |record| record.0.id());
    let name = format!("distribucion/{id}");
    let draft = use_draft(&me.id, &name, props.record.is_some(), || before.clone());
    let state = before.state.clone();
    let open = use_state(|| false);
    let action = use_action();
    let typed = draft.get().clone();
    let show = |to: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(to))
    };
    let onsubmit = {
        let (draft, action, record) = (draft.clone(), action.clone(), props.record.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut data = match draft.get().payload() {
                Ok(data) => data,
                Err(why) => return action.refuse(why),
            };
            if made && let Ok(then) = before.payload() {
                // Only what differs, so that another phone's change of another field stands.
                data.retain(|field, value| then.get(field) != Some(value));
            }
            let id = draft.get().id.clone();
            let (draft, toaster) = (draft.clone(), toaster.clone());
            let saved = move |id: String| {
                draft.forget();
                toaster.say("Distribución guardada");
                replace(&Route::Load(id));
            };
            let Some(done) = action.start(saved) else { return };
            match &record {
                Some(record) if made && data.is_empty() => done.emit(Ok(record.0.id().to_owned())),
                Some(record) => writer.update(record, data, done),
                None => {
                    data.insert("id".to_owned(), json!(id));
                    writer.insert(Entity::Distribuciones, data, done);
                }
            }
        })
    };
    let pick = {
        let (draft, open, variants) = (draft.clone(), open.setter(), variants.clone());
        Callback::from(move |id: String| {
            let product = find(variants.as_ref(), &id)
                .and_then(|variant| find(products.as_ref(), text(&variant, "productId")));
            let unit = product
                .map_or_else(|| "kg".to_owned(), |product| text(&product, "unit").to_owned());
            draft.change(|typed| {
                if !typed.lines.iter().any(|line| line.0 == id) {
                    typed.lines.push((id, unit, String::new()));
                }
            });
            open.set(false);
        })
    };
    html! {
        <>
            <form class="stack loose" {onsubmit} novalidate=true>
                if made {
                    <p class="soft">{ format!("Carga: {}", date_text(&typed.date, today())) }</p>
                } else {
                    { seller(team.as_ref(), &typed, &draft) }
                    <Field id="date" label="Fecha" kind={Kind::Date} value={typed.date.clone()}
                        oninput={draft.typed(|typed, text| typed.date = text)} />
                }
                <Field id="place" label="Punto de venta" value={typed.place.clone()} hint="Por ejemplo, Carro A o Casa."
                    oninput={draft.typed(|typed, text| typed.place = text)} />
                if made {
                    <Segments label="Estado" value={typed.state.clone()} onchange={draft.chosen(|typed, value| typed.state = value)}
                        choices={states(&state)} />
                }
                <Segments label="Modo" value={typed.mode.clone()} onchange={draft.chosen(|typed, value| typed.mode = value)}
                    choices={Choice::list(&[("estricto", "Estricto"), ("acumulativo", "Avisa"), ("libre", "Libre")])} />
                { lines(&typed, &draft, variants.as_ref()) }
                <Button text="Agregar producto" icon="plus" full=true onclick={show(true)} />
                { action.fault() }
                <Button submit=true full=true look={Look::Primary} text="Guardar distribución"
                    disabled={action.busy()} />
            </form>
            if *open {
                <VariantPicker onpick={pick} onclose={show(false)} />
            }
        </>
    }
}

/// It only goes on, and is closed on the screen of the day's closing, where it is weighed.
fn states(now: &str) -> Vec<Choice> {
    let on_its_way = Choice::new("en_ruta", "En ruta");
    if now == "en_ruta" {
        return vec![on_its_way];
    }
    vec![Choice::new("activo", "Activa"), on_its_way]
}

fn lines(typed: &Typed, draft: &Draft<Typed>, variants: Option<&Records>) -> Html {
    let line = |(at, line): (usize, &(String, String, String))| {
        let name = super::ledger::name_of(variants, &line.0);
        let remove = {
            let draft = draft.clone();
            Callback::from(move |_: MouseEvent| {
                draft.change(|typed| drop(typed.lines.remove(at)));
            })
        };
        html! {
            <div class="row" key={line.0.clone()}>
                <div class="grow">
                    <Field id={format!("load-{at}")} label={name.clone()} value={line.2.clone()}
                        kind={if line.1 == "unidad" { Kind::Pieces } else { Kind::Kilos }}
                        oninput={draft.typed(move |typed, text| typed.lines[at].2 = text)} />
                </div>
                <button type="button" class="icon-button" onclick={remove} aria-label={format!("Quitar {name}")}>{ icon("delete") }</button>
            </div>
        }
    };
    typed.lines.iter().enumerate().map(line).collect()
}

fn seller(
    team: Option<&Result<Vec<TeamMember>, String>>,
    typed: &Typed,
    draft: &Draft<Typed>,
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
    fn new() -> Self {
        let (id, date) = (new_id(), today().wire());
        Self { id, date, mode: "acumulativo".to_owned(), ..Self::default() }
    }

    fn of(load: &Record) -> Self {
        let of = |field| text(load, field).to_owned();
        let line = |item: &JsonObject| {
            let of = |field| text(item, field).to_owned();
            let amount = quantity_text(quantity(item, "cantidadAsignada"));
            (of("variantId"), of("unidad"), amount)
        };
        Self {
            id: of("id"),
            seller: of("vendedorId"),
            place: of("puntoVenta"),
            mode: of("modo"),
            state: of("estado"),
            date: of("fecha"),
            lines: items(load).map(line).collect(),
        }
    }

    fn payload(&self) -> Result<JsonObject, String> {
        if self.seller.is_empty() {
            return Err("Elige un vendedor.".to_owned());
        }
        if self.lines.is_empty() {
            return Err("Agrega al menos un producto.".to_owned());
        }
        let items = self.lines.iter().map(|(variant, unit, amount)| {
            let amount = typed_quantity(amount, unit).map_err(|fault| fault.0.to_owned())?;
            let amount = amount.ok_or("Escribe la cantidad de cada producto.")?;
            Ok(json!({"variantId": variant, "unidad": unit, "cantidadAsignada": amount}))
        });
        let items = items.collect::<Result<Vec<Value>, String>>()?;
        let mut data = JsonObject::from_iter([
            ("vendedorId".to_owned(), json!(self.seller)),
            ("puntoVenta".to_owned(), json!(self.place.trim())),
            ("fecha".to_owned(), json!(self.date)),
            ("modo".to_owned(), json!(self.mode)),
            ("items".to_owned(), Value::Array(items)),
        ]);
        if !self.state.is_empty() {
            data.insert("estado".to_owned(), json!(self.state));
        }
        Ok(data)
    }
}
