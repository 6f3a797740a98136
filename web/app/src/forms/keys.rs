//! What Enter does in a field: it goes to the next one.
//!
//! A browser sends the form at Enter, so that a sale half typed is saved. Here a form is sent by its
//! button alone, except where it says `data-enter="send"`: there Enter in the last field sends it.
//! The key of the phone's keyboard is named accordingly.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::CAPTURE;

pub(super) fn install() {
    let Some(window) = web_sys::window() else { return };
    EventListener::new_with_options(&window, "keydown", CAPTURE, |event| {
        if let Some(key) = event.dyn_ref::<KeyboardEvent>()
            && key.key() == "Enter"
            && !key.is_composing()
            && let Some(field) = field_of(event)
        {
            enter(event, key, &field);
        }
    })
    .forget();
    EventListener::new_with_options(&window, "focusin", CAPTURE, |event| {
        if let Some(field) = field_of(event) {
            // Only the name of a key depends on it.
            drop(field.set_attribute("enterkeyhint", hint(&field)));
        }
    })
    .forget();
}

/// Enter in a field of one line.
fn enter(event: &web_sys::Event, key: &KeyboardEvent, field: &HtmlInputElement) {
    let next = next_of(field);
    if next.is_none() && is_sent_by_enter(field) && !key.repeat() {
        return;
    }
    event.prevent_default();
    match next {
        // A key that is held moves once.
        _ if key.repeat() => {}
        Some(next) => drop(next.focus()),
        // Puts the keyboard away.
        None => drop(field.blur()),
    }
}

fn hint(field: &HtmlInputElement) -> &'static str {
    match next_of(field) {
        Some(_) => "next",
        None if is_sent_by_enter(field) => "go",
        None if field.type_() == "search" => "search",
        None => "done",
    }
}

fn field_of(event: &web_sys::Event) -> Option<HtmlInputElement> {
    let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    (!NO_TEXT.contains(&field.type_().as_str())).then_some(field)
}

fn is_sent_by_enter(field: &Element) -> bool {
    matches!(field.closest("form[data-enter=send]"), Ok(Some(_)))
}

/// The field after this one in its form, sheet or screen.
fn next_of(field: &Element) -> Option<HtmlElement> {
    // What is searched for leads to no other field.
    if field.get_attribute("type").as_deref() == Some("search") {
        return None;
    }
    let form = field.closest("form, dialog, main").ok()??;
    let fields = form.query_selector_all(TEXT_FIELDS).ok()?;
    let mut fields = (0..fields.length())
        .filter_map(|at| fields.item(at)?.dyn_into::<HtmlElement>().ok())
        .skip_while(|other| other.as_ref() as &Element != field)
        .skip(1);
    fields.find(|other| other.offset_width() > 0)
}

const NO_TEXT: [&str; 6] = ["checkbox", "radio", "file", "button", "submit", "range"];
const TEXT_FIELDS: &str = "input:not([type=checkbox], [type=radio], [type=file], [disabled]), \
                           textarea:not([disabled]), select:not([disabled])";
