//! What is wrong with a record: an operation that failed, and what can be done; values that lost
//! against another phone's, and whose they were.

use engine::OperationRecord;
use protocol::{Entity, JsonObject, object};
use serde_json::{Value, json};
use yew::prelude::*;

use super::names::{field_name, shown_value, use_people};
use super::source::{use_failures, use_writer};
use crate::components::{Button, ConflictNotice, Look, Lost, icon, use_toaster};
use crate::format::{Record, moment_text, text, today};
use crate::router::{Link, Route, use_route};

#[derive(Properties, PartialEq)]
pub(super) struct TroubleProps {
    pub(super) record: Record,
}

#[component]
pub(super) fn RecordTrouble(props: &TroubleProps) -> Html {
    let failures = use_failures(&props.record);
    let people = use_people();
    let writer = use_writer();
    let toaster = use_toaster();
    let record = props.record.clone();
    let losses: Vec<Lost> =
        conflicts(&record).into_iter().map(|conflict| lost(conflict, &people)).collect();
    let write = {
        let record = record.clone();
        move |data: JsonObject, said: &'static str| {
            let toaster = toaster.clone();
            let done = Callback::from(move |done: Result<String, String>| match done {
                Ok(_) => toaster.say(said),
                Err(why) => toaster.say(why),
            });
            writer.update(&record, data, done);
        }
    };
    let onrestore = {
        let (record, write) = (record.clone(), write.clone());
        Callback::from(move |field: AttrValue| {
            let mut lost = conflicts(&record).into_iter();
            let lost = lost.find(|conflict| text(conflict, "field") == field.as_str());
            if let Some(lost) = lost.and_then(|conflict| conflict.get("lost")) {
                let data = object([(field.to_string(), lost.clone())]);
                write(data, "Restaurado");
            }
        })
    };
    let ondismiss = Callback::from(move |field: AttrValue| {
        let data = object([("dismiss".to_owned(), json!([field.as_str()]))]);
        write(data, "Descartado");
    });
    html! {
        <>
            { for failures.into_iter().map(|operation| html! { <Failure {operation} /> }) }
            if !losses.is_empty() {
                <ConflictNotice {losses} {onrestore} {ondismiss} />
            }
        </>
    }
}

fn conflicts(record: &Record) -> Vec<&JsonObject> {
    let conflicts = record.get("conflicts").and_then(Value::as_array);
    conflicts.into_iter().flatten().filter_map(Value::as_object).collect()
}

fn lost(conflict: &JsonObject, people: &super::names::People) -> Lost {
    let field = text(conflict, "field").to_owned();
    let value = |which: &str| shown_value(&field, conflict.get(which).unwrap_or(&Value::Null));
    let when = text(conflict, "lostAt").parse().ok().map(|at| moment_text(at, today()));
    let who = people.name(text(conflict, "lostBy"));
    Lost {
        name: field_name(&field).into(),
        kept: value("kept").into(),
        gone: value("lost").into(),
        whose: format!("{who}, {}", when.unwrap_or_default()).into(),
        restorable: !matches!(field.as_str(), "deletedAt" | "items"),
        field: field.into(),
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct FailureProps {
    pub(super) operation: OperationRecord,
}

/// An operation set aside: why, and the three ways out.
#[component]
pub(super) fn Failure(props: &FailureProps) -> Html {
    let (writer, toaster) = (use_writer(), use_toaster());
    let operation = &props.operation;
    let told = |said: &'static str| {
        let toaster = toaster.clone();
        Callback::from(move |done: Result<(), String>| match done {
            Ok(()) => toaster.say(said),
            Err(why) => toaster.say(why),
        })
    };
    let retry = {
        let (writer, id, done) = (writer.clone(), operation.id.clone(), told("Se envía de nuevo"));
        Callback::from(move |()| writer.retry(&id, done.clone()))
    };
    let discard = {
        let (writer, id, done) = (writer.clone(), operation.id.clone(), told("Descartado"));
        Callback::from(move |()| writer.discard(&id, done.clone()))
    };
    let why =
        operation.last_error.clone().unwrap_or_else(|| "El servidor no lo aceptó.".to_owned());
    let here = use_route();
    let correct = correction_of(operation).filter(|route| *route != here);
    html! {
        <div class="card alert" role="group" aria-label="No se pudo guardar en el servidor">
            <div class="row">
                { icon("warning") }<h2 class="minor">{ "El servidor no aceptó este cambio" }</h2>
            </div>
            <p>{ why }</p>
            <div class="row wrap">
                <Button text="Reintentar" icon="sync" look={Look::Primary} onclick={retry} />
                if let Some(route) = correct {
                    <Link to={route} class="button">{ "Corregir" }</Link>
                }
                <Button text="Descartar" icon="delete" look={Look::Danger} onclick={discard} />
            </div>
        </div>
    }
}

/// The form in which a failed operation can be corrected.
fn correction_of(operation: &OperationRecord) -> Option<Route> {
    let target = operation.target();
    let id = target.id.as_str().to_owned();
    match target.entity {
        _ if operation.operation == protocol::Action::Delete => None,
        Entity::Customers => Some(Route::EditCustomer(id)),
        Entity::Sales => Some(Route::EditSale(id)),
        Entity::Abonos => Some(Route::EditAbono(id)),
        // A closing of a load is weighed anew, not typed anew.
        Entity::Distribuciones if text(&operation.data, "estado") == "cerrado" => {
            Some(Route::Load(id))
        }
        Entity::Distribuciones => Some(Route::EditLoad(id)),
        Entity::ProductVariants => Some(Route::Catalog),
        _ => None,
    }
}
