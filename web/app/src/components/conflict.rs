//! Two phones changed the same thing: what stands, what was lost, and whose it was.

use yew::prelude::*;

use super::{Button, Look, icon};

/// What one person's change lost, in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Loss {
    /// One for each field.
    pub(crate) lines: Vec<LossLine>,
    /// "Rosa Quispe, ayer, 14:05".
    pub(crate) whose: AttrValue,
    /// The loser's values can be put back by one tap.
    pub(crate) restorable: bool,
}

/// One field of a loss.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LossLine {
    /// On the screen, as "Teléfono".
    pub(crate) name: AttrValue,
    pub(crate) kept: AttrValue,
    pub(crate) gone: AttrValue,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ConflictProps {
    pub(crate) losses: Vec<Loss>,
    /// Who is asked may change the record.
    pub(crate) may_decide: bool,
    /// By the place in `losses`.
    pub(crate) onrestore: Callback<usize>,
    pub(crate) ondismiss: Callback<usize>,
}

#[component]
pub(crate) fn ConflictNotice(props: &ConflictProps) -> Html {
    html! {
        <section class="stack" aria-label="Conflictos">
            { for props.losses.iter().enumerate().map(|(at, loss)| {
                let restore = props.onrestore.reform(move |()| at);
                let dismiss = props.ondismiss.reform(move |()| at);
                html! {
                    <div class="card warn" key={at}>
                        <div class="row">
                            { icon("warning") }
                            <h2 class="minor">{ "Dos cambios a la vez" }</h2>
                        </div>
                        <p class="soft small">{ format!("Se perdió un cambio de {}.", loss.whose) }</p>
                        { for loss.lines.iter().map(|line| html! {
                            <p><span class="strong">{ format!("{}: ", line.name) }</span>
                                { "quedó " }<strong>{ &line.kept }</strong>
                                { "; se perdió " }<strong>{ &line.gone }</strong>{ "." }</p>
                        }) }
                        if props.may_decide {
                            <div class="row wrap">
                                if loss.restorable {
                                    <Button text="Restaurar" icon="undo" look={Look::Primary}
                                        onclick={restore} />
                                }
                                <Button text="Está bien así" onclick={dismiss} />
                            </div>
                        }
                    </div>
                }
            }) }
        </section>
    }
}
