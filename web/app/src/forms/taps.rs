//! Clicks that repeat the one before are dropped.
//!
//! A tap that the phone takes twice, or an impatient finger, is two clicks at one place. The second
//! finds whatever the first has put there: the same button, "Guardar de todos modos", a sheet's
//! button, another screen's. So place and time decide, not the element. The times are those of the
//! input, not of its handling: on a slow phone both wait in the same queue.

use std::cell::RefCell;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::CAPTURE;

/// One click.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tap {
    /// When the finger or key was lifted, in the page's time.
    at_ms: f64,
    /// In the window, in CSS pixels; none of a click by the keyboard.
    place: Option<(i32, i32)>,
    /// The browser's own count of clicks in a row.
    count: i32,
}

/// The click before, and since when the screen stands as it does.
#[derive(Debug, Default)]
struct TapFilter {
    last: Option<Tap>,
    changed_at_ms: f64,
}

impl TapFilter {
    /// Whether a click is one of its own. A repeated one counts as the click before for the next,
    /// so that a series of taps is one tap.
    fn accepts(&mut self, tap: Tap) -> bool {
        let repeats = self.last.is_some_and(|last| {
            let early = tap.at_ms - last.at_ms < REPEAT_MS;
            // Aimed at what stood there when the click before was made.
            let unseen = tap.at_ms < self.changed_at_ms;
            is_near(last.place, tap.place) && (early || unseen || tap.count > 1)
        });
        self.last = Some(tap);
        !repeats
    }
}

fn is_near(one: Option<(i32, i32)>, other: Option<(i32, i32)>) -> bool {
    match (one, other) {
        (Some((x, y)), Some((other_x, other_y))) => {
            (x - other_x).abs() <= NEAR_PIXELS && (y - other_y).abs() <= NEAR_PIXELS
        }
        (None, None) => true,
        _ => false,
    }
}

/// Tells that what stands under the finger may be something else from now on.
pub(crate) fn screen_changed() {
    // The same clock as the clicks'.
    if let Ok(event) = web_sys::Event::new("change") {
        FILTER.with_borrow_mut(|filter| filter.changed_at_ms = event.time_stamp());
    }
}

pub(super) fn install() {
    let Some(window) = web_sys::window() else { return };
    EventListener::new_with_options(&window, "click", CAPTURE, |event| {
        if let Some(click) = event.dyn_ref::<MouseEvent>()
            && !is_wanted(click)
        {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    })
    .forget();
    // What is typed between two presses: the user has looked and moved on.
    for kind in ["input", "keydown"] {
        EventListener::new_with_options(&window, kind, CAPTURE, |event| {
            let key = event.dyn_ref::<web_sys::KeyboardEvent>().map(web_sys::KeyboardEvent::key);
            if key.is_none_or(|key| key != "Enter" && key != " ") {
                FILTER.with_borrow_mut(|filter| filter.last = None);
            }
        })
        .forget();
    }
}

fn is_wanted(click: &MouseEvent) -> bool {
    let target = click.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_within = |kinds: &str| {
        target.as_ref().is_some_and(|target| matches!(target.closest(kinds), Ok(Some(_))))
    };
    // A program's click is no tap; in a field two clicks choose a word, and a label's click is
    // followed by one of its field.
    if !click.is_trusted() || is_within(FIELDS) {
        return true;
    }
    let is_key = click.detail() == 0;
    let place = (!is_key).then(|| (click.client_x(), click.client_y()));
    let tap = Tap { at_ms: click.time_stamp(), place, count: click.detail() };
    let accepted = FILTER.with_borrow_mut(|filter| filter.accepts(tap));
    accepted || is_within("[data-repeats]")
}

thread_local! {
    static FILTER: RefCell<TapFilter> = RefCell::default();
}

/// As long as the slowest double click of the systems.
const REPEAT_MS: f64 = 500.0;
/// Less than from the middle of one button to that of the next.
const NEAR_PIXELS: i32 = 24;
const FIELDS: &str = "input, textarea, select, label";

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(at_ms: f64, x: i32, count: i32) -> Tap {
        Tap { at_ms, place: Some((x, 100)), count }
    }

    #[test]
    fn a_second_tap_at_the_same_place_is_the_first_one_again() {
        let mut filter = TapFilter::default();
        assert!(filter.accepts(tap(1_000.0, 50, 1)));
        assert!(!filter.accepts(tap(1_120.0, 58, 1)), "120 ms later");
        assert!(!filter.accepts(tap(1_520.0, 50, 1)), "and 400 ms after that");
        assert!(filter.accepts(tap(2_100.0, 50, 1)), "a tap that was thought over");
        assert!(!filter.accepts(tap(2_700.0, 50, 2)), "the browser calls it a double click");
    }

    #[test]
    fn a_tap_elsewhere_counts_however_quick_it_is() {
        let mut filter = TapFilter::default();
        assert!(filter.accepts(tap(1_000.0, 50, 1)));
        assert!(filter.accepts(tap(1_040.0, 120, 1)), "another chip");
        assert!(filter.accepts(tap(1_080.0, 50, 1)), "and back");
    }

    #[test]
    fn a_tap_made_before_the_screen_changed_is_for_what_stood_there() {
        let mut filter = TapFilter::default();
        assert!(filter.accepts(tap(1_000.0, 50, 1)));
        filter.changed_at_ms = 3_000.0;
        assert!(filter.accepts(tap(2_000.0, 120, 1)), "another place");
        filter.last = Some(tap(1_000.0, 50, 1));
        assert!(!filter.accepts(tap(2_000.0, 50, 1)));
        assert!(filter.accepts(tap(3_100.0, 50, 1)));
    }

    #[test]
    fn a_key_pressed_twice_clicks_once() {
        let mut filter = TapFilter::default();
        let key = |at_ms| Tap { at_ms, place: None, count: 0 };
        assert!(filter.accepts(key(1_000.0)));
        assert!(!filter.accepts(key(1_030.0)));
        assert!(filter.accepts(key(1_600.0)));
    }
}
