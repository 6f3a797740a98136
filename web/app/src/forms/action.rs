//! Work that a button or a form starts, and that runs once at a time.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use super::screen_changed;

/// One piece of work of a component: idle, running, or failed with words for the user.
///
/// Buttons that exclude each other (Reintentar, Descartar) share one.
#[derive(Clone, PartialEq)]
pub(crate) struct Action {
    /// The truth at this moment: a handler holds the state of the render that made it.
    running: Rc<Cell<bool>>,
    busy: UseStateHandle<bool>,
    error: UseStateHandle<Option<AttrValue>>,
}

/// An action of this component.
#[hook]
pub(crate) fn use_action() -> Action {
    Action {
        running: use_memo((), |()| Cell::new(false)),
        busy: use_state(|| false),
        error: use_state(|| None),
    }
}

impl Action {
    /// Whether it runs: disables what starts it.
    pub(crate) fn busy(&self) -> bool {
        *self.busy
    }

    /// Why it could not be done.
    pub(crate) fn error(&self) -> Option<AttrValue> {
        (*self.error).clone()
    }

    /// The same as a paragraph, for a form without a field to blame.
    pub(crate) fn fault(&self) -> Html {
        self.error().map_or_else(Html::default, |why| {
            html! { <p class="fault" role="alert">{ why }</p> }
        })
    }

    /// Says why it does not start: something is missing, or cannot be read.
    pub(crate) fn refuse(&self, why: impl Into<AttrValue>) {
        self.error.set(Some(why.into()));
    }

    /// Starts it, unless it runs already. What is returned must be called when the work has ended;
    /// `then` follows a success, a failure is shown by [`Self::error`].
    pub(crate) fn start<T: 'static>(
        &self,
        then: impl Fn(T) + 'static,
    ) -> Option<Callback<Result<T, String>>> {
        let error = self.error.setter();
        self.start_with(move |result: Result<T, String>| match result {
            Ok(done) => then(done),
            Err(why) => error.set(Some(why.into())),
        })
    }

    /// As [`Self::start`], where the failure is told elsewhere, as by a toast.
    pub(crate) fn start_with<T: 'static>(
        &self,
        ended: impl Fn(T) + 'static,
    ) -> Option<Callback<T>> {
        if self.running.replace(true) {
            return None;
        }
        self.busy.set(true);
        self.error.set(None);
        let (running, busy) = (Rc::clone(&self.running), self.busy.setter());
        Some(Callback::from(move |result: T| {
            ended(result);
            // After `ended`: where it leads to another screen, this one starts nothing more.
            running.set(false);
            busy.set(false);
            screen_changed();
        }))
    }
}
