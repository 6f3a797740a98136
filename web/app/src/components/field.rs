//! A field with its name, a hint, and what is wrong with it. A field for an amount also shows how its
//! text is read while it is typed, or that it is not an amount: every screen has it from here.

use protocol::Quantity;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::format::{
    TypedFault, kilos, read_balance, read_kilos, read_money, read_pieces, soles, units,
};

/// What is typed into a field: decides the keyboard and the unit beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Text,
    Email,
    Password,
    NewPassword,
    /// Digits that nobody shall read.
    Pin,
    Phone,
    /// Digits only, as a DNI.
    Digits,
    Money,
    /// An amount in soles that may be negative.
    Balance,
    Kilos,
    Pieces,
    Date,
    Search,
}

impl Kind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password | Self::NewPassword | Self::Pin => "password",
            Self::Phone => "tel",
            Self::Date => "date",
            Self::Search => "search",
            _ => "text",
        }
    }

    fn input_mode(self) -> Option<&'static str> {
        match self {
            Self::Money | Self::Balance | Self::Kilos => Some("decimal"),
            Self::Digits | Self::Pieces | Self::Pin => Some("numeric"),
            _ => None,
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::Email => "username",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
            _ => "off",
        }
    }

    fn is_amount(self) -> bool {
        matches!(self, Self::Money | Self::Balance | Self::Kilos | Self::Pieces)
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct FieldProps {
    /// Unique on the screen.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) value: AttrValue,
    pub(crate) oninput: Callback<String>,
    #[prop_or_default]
    pub(crate) kind: Kind,
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) required: bool,
    #[prop_or_default]
    pub(crate) placeholder: AttrValue,
    /// Told to a screen reader only.
    #[prop_or_default]
    pub(crate) label_hidden: bool,
    #[prop_or_default]
    pub(crate) autofocus: bool,
    #[prop_or_default]
    pub(crate) max_length: Option<u32>,
    /// What is weighed here, for the question about a very large weight.
    #[prop_or_default]
    pub(crate) about: AttrValue,
    /// The form asks this before it saves.
    #[prop_or_default]
    pub(crate) question: Option<AttrValue>,
}

#[component]
pub(crate) fn Field(props: &FieldProps) -> Html {
    let oninput = props
        .oninput
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let input = use_node_ref();
    use_focus_at_first(input.clone(), props.autofocus);
    let amount = props.kind.is_amount().then_some("amount");
    let (note, error) = match amount_note(props) {
        Ok(note) => (note, props.error.clone()),
        Err(fault) => (AmountNote::default(), props.error.clone().or(Some(fault.0.into()))),
    };
    let AmountNote { reading, questions } = note;
    let questions = (!questions.is_empty()).then(|| questions.join("\n"));
    let faulty = error.is_some();
    html! {
        <div class="field">
            <label for={&props.id} class={classes!(props.label_hidden.then_some("hidden-text"))}>
                { &props.label }
            </label>
            <div class={classes!("control", amount, faulty.then_some("faulty"))}>
                if matches!(props.kind, Kind::Money | Kind::Balance) {
                    <span class="unit" aria-hidden="true">{ "S/" }</span>
                }
                if props.kind == Kind::Search {
                    { super::icon("search") }
                }
                <input ref={input} id={&props.id} type={props.kind.input_type()}
                    inputmode={props.kind.input_mode()} autocomplete={props.kind.autocomplete()}
                    value={&props.value} {oninput} required={props.required}
                    placeholder={&props.placeholder} autocapitalize={capitals(props.kind)}
                    maxlength={props.max_length.map(|most| most.to_string())}
                    data-question={questions} aria-invalid={faulty.then_some("true")}
                    aria-describedby={described_by(&props.id, faulty, props.hint.is_some())} />
                if props.kind == Kind::Kilos {
                    <span class="unit" aria-hidden="true">{ "kg" }</span>
                }
                if props.kind == Kind::Pieces {
                    <span class="unit" aria-hidden="true">{ "und" }</span>
                }
            </div>
            if let Some(reading) = reading {
                <output class="hint strong" for={&props.id}>{ format!("= {reading}") }</output>
            }
            { notes(&props.id, props.hint.as_ref(), error.as_ref()) }
        </div>
    }
}

/// What a field says of the amount in it.
#[derive(Default)]
struct AmountNote {
    /// How the text is read, where a reader could take it for another amount.
    reading: Option<String>,
    /// What the form asks before it saves.
    questions: Vec<String>,
}

fn amount_note(props: &FieldProps) -> Result<AmountNote, TypedFault> {
    let text = &*props.value;
    let mut questions: Vec<String> = props.question.iter().map(AttrValue::to_string).collect();
    let (shown, is_ambiguous) = match props.kind {
        Kind::Money => read_money(text)?.map(|read| (soles(read.amount), read.is_ambiguous)),
        Kind::Balance => read_balance(text)?.map(|read| (soles(read.amount), read.is_ambiguous)),
        Kind::Pieces => {
            read_pieces(text)?.map(|read| (units(read.amount, "unidad"), read.is_ambiguous))
        }
        Kind::Kilos => read_kilos(text)?.map(|read| {
            if read.amount > KILOS_UNASKED_MAX {
                let about = if props.about.is_empty() { &props.label } else { &props.about };
                questions.push(format!("¿{} de {about}?", kilos(read.amount)));
            }
            (kilos(read.amount), read.is_ambiguous)
        }),
        _ => None,
    }
    .unwrap_or_default();
    if is_ambiguous {
        questions.push(format!("{}: ¿{shown}? Escribiste «{}».", props.label, text.trim()));
    }
    // Digits alone, or with one point before fewer than three of them, need no note.
    let is_plain = text.split('.').count() < 3
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.split('.').nth(1).is_none_or(|fraction| fraction.len() < 3);
    let reading = Some(shown).filter(|shown| !shown.is_empty() && !is_plain);
    Ok(AmountNote { reading, questions })
}

/// A form asks before it saves more: beyond what is weighed at once.
const KILOS_UNASKED_MAX: Quantity = Quantity::from_units(500_000);

/// Several lines.
#[component]
pub(crate) fn TextArea(props: &FieldProps) -> Html {
    let oninput = props
        .oninput
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value());
    let faulty = props.error.is_some();
    html! {
        <div class="field">
            <label for={&props.id}>{ &props.label }</label>
            <div class={classes!("control", faulty.then_some("faulty"))}>
                <textarea id={&props.id} value={&props.value} {oninput} rows="3"
                    aria-invalid={faulty.then_some("true")}
                    aria-describedby={described_by(&props.id, faulty, props.hint.is_some())} />
            </div>
            { notes(&props.id, props.hint.as_ref(), props.error.as_ref()) }
        </div>
    }
}

#[hook]
fn use_focus_at_first(input: NodeRef, wanted: bool) {
    use_effect_with((), move |()| {
        if let Some(input) = input.cast::<HtmlInputElement>().filter(|_| wanted) {
            drop(input.focus());
        }
    });
}

fn notes(id: &str, hint: Option<&AttrValue>, error: Option<&AttrValue>) -> Html {
    html! {
        <>
            if let Some(hint) = hint {
                <p class="hint" id={format!("{id}-hint")}>{ hint }</p>
            }
            if let Some(error) = error {
                <p class="fault" id={format!("{id}-error")} role="alert">{ error }</p>
            }
        </>
    }
}

fn described_by(id: &str, faulty: bool, hinted: bool) -> Option<String> {
    let parts = [hinted.then(|| format!("{id}-hint")), faulty.then(|| format!("{id}-error"))];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn capitals(kind: Kind) -> &'static str {
    if kind == Kind::Text { "sentences" } else { "none" }
}
