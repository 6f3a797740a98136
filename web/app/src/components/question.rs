//! The question before a form saves an unusual amount: money that can be read in two ways, a very
//! large weight, a price far from the list. Every form has it, since it stands before the form's own
//! handler: a field says in `data-question` what is to be asked, and [`QuestionHost`] asks it when
//! the form is sent.

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement};
use yew::prelude::*;

use super::{Button, Look, Sheet};

/// A form that waits for an answer.
#[derive(Clone, PartialEq)]
struct Asked {
    form: HtmlFormElement,
    /// One a line.
    questions: String,
}

/// Stands once, beside the screens.
#[component]
pub(crate) fn QuestionHost() -> Html {
    let asked = use_state(|| None::<Asked>);
    {
        let asked = asked.setter();
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new_with_options(&window, "submit", CAPTURE, move |event| {
                    if let Some(question) = question_of(event) {
                        event.prevent_default();
                        event.stop_immediate_propagation();
                        asked.set(Some(question));
                    }
                })
            });
            move || drop(listener)
        });
    }
    let close = {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(None))
    };
    let Some(Asked { form, questions }) = (*asked).clone() else { return Html::default() };
    let confirm = {
        let (close, questions) = (close.clone(), questions.clone());
        Callback::from(move |()| {
            close.emit(());
            // The same questions are not asked again, as when the form itself has one more.
            if form.set_attribute(CONFIRMED, &questions).is_ok() {
                // It fails for a submit button of another form only; none is named.
                drop(form.request_submit());
            }
        })
    };
    html! {
        <Sheet title="¿Está bien escrito?" onclose={close.clone()}>
            <ul class="stack">
                { for questions.lines().map(|question| html! { <li class="strong">{ question }</li> }) }
            </ul>
            <div class="actions">
                <Button text="Sí, está bien" look={Look::Primary} onclick={confirm} />
                <Button text="Corregir" onclick={close} />
            </div>
        </Sheet>
    }
}

/// What is to be asked before this form may be sent.
fn question_of(event: &Event) -> Option<Asked> {
    let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
    let fields = form.query_selector_all("[data-question]").ok()?;
    let questions = (0..fields.length()).filter_map(|at| {
        fields.item(at)?.dyn_into::<Element>().ok()?.get_attribute("data-question")
    });
    let questions = questions.collect::<Vec<_>>().join("\n");
    let is_confirmed =
        form.get_attribute(CONFIRMED).is_some_and(|confirmed| confirmed == questions);
    (!questions.is_empty() && !is_confirmed).then_some(Asked { form, questions })
}

/// Before any handler of a screen, and able to keep the event from it.
const CAPTURE: EventListenerOptions =
    EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
/// The questions to which the user has said yes.
const CONFIRMED: &str = "data-confirmed";
