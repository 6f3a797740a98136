//! A short word at the lower edge: saved, copied, a new version.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// What is shown at present, if anything.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Shown {
    text: Option<AttrValue>,
    count: u32,
}

impl Reducible for Shown {
    type Action = Option<AttrValue>;

    fn reduce(self: Rc<Self>, text: Self::Action) -> Rc<Self> {
        Rc::new(Self { text, count: self.count + 1 })
    }
}

/// Says things.
#[derive(Clone, PartialEq)]
pub(crate) struct Toaster(UseReducerDispatcher<Shown>);

impl Toaster {
    /// Shows a text for a few seconds, in the place of the one before.
    pub(crate) fn say(&self, text: impl Into<AttrValue>) {
        self.0.dispatch(Some(text.into()));
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
            let timeout = shown
                .text
                .is_some()
                .then(|| Timeout::new(SHOWN_MS, move || dispatcher.dispatch(None)));
            move || drop(timeout)
        });
    }
    let place = use_node_ref();
    {
        let place = place.clone();
        use_effect_with(shown.count, move |_| above_all(&place));
    }
    html! {
        <ContextProvider<Toaster> context={toaster}>
            { props.children.clone() }
            <div role="status" aria-live="polite">
                if let Some(text) = &shown.text {
                    <p class="toast" popover="manual" ref={place} key={shown.count.to_string()}>{ text }</p>
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
