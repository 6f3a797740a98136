//! What is wrong with a record: an operation that failed, and what can be done; values that lost
//! against another phone's, and whose they were.

use engine::OperationRecord;
use protocol::{Entity, ErrorCode};
use yew::prelude::*;

use super::conflicts::RecordConflicts;
use super::remove_operation::RemoveOperation;
use super::source::{use_failures, use_writer};
use crate::components::{Button, Look, icon, use_toaster};
use crate::format::{Record, text};
use crate::forms::use_action;
use crate::router::{Link, Route, use_route};

#[derive(Properties, PartialEq)]
pub(super) struct TroubleProps {
    pub(super) record: Record,
}

#[component]
pub(super) fn RecordTrouble(props: &TroubleProps) -> Html {
    let failures = use_failures(&props.record);
    html! {
        <>
            { for failures.into_iter().map(|operation| html! { <Failure {operation} /> }) }
            if !props.record.0.conflicts().is_empty() {
                <RecordConflicts record={props.record.clone()} />
            }
        </>
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
    let asked = use_state(|| false);
    let operation = &props.operation;
    let action = use_action();
    let retry = {
        let (id, toaster, action) = (operation.id.clone(), toaster.clone(), action.clone());
        Callback::from(move |()| {
            let toaster = toaster.clone();
            let retried = move |done: Result<(), String>| match done {
                Ok(()) => toaster.say("Se envía de nuevo"),
                Err(why) => toaster.say(why),
            };
            let Some(done) = action.start_with(retried) else { return };
            writer.retry(&id, done);
        })
    };
    let ask = |to: bool| {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(to))
    };
    let why =
        operation.last_error.clone().unwrap_or_else(|| "El servidor no lo aceptó.".to_owned());
    let here = use_route();
    let correct = correction_of(operation).filter(|route| *route != here);
    html! {
        <div class="card alert" role="group" aria-label="No se pudo guardar en el servidor">
            <div class="row">
                { icon("warning") }<h2 class="minor">{ heading(operation) }</h2>
            </div>
            <p>{ why }</p>
            <div class="row wrap">
                <Button text="Reintentar" icon="sync" look={Look::Primary} disabled={action.busy()} onclick={retry} />
                if let Some(route) = correct {
                    <Link to={route} class="button">{ "Corregir" }</Link>
                }
                <Button text="Eliminar este cambio" icon="delete" look={Look::Danger} onclick={ask(true)} />
            </div>
            if *asked {
                <RemoveOperation operation={operation.clone()} onclose={ask(false)} />
            }
        </div>
    }
}

/// What lacks a record may never have been sent: the server has refused nothing then.
fn heading(operation: &OperationRecord) -> &'static str {
    if operation.code.as_deref() == Some(ErrorCode::MissingReference.as_str()) {
        "Este cambio no se puede enviar"
    } else {
        "El servidor no aceptó este cambio"
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
