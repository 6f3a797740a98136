//! The `KeyValueStore` of the edge's function: what a deployment puts there and the function reads at
//! each call, so that keys come and go while the edge runs.
//!
//! It is a store of its own, as in the cloud: a key in the secret is unknown here until somebody
//! publishes it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::secrets::SigningKeys;

/// The store; cheap to clone, and all clones are one store.
#[derive(Clone)]
pub(crate) struct KeyStore {
    entries: Arc<RwLock<BTreeMap<String, String>>>,
}

/// What publishing has changed, by `kid`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Published {
    /// Put there, or put there anew.
    pub(crate) puts: Vec<String>,
    /// Taken away.
    pub(crate) deletes: Vec<String>,
}

/// CloudFront would not take a key or value.
#[derive(Debug, thiserror::Error)]
#[error("the key {0:?} does not fit into a KeyValueStore")]
pub(crate) struct EntryTooLong(String);

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Ids only: a key must never reach a log.
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("KeyStore").field("kids", &entries.keys()).finish()
    }
}

impl KeyStore {
    /// A store that holds `keys`.
    ///
    /// # Errors
    ///
    /// When one is too long for CloudFront.
    pub(crate) fn holding(keys: &SigningKeys) -> Result<Self, EntryTooLong> {
        let store = Self { entries: Arc::default() };
        store.publish(keys)?;
        Ok(store)
    }

    /// Makes the store's keys equal to `keys`, as the deployment's step of that name does.
    ///
    /// # Errors
    ///
    /// When one is too long for CloudFront: nothing changes then.
    pub(crate) fn publish(&self, keys: &SigningKeys) -> Result<Published, EntryTooLong> {
        let wanted: BTreeMap<String, String> =
            keys.entries().map(|(kid, key)| (kid.to_owned(), key)).collect();
        let too_long = |(kid, key): &(&String, &String)| {
            kid.len() > KEY_BYTES_MAX || key.len() > VALUE_BYTES_MAX
        };
        if let Some((kid, _)) = wanted.iter().find(too_long) {
            return Err(EntryTooLong(kid.clone()));
        }
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = |(kid, key): &(&String, &String)| entries.get(*kid) != Some(*key);
        let puts = wanted.iter().filter(is_new).map(|(kid, _)| kid.clone()).collect();
        let deletes = entries.keys().filter(|kid| !wanted.contains_key(*kid)).cloned().collect();
        *entries = wanted;
        Ok(Published { puts, deletes })
    }

    /// The value of a key.
    pub(super) fn value(&self, kid: &str) -> Option<String> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }

    /// How many keys there are.
    pub(super) fn count(&self) -> usize {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// CloudFront's quotas: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>.
const KEY_BYTES_MAX: usize = 512;
const VALUE_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(kids: &[&str]) -> SigningKeys {
        // 32 bytes of zeros.
        let key = format!("{}=", "A".repeat(43));
        let keys: serde_json::Map<_, _> =
            kids.iter().map(|kid| ((*kid).to_owned(), json!(key))).collect();
        SigningKeys::parse(&json!({"current": kids[0], "keys": keys}).to_string()).unwrap()
    }

    #[test]
    fn publishing_says_what_came_and_went() {
        let store = KeyStore::holding(&keys(&["k1"])).unwrap();
        let reader = store.clone();
        assert_eq!(reader.value("k2"), None);
        let published = store.publish(&keys(&["k1", "k2"])).unwrap();
        assert_eq!(published, Published { puts: vec!["k2".into()], deletes: Vec::new() });
        assert!(reader.value("k2").is_some());
        let published = store.publish(&keys(&["k2"])).unwrap();
        assert_eq!(published, Published { puts: Vec::new(), deletes: vec!["k1".into()] });
        assert_eq!((reader.value("k1"), reader.count()), (None, 1));
    }

    #[test]
    fn what_cloudfront_would_not_take_changes_nothing() {
        let store = KeyStore::holding(&keys(&["k1"])).unwrap();
        let long = "k".repeat(KEY_BYTES_MAX + 1);
        assert!(store.publish(&keys(&["k2", &long])).is_err());
        assert!(store.value("k1").is_some() && store.count() == 1);
    }
}
