//! Cierres: the settled days of all sellers. An administrator corrects one, or closes a day that
//! its seller has left open.

use protocol::JsonObject;
use serde_json::json;
use yew::prelude::*;

use super::names::{People, use_team_names};
use super::online::use_api;
use super::source::use_closings;
use crate::components::{
    Button, Choice, EmptyState, Field, Kind, Look, Page, PagedList, Select, Sheet, TextArea, icon,
    skeleton_rows, use_toaster,
};
use crate::data::ClosingFilter;
use crate::format::{Record, date_text, soles_of, text, today, typed_money, whole};
use crate::forms::use_action;
use crate::router::Route;

/// The closing that holds for its day: the one that no other corrects.
pub(super) fn holding(closings: &[Record]) -> Option<Record> {
    closings.iter().find(|closing| !is_corrected(closings, closing)).cloned()
}

fn is_corrected(closings: &[Record], closing: &Record) -> bool {
    closings.iter().any(|other| text(other, "correctionOf") == closing.0.id())
}

/// "2 registros llegaron después del cierre", where there are any.
pub(super) fn late_note(closing: &Record) -> Html {
    let late = match whole(closing, "lateEntriesCount") {
        0 => return Html::default(),
        1 => "1 registro llegó después del cierre".to_owned(),
        late => format!("{late} registros llegaron después del cierre"),
    };
    html! { <p class="small strong">{ late }</p> }
}

#[component]
pub(crate) fn Closings() -> Html {
    let (closings, people) = (use_closings(ClosingFilter::default()), use_team_names());
    // A closing to correct, or a day to close.
    let open = use_state(|| None::<Option<Record>>);
    let show = |what: Option<Option<Record>>| {
        let open = open.setter();
        Callback::from(move |()| open.set(what.clone()))
    };
    let mut all: Vec<Record> = closings.iter().flat_map(|all| all.iter()).cloned().collect();
    // Of one day the latest first: the one that holds.
    let when =
        |closing: &Record| ["closingDate", "createdAt"].map(|at| text(closing, at).to_owned());
    all.sort_by_cached_key(|closing| std::cmp::Reverse(when(closing)));
    let first = today().before(DAYS_BACK_MAX).wire();
    let row = {
        let (all, open, people) = (all.clone(), open.setter(), people.clone());
        Callback::from(move |at: usize| {
            let closing: &Record = &all[at];
            let done = is_corrected(&all, closing);
            let may = !done && text(closing, "closingDate") >= first.as_str();
            let correct = {
                let (open, closing) = (open.clone(), closing.clone());
                Callback::from(move |_: MouseEvent| open.set(Some(Some(closing.clone()))))
            };
            html! {
                <li key={closing.0.id().to_owned()} class="item">
                    <span class="grow">
                        <span class="strong">{ seller_of(closing, &people) }</span><br />
                        <span class="soft small">{ date_text(text(closing, "closingDate"), today()) }
                            { if done { " · Corregido" } else if text(closing, "correctionOf").is_empty() { "" } else { " · Corrección" } }</span>
                        { late_note(closing) }
                    </span>
                    <span class="right stack">
                        <span class="figure strong">{ soles_of(closing, "totalAmount") }</span>
                        <span class="figure soft small">{ format!("Diferencia {}", soles_of(closing, "cashDifference")) }</span>
                    </span>
                    if may {
                        <button type="button" class="icon-button" onclick={correct}
                            aria-label={format!("Corregir el cierre de {}", seller_of(closing, &people))}>{ icon("edit") }</button>
                    }
                </li>
            }
        })
    };
    let end = html! {
        <button type="button" class="icon-button" aria-label="Cerrar un día"
            onclick={show(Some(None)).reform(|_: MouseEvent| ())}>{ icon("plus") }</button>
    };
    html! {
        <Page title="Cierres" up={Route::More} {end}>
            if closings.is_none() {
                { skeleton_rows(4) }
            } else if all.is_empty() {
                <EmptyState icon="closing" title="Sin cierres" text="Los días que cierre cada vendedor aparecen aquí." />
            } else {
                <PagedList label="Cierres" count={all.len()} of="todos" {row} />
            }
            if let Some(corrected) = &*open {
                <ClosingForm corrected={corrected.clone()} {people} onclose={show(None)} />
            }
        </Page>
    }
}

fn seller_of(closing: &Record, people: &People) -> String {
    people.full_name(text(closing, "sellerId"))
}

#[derive(Properties, PartialEq)]
struct FormProps {
    /// Absent where a day that nobody has closed is.
    corrected: Option<Record>,
    people: People,
    onclose: Callback<()>,
}

#[component]
fn ClosingForm(props: &FormProps) -> Html {
    let (api, toaster) = (use_api(), use_toaster());
    let action = use_action();
    // Seller, day, cash, reason.
    let typed = use_state(|| match &props.corrected {
        Some(closing) => ["sellerId", "closingDate", "cashCounted", ""]
            .map(|field| text(closing, field).to_owned()),
        None => ["", &today().before(1).wire(), "", ""].map(str::to_owned),
    });
    let set = |at: usize| {
        let typed = typed.clone();
        Callback::from(move |text: String| {
            let mut next = (*typed).clone();
            next[at] = text;
            typed.set(next);
        })
    };
    let onsubmit = {
        let (typed, action) = (typed.clone(), action.clone());
        let (corrected, onclose) = (props.corrected.clone(), props.onclose.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let data = match payload(&typed, corrected.as_ref()) {
                Ok(data) => data,
                Err(why) => return action.refuse(why),
            };
            let (onclose, toaster) = (onclose.clone(), toaster.clone());
            let saved = move |_: JsonObject| {
                toaster.say("Cierre guardado");
                onclose.emit(());
            };
            let Some(done) = action.start(saved) else { return };
            api.close_day(data, done);
        })
    };
    let mut sellers = vec![Choice::new("", "Elige un vendedor")];
    let members = props.people.members().iter();
    sellers.extend(members.map(|one| Choice::new(one.id.to_string(), one.name.clone())));
    let title = if props.corrected.is_some() { "Corregir cierre" } else { "Cerrar un día" };
    html! {
        <Sheet {title} onclose={props.onclose.clone()}>
            <form class="stack loose" {onsubmit} novalidate=true>
                if let Some(closing) = &props.corrected {
                    <p>{ format!("{} · {}", seller_of(closing, &props.people), date_text(&typed[1], today())) }</p>
                } else {
                    <Select id="closing-seller" label="Vendedor" choices={sellers} value={typed[0].clone()}
                        onchange={set(0).reform(|value: AttrValue| value.to_string())} />
                    <Field id="closing-date" label="Día" kind={Kind::Date} value={typed[1].clone()} oninput={set(1)} />
                }
                <Field id="closing-cash" label="Efectivo entregado" kind={Kind::Money} value={typed[2].clone()}
                    oninput={set(2)} hint="El servidor cuenta de nuevo las ventas y los abonos de ese día." />
                <TextArea id="closing-reason" label="Motivo" value={typed[3].clone()} oninput={set(3)}
                    hint="10 letras o más." />
                { action.fault() }
                <Button submit=true full=true look={Look::Primary} text="Guardar cierre" disabled={action.busy()} />
            </form>
        </Sheet>
    }
}

fn payload(typed: &[String; 4], corrected: Option<&Record>) -> Result<JsonObject, String> {
    let [seller, date, cash, reason] = typed;
    if seller.is_empty() {
        return Err("Elige un vendedor.".to_owned());
    }
    let cash = typed_money(cash).map_err(|fault| fault.0.to_owned())?;
    let cash = cash.ok_or("Escribe cuánto efectivo se entregó.")?;
    if reason.trim().chars().count() < REASON_MIN {
        return Err("Escribe el motivo, con 10 letras o más.".to_owned());
    }
    let mut data = JsonObject::from_iter([
        ("sellerId".to_owned(), json!(seller)),
        ("closingDate".to_owned(), json!(date)),
        ("cashCounted".to_owned(), cash.to_json()),
        ("backdateReason".to_owned(), json!(reason.trim())),
    ]);
    if let Some(closing) = corrected {
        data.insert("correctionOf".to_owned(), json!(closing.0.id()));
    }
    Ok(data)
}

/// How far back the server lets an administrator close.
const DAYS_BACK_MAX: i64 = 7;
const REASON_MIN: usize = 10;
