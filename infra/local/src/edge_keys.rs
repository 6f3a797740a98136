//! What a deployment does with the signing keys: it copies them from the secret to the edge.
//!
//! Done at the start, and from then on when it is asked for, as on AWS: a rotation that uses a key
//! before it is published there, or takes one away too early, fails here as it would there.

use crate::front::{EntryTooLong, KeyStore, Published};
use crate::secrets::{SecretError, Secrets};

/// The secret and the edge's store.
#[derive(Debug)]
pub(crate) struct EdgeKeys {
    secrets: Secrets,
    secret: String,
    store: KeyStore,
}

/// Why the edge does not get the keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EdgeKeysError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    TooLong(#[from] EntryTooLong),
}

impl EdgeKeys {
    /// A store that has what the secret called `secret` holds now.
    ///
    /// # Errors
    ///
    /// [`EdgeKeysError`].
    pub(crate) fn new(secrets: Secrets, secret: &str) -> Result<Self, EdgeKeysError> {
        let store = KeyStore::holding(&secrets.signing_keys(secret)?)?;
        Ok(Self { secrets, secret: secret.into(), store })
    }

    /// What the edge's functions read.
    pub(crate) fn store(&self) -> &KeyStore {
        &self.store
    }

    /// Makes the edge's keys equal to the secret's.
    ///
    /// # Errors
    ///
    /// [`EdgeKeysError`]; the edge keeps what it has.
    pub(crate) fn publish(&self) -> Result<Published, EdgeKeysError> {
        Ok(self.store.publish(&self.secrets.signing_keys(&self.secret)?)?)
    }
}
