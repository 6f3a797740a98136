//! The set of keys that sign access tokens.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

/// Keys by `kid`.
#[derive(Clone)]
pub(crate) struct SigningKeys {
    keys: BTreeMap<String, Vec<u8>>,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeys").field("kids", &self.keys.keys()).finish()
    }
}

#[derive(Deserialize)]
struct Stored {
    current: String,
    keys: BTreeMap<String, String>,
}

impl SigningKeys {
    /// Reads the secret's value.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let stored: Stored = protocol::json::from_str(value).ok()?;
        let decode = |(kid, key): (String, String)| Some((kid, STANDARD.decode(key).ok()?));
        let keys: BTreeMap<String, Vec<u8>> =
            stored.keys.into_iter().map(decode).collect::<Option<_>>()?;
        let long_enough = keys.values().all(|key| key.len() >= KEY_BYTES);
        (long_enough && keys.contains_key(&stored.current)).then_some(Self { keys })
    }

    /// Each key by its `kid`, as base64: what the edge's `KeyValueStore` holds.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, String)> {
        self.keys.iter().map(|(kid, key)| (kid.as_str(), STANDARD.encode(key)))
    }
}

/// A new set of one key.
pub(super) fn new_value() -> Result<String, getrandom::Error> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key)?;
    let kid = format!("local-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
    Ok(json!({"current": kid, "keys": {&kid: STANDARD.encode(key)}}).to_string())
}

/// As long as the hash that HS256 uses.
const KEY_BYTES: usize = 32;
