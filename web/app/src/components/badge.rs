//! What has reached the server and what has not: of one record, and of all.

use engine::StatusWord;
use yew::prelude::*;

use super::icon;

#[derive(Properties, PartialEq)]
pub(crate) struct RecordBadgeProps {
    /// `syncStatus` of the record.
    pub(crate) status: AttrValue,
    /// Synced is shown too, not only what differs from it.
    #[prop_or_default]
    pub(crate) always: bool,
}

/// The badge of a card.
#[component]
pub(crate) fn RecordBadge(props: &RecordBadgeProps) -> Html {
    let (class, name, text) = match props.status.as_str() {
        "pending" => ("wait", "clock", "Pendiente"),
        "error" => ("bad", "warning", "Error"),
        _ if props.always => ("good", "check", "Sincronizado"),
        _ => return Html::default(),
    };
    html! { <span class={classes!("badge", class)}>{ icon(name) }<span class="word">{ text }</span></span> }
}

#[derive(Properties, PartialEq)]
pub(crate) struct StatusBadgeProps {
    pub(crate) word: StatusWord,
    /// Where a title has little room, its colour and icon are seen and its word is only heard.
    #[prop_or_default]
    pub(crate) small: bool,
    pub(crate) onclick: Callback<()>,
}

/// The badge of the phone, in the exact words; a tap leads to the queue.
#[component]
pub(crate) fn StatusBadge(props: &StatusBadgeProps) -> Html {
    let (class, name) = match props.word {
        StatusWord::Error => ("bad", "warning"),
        StatusWord::Offline => ("bad", "offline"),
        StatusWord::Syncing => ("wait busy", "sync"),
        StatusWord::Pending(_) => ("wait", "clock"),
        StatusWord::Synced => ("good", "check"),
    };
    let onclick = props.onclick.reform(|_: MouseEvent| ());
    html! {
        <div role="status">
            <button type="button" {onclick}
                class={classes!("badge", "sync-status", class, props.small.then_some("small"))}>
                { icon(name) }
                <span class="word">{ props.word.to_string() }</span>
            </button>
        </div>
    }
}
