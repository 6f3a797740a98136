//! Small rows of the app itself: sessions by account, and who is at work.

use engine::StorageFault;
use js_sys::Array;
use rexie::TransactionMode;
use wasm_bindgen::{JsCast, JsValue};

use crate::database::Work;
use crate::schema::META;
use crate::{Database, keys};

/// A small row: its key without the business, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// The business first (empty for what belongs to the phone), then names.
    pub key: Vec<String>,
    /// As it was kept.
    pub text: String,
}

impl Database {
    /// A small row.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn kept(&self, key: &[&str]) -> Result<Option<String>, StorageFault> {
        self.transact(&[META], TransactionMode::ReadOnly, async |work: &Work| {
            let read = async { work.transaction.store(META)?.get(keys::names(key)).await };
            let row = read.await.map_err(|error| work.fault(&error))?;
            Ok(row.and_then(|row| row.as_string()))
        })
        .await
    }

    /// All small rows, of all businesses: a handful.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn all_kept(&self) -> Result<Vec<KeptRow>, StorageFault> {
        let read = self.transact(&[META], TransactionMode::ReadOnly, async |work: &Work| {
            let read = async {
                let store = work.transaction.store(META)?;
                let keys = store.get_all_keys(None, None).await?;
                Ok((keys, store.get_all(None, None).await?))
            };
            read.await.map_err(|error: rexie::Error| work.fault(&error))
        });
        let (keys, values) = read.await?;
        let rows = keys.iter().zip(values).filter_map(|(key, value)| {
            let key: &Array = key.dyn_ref()?;
            let key = key.iter().map(|part| part.as_string()).collect::<Option<_>>()?;
            Some(KeptRow { key, text: value.as_string()? })
        });
        Ok(rows.collect())
    }

    /// Writes a small row in place of the text that it was made from; false if another text is there
    /// by now, or none, and nothing is written. Comparing and writing are one transaction, so that a
    /// tab that slept in between never puts something old over something new.
    ///
    /// # Errors
    /// What the browser says; nothing is written then.
    pub async fn replace_kept(
        &self,
        key: &[&str],
        before: &str,
        text: &str,
    ) -> Result<bool, StorageFault> {
        self.transact(&[META], TransactionMode::ReadWrite, async |work: &Work| {
            let write = async {
                let store = work.transaction.store(META)?;
                let present = store.get(keys::names(key)).await?;
                let is_same = present.and_then(|row| row.as_string()).as_deref() == Some(before);
                if is_same {
                    store.put(&JsValue::from_str(text), Some(&keys::names(key))).await?;
                }
                Ok(is_same)
            };
            write.await.map_err(|error: rexie::Error| work.fault(&error))
        })
        .await
    }

    /// Writes small rows, or removes those without text, together or not at all.
    ///
    /// # Errors
    /// What the browser says; nothing is written then.
    pub async fn keep(&self, rows: &[(&[&str], Option<&str>)]) -> Result<(), StorageFault> {
        self.transact(&[META], TransactionMode::ReadWrite, async |work: &Work| {
            let write = async {
                let store = work.transaction.store(META)?;
                for (key, text) in rows {
                    let key = keys::names(key);
                    match text {
                        Some(text) => drop(store.put(&JsValue::from_str(text), Some(&key)).await?),
                        None => store.delete(key).await?,
                    }
                }
                Ok(())
            };
            write.await.map_err(|error: rexie::Error| work.fault(&error))
        })
        .await
    }
}
