//! Giving up an operation of the queue: a question that names what is lost, and some seconds in
//! which it can be put back.

use engine::{OperationRecord, QueueStatus};
use protocol::{Action, Entity};
use yew::prelude::*;

use super::names::{operation_name, shown_value};
use super::source::use_writer;
use crate::components::{ConfirmSheet, use_toaster};
use crate::data::{Removed, Row, SyncEngine, use_sync_engine};
use crate::format::{soles, text};
use crate::forms::use_action;

#[derive(Properties, PartialEq)]
pub(super) struct RemoveProps {
    pub(super) operation: OperationRecord,
    pub(super) onclose: Callback<()>,
}

/// Asks before an operation leaves the queue.
#[component]
pub(super) fn RemoveOperation(props: &RemoveProps) -> Html {
    let (writer, toaster, engine) = (use_writer(), use_toaster(), use_sync_engine());
    let action = use_action();
    let operation = &props.operation;
    let fallen = fallen(&engine, operation);
    let onconfirm = {
        let (operation, onclose) = (operation.clone(), props.onclose.clone());
        let action = action.clone();
        Callback::from(move |()| {
            let onclose = onclose.clone();
            let (again, toaster) = (writer.clone(), toaster.clone());
            let taken = move |removed: Removed| {
                onclose.emit(());
                let (again, said) = (again.clone(), toaster.clone());
                let undo = Callback::from(move |()| {
                    let said = said.clone();
                    let done = Callback::from(move |done: Result<(), String>| match done {
                        Ok(()) => said.say("Está otra vez como antes"),
                        Err(why) => said.say(why),
                    });
                    again.put_back(removed.clone(), done);
                });
                toaster.offer_undo("Cambio eliminado", undo);
            };
            let Some(done) = action.start(taken) else { return };
            writer.remove(&operation, done);
        })
    };
    html! {
        <ConfirmSheet title="¿Eliminar este cambio?" action="Eliminar este cambio" busy={action.busy()}
            error={action.error()} {onconfirm} onclose={props.onclose.clone()}>
            <p class="strong">{ description(&engine, operation) }</p>
            <p>{ consequence(operation) }</p>
            if !fallen.is_empty() {
                <p>{ "Esto lo necesita, y quedará con error hasta que lo corrijas:" }</p>
                <ul class="list" aria-label="Quedará con error">
                    { for fallen.iter().map(|other| html! {
                        <li class="item" key={other.id.to_string()}>{ description(&engine, other) }</li>
                    }) }
                </ul>
            }
        </ConfirmSheet>
    }
}

/// What cannot be sent any more once an unsent or failed insert is gone. A delete of the same
/// record has nothing left to do, so that nothing is lost with it.
fn fallen(engine: &SyncEngine, operation: &OperationRecord) -> Vec<OperationRecord> {
    if operation.sent_at.is_some() && operation.status == QueueStatus::Pending {
        return Vec::new();
    }
    let mut others = engine.dependents(operation);
    others.retain(|other| {
        other.operation != Action::Delete || other.entity_id != operation.entity_id
    });
    others
}

fn consequence(operation: &OperationRecord) -> &'static str {
    match (operation.status, operation.sent_at, operation.operation) {
        (QueueStatus::Pending, Some(_), _) => {
            "Ya salió hacia el servidor: se enviará otro cambio que lo deshace."
        }
        (_, _, Action::Insert) => "No está en el servidor: se pierde lo que escribiste.",
        (_, _, Action::Update) => {
            "No está en el servidor: se pierde lo que cambiaste, y queda como estaba antes."
        }
        (_, _, Action::Delete) => "No se eliminará: queda como está en el servidor.",
    }
}

/// An operation in words: "Venta nueva: S/ 84.00, de Rosa Quispe".
pub(super) fn description(engine: &SyncEngine, operation: &OperationRecord) -> String {
    let name = operation_name(operation.entity, operation.operation);
    let record = engine.record(&operation.target());
    let said = |field: &str| {
        let said = text(&operation.data, field);
        let shown = || record.as_ref().map_or("", |record| record.text(field));
        if said.is_empty() { shown().to_owned() } else { said.to_owned() }
    };
    let what = match operation.entity {
        Entity::Sales | Entity::SaleItems => {
            let total = record.as_ref().map(Row::amount).map(soles);
            let said = shown_value("totalAmount", &said("totalAmount").into());
            total.unwrap_or(said)
        }
        Entity::Abonos => shown_value("totalAmount", &said("amount").into()),
        Entity::Distribuciones => said("puntoVenta"),
        _ => said("name"),
    };
    let client = said("clientId").parse().ok().and_then(|id| {
        let customer = engine.record(&engine::RecordKey::new(Entity::Customers, id))?;
        Some(customer.text("name").to_owned())
    });
    let what = match client {
        Some(client) => format!("{what}, de {client}"),
        None => what,
    };
    if what.is_empty() { name } else { format!("{name}: {what}") }
}
