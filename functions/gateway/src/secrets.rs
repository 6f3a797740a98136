//! Signing keys from AWS Secrets Manager.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::{KeyError, KeySource, SettingError, SigningKeys, optional_setting, required_setting};

/// The secret that `SIGNING_KEYS_SECRET` names.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    secret: String,
}

impl SecretsManager {
    /// As the environment says: `SIGNING_KEYS_SECRET`, the standard `AWS_*` variables, and
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER` where it is not AWS itself.
    ///
    /// # Errors
    /// [`SettingError`] if one is missing.
    pub fn from_environment() -> Result<Self, SettingError> {
        let secret = required_setting("SIGNING_KEYS_SECRET")?;
        let credentials = Credentials::new(
            required_setting("AWS_ACCESS_KEY_ID")?,
            required_setting("AWS_SECRET_ACCESS_KEY")?,
            optional_setting("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(required_setting("AWS_REGION")?))
            .credentials_provider(credentials)
            .timeout_config(timeouts)
            .http_client(
                Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
            );
        if let Some(endpoint) = optional_setting("AWS_ENDPOINT_URL_SECRETS_MANAGER") {
            config = config.endpoint_url(endpoint);
        }
        Ok(Self { client: Client::from_conf(config.build()), secret })
    }

    async fn read(&self) -> Result<SigningKeys, KeyError> {
        let answer = self.client.get_secret_value().secret_id(&self.secret).send().await;
        let answer = answer
            .map_err(|error| KeyError::Unreadable(DisplayErrorContext(&error).to_string()))?;
        let text = answer.secret_string().ok_or(KeyError::Malformed("the secret is no text"))?;
        SigningKeys::from_json(text)
    }
}

impl KeySource for SecretsManager {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<SigningKeys, KeyError>> + Send + '_>> {
        Box::pin(self.read())
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
