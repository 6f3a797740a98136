//! Registrar abono: how much of a debt is paid, and what is left of it; or one corrected.

use protocol::{Entity, JsonObject, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;
use yew::prelude::*;

use super::draft::{NewForm, use_draft};
use super::source::{One, new_id, use_debt, use_me, use_one, use_writer};
use super::trouble::RecordTrouble;
use crate::components::{
    Button, Chips, Choice, ErrorState, Field, Kind, Look, Page, Segments, pair, skeleton_rows,
    total_pair, use_toaster,
};
use crate::data::Badge;
use crate::format::{Record, soles, text, typed_money};
use crate::forms::use_action;
use crate::router::{Route, replace};

/// What is typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Typed {
    /// What the abono will be called, so that a draft of a saved one is known as such.
    #[serde(default = "new_id")]
    id: String,
    amount: String,
    method: String,
    reference: String,
    notes: String,
}

#[derive(Properties, PartialEq)]
pub(crate) struct NewAbonoProps {
    /// The customer, or the abono that is corrected.
    pub(crate) id: String,
}

#[component]
pub(crate) fn NewAbono(props: &NewAbonoProps) -> Html {
    let (id, name) = (props.id.clone(), draft_name(&props.id));
    html! {
        <Page title="Registrar abono" up={Route::Customer(id.clone())}>
            <NewForm entity={Entity::Abonos} {name}><AbonoForm {id} /></NewForm>
        </Page>
    }
}

/// An abono that the server has refused, to be corrected.
#[component]
pub(crate) fn EditAbono(props: &NewAbonoProps) -> Html {
    let abono = use_one(Entity::Abonos, &props.id);
    let customer = abono.here().map_or("", |abono| text(abono, "clientId")).to_owned();
    html! {
        <Page title="Corregir abono" up={Route::Customer(customer.clone())}>
            if abono.here().is_some_and(|abono| abono.0.badge() != Badge::Error) {
                <ErrorState icon="lock" title="Este abono ya no cambia"
                    text="Si está mal, elimínalo en la cuenta del cliente y regístralo otra vez." />
            } else if let One::Here(record) = abono {
                <RecordTrouble record={record.clone()} />
                <AbonoForm id={customer} {record} />
            } else if abono == One::Reading {
                { skeleton_rows(4) }
            } else {
                <ErrorState icon="warning" title="Este abono no está aquí"
                    text="Puede haber sido eliminado, o no haber llegado todavía." />
            }
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    /// The customer.
    id: String,
    /// The abono as it is; absent for a new one.
    #[prop_or_default]
    record: Option<Record>,
}

#[component]
fn AbonoForm(props: &FormProps) -> Html {
    let (me, writer, toaster) = (use_me(), use_writer(), use_toaster());
    let customer = use_one(Entity::Customers, &props.id);
    let before = props.record.as_ref();
    // What is corrected has been taken off already.
    let debt = use_debt(&props.id) + before.map_or(Money::ZERO, |abono| abono.0.amount());
    let form = draft_name(before.map_or(&props.id, |abono| abono.0.id()));
    let draft = use_draft(&me.id, &form, before.is_some(), || {
        before.map_or_else(Typed::new, |abono| Typed::of(abono))
    });
    let action = use_action();
    let typed = draft.get().clone();
    let amount = typed_money(&typed.amount);
    let paid = amount.ok().flatten().unwrap_or_default();
    let onsubmit = {
        let (draft, action) = (draft.clone(), action.clone());
        let (customer, before) = (props.id.clone(), props.record.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut data = match draft.get().payload(&customer) {
                Ok(data) => data,
                Err(why) => return action.refuse(why),
            };
            let id = draft.get().id.clone();
            let (draft, toaster, customer) = (draft.clone(), toaster.clone(), customer.clone());
            let saved = move |_: String| {
                draft.forget();
                toaster.say("Abono guardado");
                replace(&Route::Customer(customer.clone()));
            };
            let Some(done) = action.start(saved) else { return };
            if let Some(before) = &before {
                for field in ["referenceNumber", "notes"] {
                    data.entry(field).or_insert(serde_json::Value::Null);
                }
                writer.update(before, data, done);
            } else {
                data.insert("id".to_owned(), json!(id));
                writer.insert(Entity::Abonos, data, done);
            }
        })
    };
    let quick = {
        let draft = draft.clone();
        Callback::from(move |value: AttrValue| {
            draft.change(|typed| typed.amount = value.to_string());
        })
    };
    html! {
        <>
            <p class="strong">{ customer.here().map(|customer| text(customer, "name").to_owned()) }</p>
            <form class="stack loose" {onsubmit} novalidate=true>
                <Field id="amount" label="Monto" kind={Kind::Money} value={typed.amount.clone()}
                    autofocus=true error={amount.err().map(|fault| AttrValue::from(fault.0))}
                    oninput={draft.typed(|typed, text| typed.amount = text)} />
                <Chips label="Montos rápidos" choices={quick_amounts(debt)}
                    value={typed.amount.clone()} onchange={quick} />
                <Segments label="Forma de pago" value={typed.method.clone()}
                    choices={Choice::list(&[("efectivo", "Efectivo"), ("yape", "Yape"),
                        ("plin", "Plin"), ("transferencia", "Banco")])}
                    onchange={draft.chosen(|typed, value| typed.method = value)} />
                if typed.method != "efectivo" {
                    <Field id="reference" label="Número de operación" value={typed.reference.clone()}
                        max_length={50} oninput={draft.typed(|typed, text| typed.reference = text)} />
                }
                <Field id="notes" label="Nota" value={typed.notes.clone()}
                    oninput={draft.typed(|typed, text| typed.notes = text)} />
                <div class="card plain">
                    <dl class="pairs">
                        { pair("Deuda antes", soles(debt)) }
                        { pair("Abono", soles(-paid)) }
                        { total_pair(after_name(debt - paid), soles(after_shown(debt - paid))) }
                    </dl>
                </div>
                { action.fault() }
                <Button submit=true full=true look={Look::Primary} disabled={action.busy()} text="Guardar abono" />
            </form>
        </>
    }
}

fn draft_name(customer: &str) -> String {
    format!("abono/{customer}")
}

fn quick_amounts(debt: Money) -> Vec<Choice> {
    let mut choices = Vec::new();
    if debt > Money::ZERO {
        choices.push(Choice::new(debt.to_string(), "Todo"));
    }
    choices.extend(Choice::list(&[("50", "S/ 50"), ("100", "S/ 100"), ("200", "S/ 200")]));
    choices
}

fn after_name(after: Money) -> &'static str {
    if after.is_negative() { "Saldo a favor" } else { "Deuda después" }
}

fn after_shown(after: Money) -> Money {
    if after.is_negative() { -after } else { after }
}

impl Typed {
    fn new() -> Self {
        let none = String::new;
        let method = "efectivo".to_owned();
        Self { id: new_id(), amount: none(), method, reference: none(), notes: none() }
    }

    fn of(abono: &JsonObject) -> Self {
        let of = |field| text(abono, field).to_owned();
        Self {
            id: of("id"),
            amount: of("amount"),
            method: of("paymentMethod"),
            reference: of("referenceNumber"),
            notes: of("notes"),
        }
    }

    fn payload(&self, customer: &str) -> Result<JsonObject, String> {
        let amount = typed_money(&self.amount).map_err(|fault| fault.0.to_owned())?;
        let amount = amount.filter(|amount| *amount > Money::ZERO);
        let amount = amount.ok_or("Escribe cuánto paga.")?;
        let mut data = JsonObject::new();
        data.insert("clientId".to_owned(), json!(customer));
        data.insert("amount".to_owned(), amount.to_json());
        data.insert("paymentMethod".to_owned(), json!(self.method));
        for (field, text) in [("referenceNumber", &self.reference), ("notes", &self.notes)] {
            if !text.trim().is_empty() {
                data.insert(field.to_owned(), json!(text.trim()));
            }
        }
        Ok(data)
    }
}
