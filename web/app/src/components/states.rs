//! A screen that has nothing to show, or not yet, or cannot: each with the next step.

use yew::prelude::*;

use super::icon;

#[derive(Properties, PartialEq)]
pub(crate) struct StateProps {
    pub(crate) icon: &'static str,
    pub(crate) title: AttrValue,
    pub(crate) text: AttrValue,
    /// The next step.
    #[prop_or_default]
    pub(crate) children: Html,
}

#[component]
pub(crate) fn EmptyState(props: &StateProps) -> Html {
    html! {
        <div class="empty">
            { icon(props.icon) }
            <h2>{ &props.title }</h2>
            <p>{ &props.text }</p>
            { props.children.clone() }
        </div>
    }
}

#[component]
pub(crate) fn ErrorState(props: &StateProps) -> Html {
    html! {
        <div class="card alert" role="alert">
            <div class="row">{ icon(props.icon) }<h2>{ &props.title }</h2></div>
            <p>{ &props.text }</p>
            { props.children.clone() }
        </div>
    }
}

/// Where so many rows will stand once they are read.
pub(crate) fn skeleton_rows(rows: usize) -> Html {
    html! {
        <div class="stack" role="status" aria-label="Cargando">
            { for (0..rows).map(|_| html! { <div class="skeleton" /> }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct ProgressProps {
    pub(crate) label: AttrValue,
    /// In thousandths; nothing where the end is not known.
    pub(crate) permille: Option<u32>,
}

#[component]
pub(crate) fn Progress(props: &ProgressProps) -> Html {
    let value = props.permille.map(|permille| permille.min(1000).to_string());
    html! { <progress aria-label={&props.label} max="1000" {value} /> }
}
