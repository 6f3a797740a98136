//! A customer's data: a new one, or one to be corrected.

use protocol::{Entity, JsonObject};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use yew::prelude::*;

use super::draft::{Draft, NewForm, use_draft};
use super::source::{One, new_id, use_customers, use_me, use_one, use_writer};
use crate::components::{
    Button, ErrorState, Field, Kind, Look, Page, TextArea, skeleton_rows, use_toaster,
};
use crate::data::CustomerFilter;
use crate::format::{Record, text, typed_balance};
use crate::forms::use_action;
use crate::router::{Link, Route, parameter, replace};

/// What is typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Typed {
    /// What a new customer will be called, so that a draft of a saved one is known as such.
    #[serde(default = "new_id")]
    id: String,
    name: String,
    dni: String,
    phone: String,
    address: String,
    notes: String,
    opening: String,
}

#[component]
pub(crate) fn NewCustomer() -> Html {
    html! {
        <Page title="Nuevo cliente" up={Route::Customers}>
            <NewForm entity={Entity::Customers} name="cliente/nuevo"><CustomerForm /></NewForm>
        </Page>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct EditCustomerProps {
    pub(crate) id: String,
}

#[component]
pub(crate) fn EditCustomer(props: &EditCustomerProps) -> Html {
    let record = use_one(Entity::Customers, &props.id);
    html! {
        <Page title="Editar cliente" up={Route::Customer(props.id.clone())}>
            if let One::Here(record) = record {
                <CustomerForm {record} />
            } else if record == One::Reading {
                { skeleton_rows(4) }
            } else {
                <ErrorState icon="warning" title="Este cliente no está aquí"
                    text="Puede haber sido eliminado, o no haber llegado todavía.">
                    <Link to={Route::Customers} class="button">{ "Ver clientes" }</Link>
                </ErrorState>
            }
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    /// The customer as he is; absent for a new one.
    #[prop_or_default]
    record: Option<Record>,
}

#[component]
fn CustomerForm(props: &FormProps) -> Html {
    let me = use_me();
    let writer = use_writer();
    let toaster = use_toaster();
    let id = props.record.as_ref().map(|record| text(record, "id").to_owned());
    let form = format!("cliente/{}", id.as_deref().unwrap_or("nuevo"));
    let nobody = || Typed { id: new_id(), ..Typed::default() };
    let before = props.record.as_ref().map_or_else(nobody, |record| Typed::of(record));
    let draft = use_draft(&me.id, &form, id.is_some(), || {
        let mut typed = before.clone();
        if let Some(name) = parameter("nombre").filter(|_| typed.name.is_empty()) {
            typed.name = name;
        }
        typed
    });
    let action = use_action();
    let typed = draft.get().clone();
    let twins = use_customers(CustomerFilter { search: typed.dni.clone(), ..Default::default() });
    let twin = twins.filter(|_| !typed.dni.trim().is_empty()).and_then(|twins| {
        let mut others = twins.iter().filter(|other| Some(other.row.id()) != id.as_deref());
        others.find(|other| other.row.text("dni") == typed.dni.trim()).cloned()
    });
    let onsubmit = {
        let (draft, action) = (draft.clone(), action.clone());
        let (is_admin, record) = (me.is_admin(), props.record.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut data = match draft.get().changes(&before, record.is_none(), is_admin) {
                Ok(data) => data,
                Err(why) => return action.refuse(why),
            };
            let id = draft.get().id.clone();
            let (draft, toaster) = (draft.clone(), toaster.clone());
            let saved = move |id: String| {
                draft.forget();
                toaster.say("Cliente guardado");
                replace(&Route::Customer(id));
            };
            let Some(done) = action.start(saved) else { return };
            match &record {
                None => {
                    data.insert("id".to_owned(), json!(id));
                    writer.insert(Entity::Customers, data, done);
                }
                Some(record) if data.is_empty() => done.emit(Ok(record.0.id().to_owned())),
                Some(record) => writer.update(record, data, done),
            }
        })
    };
    html! {
        <form class="stack loose" {onsubmit} novalidate=true>
            <Field id="name" label="Nombre" value={typed.name.clone()} required=true max_length={255}
                oninput={draft.typed(|typed, text| typed.name = text)} autofocus={props.record.is_none()} />
            <Field id="dni" label="DNI o RUC" kind={Kind::Digits} value={typed.dni.clone()}
                hint="8 dígitos, u 11 si es RUC. Puede quedar vacío." max_length={11}
                oninput={draft.typed(|typed, text| typed.dni = text)} />
            if let Some(twin) = twin {
                <div class="card warn" role="status">
                    <p>{ "Ya hay un cliente con este número: " }
                        <strong>{ twin.row.text("name") }</strong>{ "." }</p>
                    <Link to={Route::Customer(twin.row.id().to_owned())} class="button">
                        { "Ver ese cliente" }
                    </Link>
                </div>
            }
            { contact_fields(&draft) }
            if me.is_admin() {
                <Field id="opening" label="Saldo inicial" kind={Kind::Balance} value={typed.opening.clone()}
                    hint="Lo que debía antes de usar Avileo."
                    oninput={draft.typed(|typed, text| typed.opening = text)} />
            }
            { action.fault() }
            <Button submit=true full=true look={Look::Primary} text="Guardar cliente" disabled={action.busy()} />
        </form>
    }
}

fn contact_fields(draft: &Draft<Typed>) -> Html {
    let typed = draft.get();
    html! {
        <>
            <Field id="phone" label="Teléfono" kind={Kind::Phone} value={typed.phone.clone()}
                max_length={40} oninput={draft.typed(|typed, text| typed.phone = text)} />
            <Field id="address" label="Dirección" value={typed.address.clone()} max_length={500}
                oninput={draft.typed(|typed, text| typed.address = text)} />
            <TextArea id="notes" label="Nota" value={typed.notes.clone()}
                oninput={draft.typed(|typed, text| typed.notes = text)} />
        </>
    }
}

impl Typed {
    fn of(record: &JsonObject) -> Self {
        let text = |field: &str| text(record, field).to_owned();
        Self {
            id: text("id"),
            name: text("name"),
            dni: text("dni"),
            phone: text("phone"),
            address: text("address"),
            notes: text("notes"),
            opening: text("saldoInicial"),
        }
    }

    /// Only what differs, so that another phone's change of another field stands. A text that was
    /// emptied is absent from then on.
    fn changes(&self, before: &Self, new: bool, is_admin: bool) -> Result<JsonObject, String> {
        let mut data = JsonObject::new();
        let fields = [
            ("name", &self.name, &before.name),
            ("dni", &self.dni, &before.dni),
            ("phone", &self.phone, &before.phone),
            ("address", &self.address, &before.address),
            ("notes", &self.notes, &before.notes),
        ];
        for (field, now, then) in fields {
            let (now, then) = (now.trim(), then.trim());
            if now != then {
                let value = if now.is_empty() { Value::Null } else { json!(now) };
                data.insert(field.to_owned(), value);
            }
        }
        if new && self.name.trim().is_empty() {
            return Err("Escribe el nombre del cliente.".to_owned());
        }
        if is_admin && self.opening.trim() != before.opening.trim() {
            let amount = typed_balance(&self.opening).map_err(|fault| fault.0.to_owned())?;
            let value = amount.map_or(Value::Null, protocol::Money::to_json);
            data.insert("saldoInicial".to_owned(), value);
        }
        Ok(data)
    }
}
