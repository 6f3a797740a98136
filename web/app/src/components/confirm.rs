//! The question before something is lost: what it is, and a button that says what happens to it.
//! Every destroying button of the app asks with it. The second tap of a double tap does not answer it:
//! `forms::taps` drops that one on every screen.

use yew::prelude::*;

use super::{Button, Look, Sheet};

#[derive(Properties, PartialEq)]
pub(crate) struct ConfirmProps {
    /// The question: "¿Eliminar esta venta?".
    pub(crate) title: AttrValue,
    /// The button that does it, in words of its own: "Eliminar venta".
    pub(crate) action: AttrValue,
    /// The button that leaves everything as it is.
    #[prop_or(AttrValue::Static("Volver"))]
    pub(crate) keep: AttrValue,
    /// Why it was refused.
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    /// It is being done.
    #[prop_or_default]
    pub(crate) busy: bool,
    pub(crate) onconfirm: Callback<()>,
    pub(crate) onclose: Callback<()>,
    /// What is lost, named: amount, customer, what depends on it.
    #[prop_or_default]
    pub(crate) children: Html,
}

#[component]
pub(crate) fn ConfirmSheet(props: &ConfirmProps) -> Html {
    html! {
        <Sheet title={props.title.clone()} onclose={props.onclose.clone()}>
            { props.children.clone() }
            if let Some(error) = &props.error {
                <p class="fault" role="alert">{ error }</p>
            }
            <div class="actions">
                <Button text={props.action.clone()} look={Look::Danger} disabled={props.busy}
                    onclick={props.onconfirm.clone()} />
                <Button text={props.keep.clone()} onclick={props.onclose.clone()} />
            </div>
        </Sheet>
    }
}
