//! A long list of which only what is near the screen is drawn: thousands of rows cost what a few
//! screenfuls do, and the page is as long as all of them.
//!
//! Rows are drawn in chunks. Rows differ in height, so each chunk is measured while it is drawn;
//! what was never drawn counts as high as the first rows were.

use std::ops::Range;

use gloo_events::EventListener;
use web_sys::Element;
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
    let count = props.count;
    let list = use_node_ref();
    let drawn = use_state_eq(|| 0..CHUNKS_FIRST);
    let heights = use_memo(props.of.clone(), |_| std::cell::RefCell::new(Heights::default()));
    let shown = within(&drawn, count.div_ceil(CHUNK_ROWS));
    let look = {
        let (list, drawn, heights, shown) =
            (list.clone(), drawn.setter(), heights.clone(), shown.clone());
        move || {
            if let Some(list) = list.cast::<Element>() {
                let mut heights = heights.borrow_mut();
                heights.measure(&list, &shown, count);
                drawn.set(heights.near(&list, count));
            }
        }
    };
    // After each drawing too: what came may be higher or lower than it was taken for.
    use_effect(move || {
        look();
        let listeners = ["scroll", "resize"].map(|event| {
            let look = look.clone();
            web_sys::window().map(|window| EventListener::new(&window, event, move |_| look()))
        });
        move || drop(listeners)
    });
    let rows = rows_of(&shown, count);
    let gap = |rows: Range<usize>| {
        let height = heights.borrow().sum(rows);
        html! { <li class="gap" aria-hidden="true"><svg width="1" height={height.to_string()} /></li> }
    };
    html! {
        <ul class="list" aria-label={&props.label} ref={list}>
            { gap(0..shown.start) }
            { for rows.map(|index| props.row.emit(index)) }
            { gap(shown.end..count.div_ceil(CHUNK_ROWS)) }
        </ul>
    }
}

/// The heights of the chunks that were drawn, in pixels.
#[derive(Default)]
struct Heights(Vec<Option<f64>>);

impl Heights {
    /// Takes the measure of the chunks that are drawn: from the top of the first row of each to the
    /// top of what follows it.
    fn measure(&mut self, list: &Element, drawn: &Range<usize>, count: usize) {
        let children = list.children();
        let first = drawn.start * CHUNK_ROWS;
        let top = |row: usize| {
            // Before the first row stands a gap.
            let child = u32::try_from(1 + row - first).ok().and_then(|at| children.item(at));
            child.map(|child| child.get_bounding_client_rect().top())
        };
        for chunk in drawn.clone() {
            let rows = rows_of(&(chunk..chunk + 1), count);
            let (Some(from), Some(to)) = (top(rows.start), top(rows.end)) else { return };
            if self.0.len() <= chunk {
                self.0.resize(chunk + 1, None);
            }
            self.0[chunk] = Some(to - from);
        }
    }

    /// The chunks that the screen shows, and some more around it.
    fn near(&self, list: &Element, count: usize) -> Range<usize> {
        let page = list.owner_document().and_then(|document| document.document_element());
        let screen = page.map_or(0.0, |page| f64::from(page.client_height()));
        let (from, to) = (-AHEAD_PIXELS, screen + AHEAD_PIXELS);
        let chunks = count.div_ceil(CHUNK_ROWS);
        let mut top = list.get_bounding_client_rect().top();
        let mut near = chunks.saturating_sub(1)..chunks;
        for chunk in 0..chunks {
            let bottom = top + self.of(chunk);
            if bottom > from {
                near.start = near.start.min(chunk);
                if top > to {
                    near.end = chunk.max(near.start + 1);
                    break;
                }
            }
            top = bottom;
        }
        near
    }

    fn of(&self, chunk: usize) -> f64 {
        let known = self.0.get(chunk).copied().flatten();
        known.or_else(|| *self.0.first()?).unwrap_or(CHUNK_PIXELS)
    }

    fn sum(&self, chunks: Range<usize>) -> f64 {
        chunks.map(|chunk| self.of(chunk)).sum()
    }
}

/// A list may have become shorter.
fn within(drawn: &Range<usize>, chunks: usize) -> Range<usize> {
    drawn.start.min(chunks.saturating_sub(1))..drawn.end.min(chunks)
}

fn rows_of(chunks: &Range<usize>, count: usize) -> Range<usize> {
    let from = (chunks.start * CHUNK_ROWS).min(count);
    from..(chunks.end * CHUNK_ROWS).min(count)
}

const CHUNK_ROWS: usize = 20;
const CHUNKS_FIRST: usize = 2;
/// Until the first rows are measured.
const CHUNK_PIXELS: f64 = 1_480.0;
const AHEAD_PIXELS: f64 = 800.0;
