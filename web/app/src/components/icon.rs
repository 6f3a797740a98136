//! An icon of the sprite that stands in the page.

use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(crate) struct IconProps {
    /// As in `static/icons.svg`, without `icon-`.
    pub(crate) name: &'static str,
}

/// Decoration: a text beside it, or a label around it, says what it means.
#[component]
pub(crate) fn Icon(props: &IconProps) -> Html {
    html! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href={format!("#icon-{}", props.name)} />
        </svg>
    }
}
