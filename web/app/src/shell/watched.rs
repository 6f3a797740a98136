//! A value that components follow: they render again when it changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use yew::prelude::{hook, use_effect_with, use_force_update};

/// A value and those who want to hear of its changes.
pub struct Watched<T> {
    value: RefCell<T>,
    changes: Cell<u64>,
    watchers: RefCell<Vec<(u64, Watcher)>>,
    named: Cell<u64>,
}

/// Is called after a change.
type Watcher = Rc<dyn Fn()>;

impl<T: Clone + PartialEq> Watched<T> {
    /// Begins with this value.
    pub fn new(value: T) -> Self {
        let watchers = RefCell::default();
        Self { value: RefCell::new(value), changes: Cell::new(0), watchers, named: Cell::new(0) }
    }

    /// The value now.
    pub fn get(&self) -> T {
        self.value.borrow().clone()
    }

    /// Sets it, and tells the watchers if it is another one.
    pub fn set(&self, value: T) {
        if *self.value.borrow() == value {
            return;
        }
        self.value.replace(value);
        self.changes.set(self.changes.get() + 1);
        // A watcher may unwatch, so the list is not held while they are told.
        let told: Vec<_> =
            self.watchers.borrow().iter().map(|(_, watcher)| Rc::clone(watcher)).collect();
        for watcher in told {
            watcher();
        }
    }

    /// Calls `watcher` after each change, until [`unwatch`](Self::unwatch) with this number.
    pub fn watch(&self, watcher: Watcher) -> u64 {
        let number = self.named.get();
        self.named.set(number + 1);
        self.watchers.borrow_mut().push((number, watcher));
        number
    }

    /// Ends a watch.
    pub fn unwatch(&self, number: u64) {
        self.watchers.borrow_mut().retain(|(known, _)| *known != number);
    }
}

/// The value of a [`Watched`], followed by the component that asks. `watched` is the same one in
/// all renders of a component.
#[hook]
pub fn use_watched<T: Clone + PartialEq + 'static>(watched: &Rc<Watched<T>>) -> T {
    let update = use_force_update();
    let (rendered, followed) = (watched.changes.get(), Rc::clone(watched));
    use_effect_with(Rc::as_ptr(watched).addr(), move |_| {
        let number = followed.watch(Rc::new({
            let update = update.clone();
            move || update.force_update()
        }));
        if followed.changes.get() != rendered {
            update.force_update();
        }
        move || followed.unwatch(number)
    });
    watched.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchers_hear_of_changes_only_and_not_after_unwatching() {
        let watched = Watched::new(1);
        let heard = Rc::new(Cell::new(0));
        let counted = Rc::clone(&heard);
        let number = watched.watch(Rc::new(move || counted.set(counted.get() + 1)));
        watched.set(1);
        assert_eq!(heard.get(), 0);
        watched.set(2);
        assert_eq!((heard.get(), watched.get()), (1, 2));
        watched.unwatch(number);
        watched.set(3);
        assert_eq!(heard.get(), 1);
    }
}
