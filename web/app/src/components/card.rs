//! Figures with their names.

use yew::prelude::*;

/// A name at the left, its figure at the right; it stands in a `dl` of class `pairs`.
pub(crate) fn pair(name: &'static str, value: String) -> Html {
    line("", name, value)
}

/// The pair that the others lead to.
pub(crate) fn total_pair(name: &'static str, value: String) -> Html {
    line("total", name, value)
}

fn line(class: &'static str, name: &'static str, value: String) -> Html {
    html! { <div {class}><dt>{ name }</dt><dd class="figure">{ value }</dd></div> }
}

/// One figure large; it stands in a `dl` of class `tiles`.
pub(crate) fn tile(name: &'static str, value: String) -> Html {
    html! { <div class="tile"><dt>{ name }</dt><dd>{ value }</dd></div> }
}

/// The first letters of a name, for the round mark beside it.
pub(crate) fn avatar(name: &str) -> Html {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|sign| !sign.is_ascii_punctuation()))
        .take(2)
        .collect();
    html! { <span class="avatar" aria-hidden="true">{ letters }</span> }
}
