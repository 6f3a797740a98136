//! An icon of the sprite that stands in the page.

use yew::prelude::*;

/// The icon that `static/icons.svg` names so, after `icon-`. Decoration: a text beside it, or a
/// label around it, says what it means. A function and no component: there is nothing to remember,
/// and each use of a component costs its own code.
pub(crate) fn icon(name: &str) -> Html {
    html! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href={format!("#icon-{name}")} />
        </svg>
    }
}
