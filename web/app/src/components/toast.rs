//! A short word at the lower edge: saved, copied, a new version.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// What is shown at present, if anything.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Shown {
    text: Option<AttrValue>,
    undo: Option<Callback<()>>,
    count: u32,
}

/// What to show next, if anything.
#[derive(Default)]
pub(crate) struct Message {
    text: Option<AttrValue>,
    undo: Option<Callback<()>>,
}

impl Reducible for Shown {
    type Action = Message;

    fn reduce(self: Rc<Self>, Message { text, undo }: Message) -> Rc<Self> {
        Rc::new(Self { text, undo, count: self.count + 1 })
    }
}

/// Says things.
#[derive(Clone, PartialEq)]
pub(crate) struct Toaster(UseReducerDispatcher<Shown>);

impl Toaster {
    /// Shows a text for a few seconds, in the place of the one before.
    pub(crate) fn say(&self, text: impl Into<AttrValue>) {
        self.0.dispatch(Message { text: Some(text.into()), undo: None });
    }

    /// Shows a text with a button "Deshacer", for as long as it takes to read and reach it.
    pub(crate) fn offer_undo(&self, text: impl Into<AttrValue>, undo: Callback<()>) {
        self.0.dispatch(Message { text: Some(text.into()), undo: Some(undo) });
    }
}

/// For whoever has something to say.
#[hook]
pub(crate) fn use_toaster() -> Toaster {
    use_context().expect("every screen stands within ToastHost")
}

#[derive(Properties, PartialEq)]
pub(crate) struct ToastHostProps {
    pub(crate) children: Html,
}

#[component]
pub(crate) fn ToastHost(props: &ToastHostProps) -> Html {
    let shown = use_reducer(Shown::default);
    let toaster = Toaster(shown.dispatcher());
    {
        let dispatcher = shown.dispatcher();
        use_effect_with((*shown).clone(), move |shown| {
            let shown_ms = if shown.undo.is_some() { UNDO_MS } else { SHOWN_MS };
            let timeout = shown
                .text
                .is_some()
                .then(|| Timeout::new(shown_ms, move || dispatcher.dispatch(Message::default())));
            move || drop(timeout)
        });
    }
    let place = use_node_ref();
    {
        let place = place.clone();
        use_effect_with(shown.count, move |_| above_all(&place));
    }
    let undo = shown.undo.clone().map(|undo| {
        let dispatcher = shown.dispatcher();
        Callback::from(move |_: MouseEvent| {
            // First away with the button: it undoes once.
            dispatcher.dispatch(Message::default());
            undo.emit(());
        })
    });
    html! {
        <ContextProvider<Toaster> context={toaster}>
            { props.children.clone() }
            <div role="status" aria-live="polite">
                if let Some(text) = &shown.text {
                    <p class={classes!("toast", undo.is_some().then_some("undoable"))} popover="manual" ref={place} key={shown.count.to_string()}>
                        { text }
                        if let Some(onclick) = undo {
                            <button type="button" class="undo" {onclick}>{ "Deshacer" }</button>
                        }
                    </p>
                }
            </div>
        </ContextProvider<Toaster>>
    }
}

/// Shows it over an open sheet too; a browser that cannot leaves it in its place.
fn above_all(place: &NodeRef) {
    let Some(toast) = place.get() else { return };
    let show = js_sys::Reflect::get(&toast, &"showPopover".into());
    if let Ok(show) = show.and_then(JsCast::dyn_into::<js_sys::Function>) {
        // It is in the page and not shown yet, the two things that it could complain of.
        drop(show.call0(&toast));
    }
}

const SHOWN_MS: u32 = 3_000;

/// A message that can be undone must be read, understood and reached with a thumb.
const UNDO_MS: u32 = 8_000;
