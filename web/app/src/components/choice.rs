//! One of several: beside each other, as chips, or in a list.

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// A value and what is read for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) value: AttrValue,
    pub(crate) text: AttrValue,
}

impl Choice {
    /// Both at once.
    pub(crate) fn new(value: impl Into<AttrValue>, text: impl Into<AttrValue>) -> Self {
        Self { value: value.into(), text: text.into() }
    }

    /// Those that are known when the screen is written.
    pub(crate) fn list(choices: &[(&'static str, &'static str)]) -> Vec<Self> {
        choices.iter().map(|(value, text)| Self::new(*value, *text)).collect()
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct ChoiceProps {
    pub(crate) label: AttrValue,
    pub(crate) choices: Vec<Choice>,
    pub(crate) value: AttrValue,
    pub(crate) onchange: Callback<AttrValue>,
    /// For the list only.
    #[prop_or_default]
    pub(crate) id: AttrValue,
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
}

/// Beside each other: few and short.
#[component]
pub(crate) fn Segments(props: &ChoiceProps) -> Html {
    let at = props.choices.iter().position(|choice| choice.value == props.value);
    let onkeydown = {
        let (choices, onchange) = (props.choices.clone(), props.onchange.clone());
        Callback::from(move |event: KeyboardEvent| {
            let count = choices.len();
            let next = match event.key().as_str() {
                "ArrowRight" | "ArrowDown" => at.map_or(0, |at| (at + 1) % count),
                "ArrowLeft" | "ArrowUp" => at.map_or(0, |at| (at + count - 1) % count),
                _ => return,
            };
            event.prevent_default();
            onchange.emit(choices[next].value.clone());
            focus_sibling(&event, next);
        })
    };
    let first = at.is_none();
    html! {
        <div class="segments" role="radiogroup" aria-label={&props.label} {onkeydown}>
            { for props.choices.iter().enumerate().map(|(index, choice)| {
                let checked = choice.value == props.value;
                let value = choice.value.clone();
                let reachable = checked || (first && index == 0);
                html! {
                    <button type="button" role="radio" aria-checked={checked.to_string()}
                        tabindex={if reachable { "0" } else { "-1" }}
                        onclick={props.onchange.reform(move |_| value.clone())}>
                        { &choice.text }
                    </button>
                }
            }) }
        </div>
    }
}

fn focus_sibling(event: &KeyboardEvent, index: usize) {
    let group = event.current_target().and_then(|group| group.dyn_into::<web_sys::Element>().ok());
    let index = u32::try_from(index).unwrap_or_default();
    let button = group.and_then(|group| group.children().item(index));
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(button.focus());
    }
}

/// Many short ones; each is pressed or not.
#[component]
pub(crate) fn Chips(props: &ChoiceProps) -> Html {
    html! {
        <div class="chips" role="group" aria-label={&props.label}>
            { for props.choices.iter().map(|choice| {
                let value = choice.value.clone();
                html! {
                    <button type="button" class="chip"
                        aria-pressed={(choice.value == props.value).to_string()}
                        onclick={props.onchange.reform(move |_| value.clone())}>
                        { &choice.text }
                    </button>
                }
            }) }
        </div>
    }
}

/// A list that opens, with its name above.
#[component]
pub(crate) fn Select(props: &ChoiceProps) -> Html {
    let onchange = props.onchange.reform(|event: Event| {
        AttrValue::from(event.target_unchecked_into::<HtmlSelectElement>().value())
    });
    let faulty = props.error.is_some();
    html! {
        <div class="field">
            <label for={&props.id}>{ &props.label }</label>
            <div class={classes!("control", faulty.then_some("faulty"))}>
                <select id={&props.id} {onchange} aria-invalid={faulty.then_some("true")}>
                    { for props.choices.iter().map(|choice| html! {
                        <option value={&choice.value} selected={choice.value == props.value}>
                            { &choice.text }
                        </option>
                    }) }
                </select>
            </div>
            if let Some(error) = &props.error {
                <p class="fault" role="alert">{ error }</p>
            }
        </div>
    }
}
