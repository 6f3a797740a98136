//! A long list: as much of it as has been scrolled to. Thousands of rows cost what a screenful does.

use gloo_events::EventListener;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(crate) struct PagedListProps {
    pub(crate) label: AttrValue,
    /// How many there are.
    pub(crate) count: usize,
    /// Draws one, in an `li` of its own.
    pub(crate) row: Callback<usize, Html>,
    /// Another list begins at its top again.
    pub(crate) of: AttrValue,
}

#[component]
pub(crate) fn PagedList(props: &PagedListProps) -> Html {
    let drawn = use_state_eq(|| PAGE_ROWS);
    {
        let drawn = drawn.setter();
        use_effect_with(props.of.clone(), move |_| drawn.set(PAGE_ROWS));
    }
    {
        let drawn = drawn.clone();
        let count = props.count;
        use_effect_with((*drawn, count), move |(rows, count)| {
            let more = rows < count;
            let next = rows + PAGE_ROWS;
            let listener = web_sys::window().filter(|_| more).map(|window| {
                EventListener::new(&window, "scroll", move |_| {
                    if is_near_the_end() {
                        drawn.set(next);
                    }
                })
            });
            move || drop(listener)
        });
    }
    let rest = props.count.saturating_sub(*drawn);
    let more = {
        let (setter, next) = (drawn.setter(), *drawn + PAGE_ROWS);
        Callback::from(move |()| setter.set(next))
    };
    html! {
        <>
            <ul class="list" aria-label={&props.label}>
                { for (0..props.count.min(*drawn)).map(|index| props.row.emit(index)) }
            </ul>
            if rest > 0 {
                <super::Button text={format!("Mostrar más ({rest})")} full=true onclick={more} />
            }
        </>
    }
}

fn is_near_the_end() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let page = window.document().and_then(|document| document.document_element());
    let Some(page) = page else { return false };
    let seen = window.scroll_y().unwrap_or(0.0) + f64::from(page.client_height());
    seen + AHEAD_PIXELS > f64::from(page.scroll_height())
}

const PAGE_ROWS: usize = 40;
const AHEAD_PIXELS: f64 = 800.0;
