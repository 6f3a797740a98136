//! Deleting a record: a question that names it, and for what can come back some seconds to undo it.

use protocol::Entity;
use yew::prelude::*;

use super::source::use_writer;
use crate::components::{ConfirmSheet, use_toaster};
use crate::format::Record;
use crate::forms::use_action;
use crate::router::{Route, replace};

#[derive(Properties, PartialEq)]
pub(super) struct DeleteProps {
    pub(super) record: Record,
    pub(super) title: AttrValue,
    /// The button's words.
    pub(super) action: AttrValue,
    /// The record in words: amount, customer, day.
    pub(super) what: AttrValue,
    /// What follows from it.
    pub(super) text: AttrValue,
    /// Where to go once it is gone.
    pub(super) then: Route,
    pub(super) onclose: Callback<()>,
}

/// Asks before a record is deleted.
#[component]
pub(super) fn DeleteRecord(props: &DeleteProps) -> Html {
    let (writer, toaster) = (use_writer(), use_toaster());
    let action = use_action();
    let onconfirm = {
        let (record, then) = (props.record.clone(), props.then.clone());
        let (action, onclose) = (action.clone(), props.onclose.clone());
        Callback::from(move |()| {
            let toaster = toaster.clone();
            let (then, onclose) = (then.clone(), onclose.clone());
            let (again, gone) = (writer.clone(), record.clone());
            let deleted = move |_: String| {
                onclose.emit(());
                replace(&then);
                if gone.0.entity() != Entity::Customers {
                    // A deleted sale or abono stays deleted, whatever comes after.
                    return toaster.say("Eliminado");
                }
                let (again, gone, said) = (again.clone(), gone.clone(), toaster.clone());
                let undo = Callback::from(move |()| {
                    let said = said.clone();
                    let done = Callback::from(move |done: Result<String, String>| match done {
                        Ok(_) => said.say("Está otra vez como antes"),
                        Err(why) => said.say(why),
                    });
                    again.revive(&gone, done);
                });
                toaster.offer_undo("Cliente eliminado", undo);
            };
            let Some(done) = action.start(deleted) else { return };
            writer.delete(&record, done);
        })
    };
    html! {
        <ConfirmSheet title={props.title.clone()} action={props.action.clone()} busy={action.busy()}
            error={action.error()} {onconfirm} onclose={props.onclose.clone()}>
            <p class="strong">{ &props.what }</p>
            <p>{ &props.text }</p>
        </ConfirmSheet>
    }
}
