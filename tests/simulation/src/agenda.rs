//! What will happen, in order of virtual time; what falls on one moment happens in the order in
//! which it was put down.

use std::collections::BTreeMap;

/// Milliseconds since the world began.
pub(crate) type Millis = u64;

/// Happenings in order. Each is in a box: they are large, and a tree moves what it holds.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    entries: BTreeMap<(Millis, u64), Box<T>>,
    made: u64,
}

impl<T> Agenda<T> {
    /// Puts down what happens at `at`.
    pub(crate) fn put(&mut self, at: Millis, happening: T) {
        self.made += 1;
        self.entries.insert((at, self.made), Box::new(happening));
    }

    /// The next, if it is due by `until`.
    pub(crate) fn next(&mut self, until: Millis) -> Option<(Millis, Box<T>)> {
        let entry = self.entries.first_entry().filter(|entry| entry.key().0 <= until)?;
        let ((at, _), happening) = entry.remove_entry();
        Some((at, happening))
    }

    /// Takes out what `drops` says.
    pub(crate) fn drop_those(&mut self, drops: impl Fn(&T) -> bool) {
        self.entries.retain(|_, happening| !drops(happening));
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), made: 0 }
    }
}
