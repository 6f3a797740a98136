//! The gate: checks and signs access tokens.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::Instant;

use crate::request_line::note_claims;
use crate::{
    ApiError, Claims, ClientVersion, KeyRing, KeySource, OriginKeys, SecretsManager, SettingError,
    TokenError, optional_setting, token,
};

/// Tells the present moment.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// Checks and signs access tokens; cheap to clone, one per process.
#[derive(Clone)]
pub struct Gate {
    keys: Arc<KeyRing>,
    clock: Clock,
    client_minimum: Option<ClientVersion>,
    origin_keys: Option<Arc<OriginKeys>>,
}

impl Gate {
    /// A gate with keys from `source` and the time from `clock`.
    pub fn new(source: impl KeySource + 'static, clock: Clock) -> Self {
        Self {
            keys: Arc::new(KeyRing::new(source)),
            clock,
            client_minimum: None,
            origin_keys: None,
        }
    }

    /// The gate that the environment describes: [`SecretsManager::from_environment`],
    /// [`OriginKeys::from_environment`], and in
    /// `CLIENT_MINIMUM` the oldest app that is still understood (absent: any).
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn from_environment() -> Result<Self, SettingError> {
        let gate = Self::new(SecretsManager::from_environment()?, machine_clock())
            .with_origin_keys(OriginKeys::from_environment()?);
        let Some(text) = optional_setting("CLIENT_MINIMUM") else { return Ok(gate) };
        let minimum = text.parse().map_err(|_| SettingError::Malformed {
            name: "CLIENT_MINIMUM",
            expected: "version like 2.11.0",
        })?;
        Ok(gate.with_client_minimum(minimum))
    }

    /// Refuses apps older than `minimum` with `client_too_old`.
    #[must_use]
    pub fn with_client_minimum(mut self, minimum: ClientVersion) -> Self {
        self.client_minimum = Some(minimum);
        self
    }

    /// Refuses requests that do not come from the edge with `forbidden`.
    #[must_use]
    pub fn with_origin_keys(mut self, keys: OriginKeys) -> Self {
        self.origin_keys = Some(Arc::new(keys));
        self
    }

    /// What the edge may show; nothing where anyone may ask, as in a test.
    pub(crate) fn origin_keys(&self) -> Option<Arc<OriginKeys>> {
        self.origin_keys.clone()
    }

    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    /// The oldest app that is still understood.
    pub fn client_minimum(&self) -> Option<ClientVersion> {
        self.client_minimum
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// What `token` says, if it is one of ours and its time is not over.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let key_id = token::key_id(token)?;
        let now = self.now();
        let keys = self.keys.keys_for(&key_id, now).await.map_err(TokenError::KeysUnavailable)?;
        let key = keys.get(&key_id).ok_or(TokenError::Invalid)?;
        let claims = token::verify(token, key, now)?;
        note_claims(&claims);
        Ok(claims)
    }

    /// Signs `claims` with the current key.
    ///
    /// # Errors
    /// `unavailable` if the keys cannot be read.
    pub async fn sign(&self, claims: &Claims) -> Result<String, ApiError> {
        let keys = self.keys.keys(self.now()).await.map_err(ApiError::unavailable)?;
        let (key_id, key) = keys.current();
        token::sign(claims, key_id, key)
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("client_minimum", &self.client_minimum).finish_non_exhaustive()
    }
}

/// The machine's own clock.
pub fn machine_clock() -> Clock {
    Arc::new(|| {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    })
}
