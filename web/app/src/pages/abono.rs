//! Registrar abono: how much of a debt is paid, and what is left of it.

use protocol::{Entity, JsonObject, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;
use yew::prelude::*;

use super::draft::use_draft;
use super::source::{use_debt, use_me, use_one, use_writer};
use crate::components::{
    Button, Chips, Choice, Field, Kind, Look, Page, Segments, pair, total_pair, use_toaster,
};
use crate::format::{soles, text, typed_money};
use crate::router::{Route, replace};

/// What is typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Typed {
    amount: String,
    method: String,
    reference: String,
    notes: String,
}

#[derive(Properties, PartialEq)]
pub(crate) struct NewAbonoProps {
    /// The customer.
    pub(crate) id: String,
}

#[component]
pub(crate) fn NewAbono(props: &NewAbonoProps) -> Html {
    let (me, writer, toaster) = (use_me(), use_writer(), use_toaster());
    let customer = use_one(Entity::Customers, &props.id);
    let debt = use_debt(&props.id);
    let draft = use_draft(&me.id, &format!("abono/{}", props.id), || Typed {
        amount: String::new(),
        method: "efectivo".to_owned(),
        reference: String::new(),
        notes: String::new(),
    });
    let error = use_state(|| None::<AttrValue>);
    let busy = use_state(|| false);
    let typed = draft.get().clone();
    let amount = typed_money(&typed.amount);
    let paid = amount.ok().flatten().unwrap_or_default();
    let onsubmit = {
        let (draft, error, busy) = (draft.clone(), error.clone(), busy.clone());
        let customer = props.id.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy {
                return;
            }
            let data = match draft.get().payload(&customer) {
                Ok(data) => data,
                Err(why) => return error.set(Some(why.into())),
            };
            busy.set(true);
            error.set(None);
            let (draft, error, busy) = (draft.clone(), error.clone(), busy.clone());
            let (toaster, customer) = (toaster.clone(), customer.clone());
            let done = Callback::from(move |saved: Result<String, String>| match saved {
                Ok(_) => {
                    draft.forget();
                    toaster.say("Abono guardado");
                    replace(&Route::Customer(customer.clone()));
                }
                Err(why) => {
                    busy.set(false);
                    error.set(Some(why.into()));
                }
            });
            writer.insert(Entity::Abonos, data, done);
        })
    };
    let quick = {
        let draft = draft.clone();
        Callback::from(move |value: AttrValue| {
            draft.change(|typed| typed.amount = value.to_string());
        })
    };
    html! {
        <Page title="Registrar abono" up={Route::Customer(props.id.clone())}>
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
                if let Some(error) = &*error {
                    <p class="fault" role="alert">{ error }</p>
                }
                <Button submit=true full=true look={Look::Primary} disabled={*busy} text="Guardar abono" />
            </form>
        </Page>
    }
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
