//! What is being typed, kept over a reload of the page and gone once it is saved.
//!
//! The browser writes localStorage late. After a dead battery a draft may stand there again whose
//! record was saved a moment before; so the draft of something new carries the id that its record
//! gets, and [`NewForm`] drops one whose record is there already.

use gloo_storage::{LocalStorage, Storage};
use protocol::Entity;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use yew::prelude::*;

use super::source::{One, use_me, use_one};
use crate::components::skeleton_rows;

/// What a form holds.
pub(crate) trait Form: Clone + PartialEq + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + PartialEq + Serialize + DeserializeOwned + 'static> Form for T {}

/// A form's present content.
#[derive(PartialEq)]
pub(crate) struct Draft<T: Form> {
    key: AttrValue,
    value: UseStateHandle<T>,
}

impl<T: Form> Clone for Draft<T> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), value: self.value.clone() }
    }
}

/// The draft of the form `name` of one person; `initial` where he has typed nothing yet.
#[hook]
pub(crate) fn use_draft<T: Form>(
    person: &str,
    name: &str,
    initial: impl FnOnce() -> T,
) -> Draft<T> {
    let key = AttrValue::from(key_of(person, name));
    let value = use_state(|| LocalStorage::get(key.as_str()).unwrap_or_else(|_| initial()));
    Draft { key, value }
}

#[derive(Properties, PartialEq)]
pub(crate) struct NewFormProps {
    /// What the form makes.
    pub(crate) entity: Entity,
    /// The name of its draft.
    pub(crate) name: AttrValue,
    /// The form.
    pub(crate) children: Html,
}

/// A form for something new. It waits for the records where a draft of it is kept, and only there.
#[component]
pub(crate) fn NewForm(props: &NewFormProps) -> Html {
    let me = use_me();
    let key = use_memo((), |()| key_of(&me.id, &props.name));
    let id = use_memo((), |()| {
        let kept: Value = LocalStorage::get(&*key).ok()?;
        Some(kept.get("id")?.as_str()?.to_owned())
    });
    let saved = use_one(props.entity, id.as_deref().unwrap_or_default());
    let is_read = id.is_none() || saved != One::Reading;
    // Once: what is saved later is this form's own doing.
    use_memo(is_read, |_| {
        if matches!(saved, One::Here(_)) {
            LocalStorage::delete(&*key);
        }
    });
    if is_read { props.children.clone() } else { skeleton_rows(4) }
}

fn key_of(person: &str, name: &str) -> String {
    format!("avileo-draft/{person}/{name}")
}

impl<T: Form> Draft<T> {
    /// What stands there now.
    pub(crate) fn get(&self) -> &T {
        &self.value
    }

    /// Puts something else there. A phone that keeps no drafts still takes what is typed.
    pub(crate) fn set(&self, value: T) {
        drop(LocalStorage::set(self.key.as_str(), &value));
        self.value.set(value);
    }

    /// Changes a part of it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) {
        let mut value = (*self.value).clone();
        change(&mut value);
        self.set(value);
    }

    /// For a field: what is typed changes a part of it.
    pub(crate) fn typed(&self, change: impl Fn(&mut T, String) + 'static) -> Callback<String> {
        let draft = self.clone();
        Callback::from(move |text| draft.change(|value| change(value, text)))
    }

    /// For a choice.
    pub(crate) fn chosen(&self, change: impl Fn(&mut T, String) + 'static) -> Callback<AttrValue> {
        self.typed(change).reform(|value: AttrValue| value.to_string())
    }

    /// It is saved: nothing of it is needed any more.
    pub(crate) fn forget(&self) {
        LocalStorage::delete(self.key.as_str());
    }
}
