//! How a tap, a press of Enter and the work behind a button behave, in every form and on every
//! button: nothing acts twice.
//!
//! - [`install`] adds the listeners of the whole page, once. A second click at the same place
//!   within half a second is dropped before any handler sees it ([`taps`]), also where the first
//!   one has changed what stands there. Controls for which quick repetition is meant (a step to the
//!   next day) stand within an element with `data-repeats`. Enter in a field goes to the next field of
//!   the form and saves nothing; a form that Enter may send (sign in, PIN) carries
//!   `data-enter="send"` ([`keys`]).
//! - [`use_action`] is for everything that takes time: saving, deleting, calling the server. While
//!   it runs it does not start again; after a failure it may. Use it in place of flags of your own:
//!
//! ```text
//! let action = use_action();
//! let onsubmit = { let action = action.clone(); Callback::from(move |event: SubmitEvent| {
//!     event.prevent_default();
//!     let data = match draft.get().payload() {
//!         Ok(data) => data,
//!         Err(why) => return action.refuse(why),
//!     };
//!     let Some(done) = action.start(move |id: String| replace(&Route::Sale(id))) else { return };
//!     writer.insert(Entity::Sales, data, done);
//! })};
//! html! { { action.fault() } <Button submit=true disabled={action.busy()} text="Guardar" /> }
//! ```
//!
//! - [`screen_changed`] is called where what stands under the finger becomes something else, such
//!   as "Guardar" that becomes "Guardar de todos modos". Screens, sheets and actions do it already.

mod action;
mod keys;
mod taps;

use gloo_events::{EventListenerOptions, EventListenerPhase};

pub(crate) use action::use_action;
pub(crate) use taps::screen_changed;

/// Adds the page's listeners; they stay for as long as the page.
pub(crate) fn install() {
    taps::install();
    keys::install();
}

/// Before any handler of a screen, and able to keep the event from it.
const CAPTURE: EventListenerOptions =
    EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
