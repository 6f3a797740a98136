//! The signing keys: where they come from, and how long a copy of them is trusted.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::Instant;
use serde::Deserialize;
use tokio::sync::Mutex;

/// The keys that tokens are signed and checked with.
///
/// Read from `{"current":"<kid>","keys":{"<kid>":"<base64 of 32 or more bytes>"}}`. To rotate: add
/// a key, wait five minutes, make it current, wait 20 minutes, remove the old one.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeys {
    current: String,
    current_key: Vec<u8>,
    keys: BTreeMap<String, Vec<u8>>,
}

/// Why there are no keys.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyError {
    /// Where they are kept does not answer.
    #[error("the secret could not be read: {0}")]
    Unreadable(String),
    /// What is kept there are no keys.
    #[error("the secret holds no signing keys: {0}")]
    Malformed(&'static str),
}

/// Where the keys are kept.
pub trait KeySource: Send + Sync {
    /// Reads them anew.
    ///
    /// # Errors
    /// [`KeyError`].
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>>;
}

/// The keys with a bounded age: re-read after five minutes, so that a removed key ends everywhere,
/// and earlier for a `kid` that is unknown, but at most once a minute however many are tried.
pub struct KeyRing {
    source: Box<dyn KeySource>,
    copy: Mutex<Option<Copy>>,
}

struct Copy {
    keys: Arc<SigningKeys>,
    /// Failed attempts count, so that neither outage nor forgery becomes a storm of calls.
    last_attempt: Instant,
}

impl SigningKeys {
    /// Reads the secret's text.
    ///
    /// # Errors
    /// [`KeyError::Malformed`]; never with a part of the secret inside.
    pub fn from_json(text: &str) -> Result<Self, KeyError> {
        let secret: Secret = protocol::json::from_str(text)
            .map_err(|_| KeyError::Malformed("expected {\"current\",\"keys\"}"))?;
        let mut keys = BTreeMap::new();
        for (key_id, key) in secret.keys {
            let key = STANDARD.decode(key).map_err(|_| KeyError::Malformed("no base64"))?;
            if key.len() < KEY_BYTES_MIN {
                return Err(KeyError::Malformed("a key is shorter than 32 bytes"));
            }
            keys.insert(key_id, key);
        }
        let current_key = keys
            .get(&secret.current)
            .cloned()
            .ok_or(KeyError::Malformed("the current key is not among the keys"))?;
        Ok(Self { current: secret.current, current_key, keys })
    }

    /// The key to sign with, and its id.
    pub fn current(&self) -> (&str, &[u8]) {
        (&self.current, &self.current_key)
    }

    /// The key of that id.
    pub fn get(&self, key_id: &str) -> Option<&[u8]> {
        self.keys.get(key_id).map(Vec::as_slice)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ids only: a key must never reach a log.
        f.debug_struct("SigningKeys")
            .field("current", &self.current)
            .field("keys", &self.keys.keys())
            .finish_non_exhaustive()
    }
}

impl KeyRing {
    /// A ring that has read nothing yet.
    pub fn new(source: impl KeySource + 'static) -> Self {
        Self { source: Box::new(source), copy: Mutex::new(None) }
    }

    /// Keys fresh enough to sign with.
    ///
    /// # Errors
    /// [`KeyError`] if they have never been read.
    pub async fn keys(&self, now: Instant) -> Result<Arc<SigningKeys>, KeyError> {
        self.read_if(now, |age_ms, _| age_ms >= COPY_AGE_MS_MAX).await
    }

    /// Keys fresh enough to say whether `key_id` is among them.
    ///
    /// # Errors
    /// [`KeyError`] if they have never been read.
    pub async fn keys_for(&self, key_id: &str, now: Instant) -> Result<Arc<SigningKeys>, KeyError> {
        self.read_if(now, |age_ms, keys| {
            age_ms >= COPY_AGE_MS_MAX
                || (keys.get(key_id).is_none() && age_ms >= UNKNOWN_KEY_PAUSE_MS)
        })
        .await
    }

    async fn read_if(
        &self,
        now: Instant,
        is_due: impl Fn(i64, &SigningKeys) -> bool,
    ) -> Result<Arc<SigningKeys>, KeyError> {
        let mut copy = self.copy.lock().await;
        let Some(present) = copy.as_mut() else {
            let keys = Arc::new(self.source.fetch().await?);
            *copy = Some(Copy { keys: Arc::clone(&keys), last_attempt: now });
            return Ok(keys);
        };
        if is_due(now.as_millis() - present.last_attempt.as_millis(), &present.keys) {
            present.last_attempt = now;
            match self.source.fetch().await {
                Ok(keys) => present.keys = Arc::new(keys),
                // The copy still verifies what it has verified so far.
                Err(error) => tracing::error!(%error, "the signing keys could not be re-read"),
            }
        }
        Ok(Arc::clone(&present.keys))
    }
}

#[derive(Deserialize)]
struct Secret {
    current: String,
    keys: BTreeMap<String, String>,
}

/// HS256 wants a key as long as its hash (RFC 7518, 3.2).
const KEY_BYTES_MIN: usize = 32;

const COPY_AGE_MS_MAX: i64 = 300_000;

const UNKNOWN_KEY_PAUSE_MS: i64 = 60_000;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Gives the first secret once, then the second, and counts.
    struct Rotating(Arc<AtomicUsize>);

    impl KeySource for Rotating {
        fn fetch(
            &self,
        ) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
            let read = self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                match read {
                    0 => SigningKeys::from_json(&secret("one", &["one"])),
                    1 => Err(KeyError::Unreadable("out of order".into())),
                    _ => SigningKeys::from_json(&secret("two", &["one", "two"])),
                }
            })
        }
    }

    fn secret(current: &str, ids: &[&str]) -> String {
        let keys: BTreeMap<&str, String> =
            ids.iter().map(|id| (*id, STANDARD.encode([7; 32]))).collect();
        serde_json::json!({ "current": current, "keys": keys }).to_string()
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_millis(1_795_352_700_000 + seconds * 1000)
    }

    #[tokio::test]
    async fn an_unknown_key_id_is_looked_up_at_most_once_a_minute() {
        let reads = Arc::new(AtomicUsize::new(0));
        let ring = KeyRing::new(Rotating(Arc::clone(&reads)));
        for second in 0..60 {
            assert!(ring.keys_for("two", at(second)).await.unwrap().get("two").is_none());
        }
        assert_eq!(reads.load(Ordering::SeqCst), 1);
        // The second reading fails: what is known stays, and the pause begins again.
        assert!(ring.keys_for("two", at(60)).await.unwrap().get("one").is_some());
        assert!(ring.keys_for("two", at(119)).await.unwrap().get("two").is_none());
        assert_eq!(reads.load(Ordering::SeqCst), 2);
        assert!(ring.keys_for("two", at(120)).await.unwrap().get("two").is_some());
        assert_eq!(ring.keys(at(121)).await.unwrap().current().0, "two");
        assert_eq!(reads.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn keys_are_read_again_after_five_minutes() {
        let reads = Arc::new(AtomicUsize::new(0));
        let ring = KeyRing::new(Rotating(Arc::clone(&reads)));
        for second in [0, 299] {
            ring.keys(at(second)).await.unwrap();
        }
        assert_eq!(reads.load(Ordering::SeqCst), 1);
        ring.keys(at(300)).await.unwrap();
        assert_eq!(reads.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_secret_that_holds_no_keys_is_refused_without_being_repeated() {
        let short = serde_json::json!({"current": "a", "keys": {"a": STANDARD.encode([7; 31])}});
        for text in ["", "{}", "clave", r#"{"current":"a","keys":{}}"#, &short.to_string()] {
            let error = SigningKeys::from_json(text).unwrap_err();
            assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
        }
        let keys = SigningKeys::from_json(&secret("a", &["a"])).unwrap();
        assert_eq!(format!("{keys:?}"), "SigningKeys { current: \"a\", keys: [\"a\"], .. }");
    }
}
