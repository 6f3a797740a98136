//! One routine where generics would make dozens: sorting, filling maps. Every kind of value that
//! the standard ways meet becomes code of its own in what a phone downloads.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;

use crate::JsonObject;

/// Fills maps and sets item by item.
pub trait Gather: Iterator + Sized {
    /// As `collect`, for a map or a set. The standard way sorts the items first, by a sort made
    /// for each kind of item and place in the program.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

/// A JSON object of these fields, the last of a name.
pub fn object(fields: impl IntoIterator<Item = (String, Value)>) -> JsonObject {
    fields.into_iter().gather()
}

/// Sorts; what compares as equal keeps its order.
pub fn arrange<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let places = places(items.len(), &mut |one, other| compare(&items[one], &items[other]));
    let mut from: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(places.into_iter().filter_map(|place| from[place].take()));
}

/// How long a value is as JSON, in bytes, without writing it anywhere.
pub fn json_bytes(value: &impl Serialize) -> usize {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, value).map_or(usize::MAX, |()| length.0)
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The one sort: of places, so that it is the same for all.
fn places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::json;

    #[test]
    fn equal_items_keep_their_order() {
        let mut items = vec![(2, "a"), (1, "b"), (2, "c"), (1, "d")];
        arrange(&mut items, |one, other| one.0.cmp(&other.0));
        assert_eq!(items, [(1, "b"), (1, "d"), (2, "a"), (2, "c")]);
        let mut nothing: Vec<u8> = Vec::new();
        arrange(&mut nothing, Ord::cmp);
        assert!(nothing.is_empty());
    }

    #[test]
    fn the_last_of_a_key_is_gathered_as_by_collect() {
        let items = [(2, 'a'), (1, 'b'), (2, 'c')];
        let gathered: BTreeMap<_, _> = items.into_iter().gather();
        assert_eq!(gathered, items.into_iter().collect());
        let gathered: BTreeSet<_> = [3, 1, 3].into_iter().gather();
        assert_eq!(gathered, BTreeSet::from([1, 3]));
    }

    #[test]
    fn the_length_of_a_value_is_that_of_its_text() {
        let value: Value = json::from_str(r#"{"n":1.50,"name":"Ñañez","list":[null]}"#).unwrap();
        assert_eq!(json_bytes(&value), value.to_string().len());
    }
}
