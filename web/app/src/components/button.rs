//! Buttons.

use yew::prelude::*;

use super::icon;

/// How much a button wants to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Look {
    /// What the screen is for.
    Primary,
    /// What brings money in.
    Yolk,
    #[default]
    Plain,
    Quiet,
    /// Takes something away.
    Danger,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ButtonProps {
    pub(crate) text: AttrValue,
    #[prop_or_default]
    pub(crate) icon: Option<&'static str>,
    #[prop_or_default]
    pub(crate) look: Look,
    /// As wide as what it stands in.
    #[prop_or_default]
    pub(crate) full: bool,
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Sends the form that it stands in.
    #[prop_or_default]
    pub(crate) submit: bool,
    #[prop_or_default]
    pub(crate) onclick: Callback<()>,
}

#[component]
pub(crate) fn Button(props: &ButtonProps) -> Html {
    let look = match props.look {
        Look::Primary => "primary",
        Look::Yolk => "yolk",
        Look::Plain => "",
        Look::Quiet => "quiet",
        Look::Danger => "danger",
    };
    let full = props.full.then_some("full");
    let onclick = props.onclick.reform(|_: MouseEvent| ());
    html! {
        <button type={if props.submit { "submit" } else { "button" }} {onclick}
            class={classes!("button", look, full)} disabled={props.disabled}>
            if let Some(name) = props.icon {
                { icon(name) }
            }
            { &props.text }
        </button>
    }
}
