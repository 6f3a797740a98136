//! Figures with their names.

use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(crate) struct PairsProps {
    pub(crate) children: Html,
}

/// Names at the left, figures at the right.
#[component]
pub(crate) fn Pairs(props: &PairsProps) -> Html {
    html! { <dl class="pairs">{ props.children.clone() }</dl> }
}

#[derive(Properties, PartialEq)]
pub(crate) struct PairProps {
    pub(crate) name: AttrValue,
    pub(crate) value: AttrValue,
    /// The one that the others lead to.
    #[prop_or_default]
    pub(crate) total: bool,
}

#[component]
pub(crate) fn Pair(props: &PairProps) -> Html {
    html! {
        <div class={classes!(props.total.then_some("total"))}>
            <dt>{ &props.name }</dt>
            <dd class="figure">{ &props.value }</dd>
        </div>
    }
}

/// One figure large; it stands in a `dl` of class `tiles`.
#[component]
pub(crate) fn Tile(props: &PairProps) -> Html {
    html! { <div class="tile"><dt>{ &props.name }</dt><dd>{ &props.value }</dd></div> }
}

/// The first letters of a name, for the round mark beside it.
pub(crate) fn avatar(name: &str) -> Html {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    html! { <span class="avatar" aria-hidden="true">{ letters }</span> }
}
