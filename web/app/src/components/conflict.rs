//! Two phones changed the same field: what stands, what was lost, and whose it was.

use yew::prelude::*;

use super::{Button, Look, icon};

/// One value that lost, in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lost {
    /// On the wire.
    pub(crate) field: AttrValue,
    /// On the screen, as "Teléfono".
    pub(crate) name: AttrValue,
    pub(crate) kept: AttrValue,
    pub(crate) gone: AttrValue,
    /// "Rosa Quispe, ayer, 14:05".
    pub(crate) whose: AttrValue,
    /// The loser can be put back by one tap.
    pub(crate) restorable: bool,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ConflictProps {
    pub(crate) losses: Vec<Lost>,
    /// By the field's name on the wire.
    pub(crate) onrestore: Callback<AttrValue>,
    pub(crate) ondismiss: Callback<AttrValue>,
}

#[component]
pub(crate) fn ConflictNotice(props: &ConflictProps) -> Html {
    html! {
        <section class="stack" aria-label="Conflictos">
            { for props.losses.iter().map(|loss| {
                let (field, other) = (loss.field.clone(), loss.field.clone());
                let restore = props.onrestore.reform(move |()| field.clone());
                let dismiss = props.ondismiss.reform(move |()| other.clone());
                html! {
                    <div class="card warn">
                        <div class="row">
                            { icon("warning") }
                            <h2 class="minor">{ format!("{}: dos cambios a la vez", loss.name) }</h2>
                        </div>
                        <p>{ "Quedó " }<strong>{ &loss.kept }</strong>
                            { ". Se perdió " }<strong>{ &loss.gone }</strong>
                            { format!(", de {}.", loss.whose) }</p>
                        <div class="row wrap">
                            if loss.restorable {
                                <Button text="Restaurar" icon="undo" look={Look::Primary}
                                    onclick={restore} />
                            }
                            <Button text="Descartar" onclick={dismiss} />
                        </div>
                    </div>
                }
            }) }
        </section>
    }
}
