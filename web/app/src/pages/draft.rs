//! What is being typed, kept over a reload of the page and gone once it is saved.
//!
//! The browser writes localStorage late. After a dead battery a draft may stand there again whose
//! record was saved a moment before; so the draft of something new carries the id that its record
//! gets, and [`NewForm`] drops one whose record is there already. The draft of a correction carries
//! what the record said when it was typed, and follows what the record says since.

use std::rc::Rc;

use gloo_storage::{LocalStorage, Storage};
use protocol::Entity;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use yew::prelude::*;

use super::rebase::rebased;
use super::source::{One, use_me, use_one};
use crate::components::skeleton_rows;

/// What a form holds.
pub(crate) trait Form: Clone + PartialEq + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + PartialEq + Serialize + DeserializeOwned + 'static> Form for T {}

/// A form's present content.
#[derive(PartialEq)]
pub(crate) struct Draft<T: Form> {
    key: AttrValue,
    kept: UseStateHandle<Kept<T>>,
    shown: Rc<T>,
    /// What the record that is corrected says now.
    present: Option<Rc<T>>,
}

impl<T: Form> Clone for Draft<T> {
    fn clone(&self) -> Self {
        let Self { key, kept, shown, present } = self;
        Self {
            key: key.clone(),
            kept: kept.clone(),
            shown: shown.clone(),
            present: present.clone(),
        }
    }
}

/// What is kept of a correction. Of something new, the content itself is.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Kept<T> {
    /// What the record said when it was typed.
    base: T,
    typed: T,
}

/// The draft of the form `name` of one person; `initial` where he has typed nothing yet. Of a
/// `correction`, `initial` is what the record says: fields that he has not touched follow it.
#[hook]
pub(crate) fn use_draft<T: Form>(
    person: &str,
    name: &str,
    correction: bool,
    initial: impl Fn() -> T,
) -> Draft<T> {
    let key = AttrValue::from(key_of(person, name));
    let kept = use_state(|| {
        LocalStorage::get(key.as_str()).unwrap_or_else(|_| {
            let base = initial();
            Kept { typed: LocalStorage::get(key.as_str()).unwrap_or_else(|_| base.clone()), base }
        })
    });
    let present = correction.then(|| Rc::new(initial()));
    let shown = use_memo(((*kept).clone(), present.clone()), |(kept, present)| {
        present.as_ref().map_or_else(|| kept.typed.clone(), |present| kept.on(present))
    });
    Draft { key, kept, shown, present }
}

impl<T: Form> Kept<T> {
    fn on(&self, present: &T) -> T {
        let json = |content: &T| serde_json::to_value(content).unwrap_or_default();
        let merged = rebased(&json(&self.base), &json(&self.typed), &json(present));
        // A form that cannot be read back stays as it was typed.
        protocol::json::from_value(&merged).unwrap_or_else(|_| self.typed.clone())
    }
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
        &self.shown
    }

    /// Puts something else there. A phone that keeps no drafts still takes what is typed.
    pub(crate) fn set(&self, typed: T) {
        let base = self.present.as_deref().unwrap_or(&typed).clone();
        let kept = Kept { base, typed };
        drop(match self.present {
            Some(_) => LocalStorage::set(self.key.as_str(), &kept),
            None => LocalStorage::set(self.key.as_str(), &kept.typed),
        });
        self.kept.set(kept);
    }

    /// Changes a part of it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) {
        let mut value = self.get().clone();
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
