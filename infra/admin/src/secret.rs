//! The secret with the signing keys, in Secrets Manager or the local stack's stand-in.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use store::dynamodb::Settings;

use crate::problem::Problem;

/// A secret.
pub(crate) struct Secret {
    client: Client,
    id: String,
}

impl Secret {
    /// The secret called `id`, by the credentials of `settings`.
    pub(crate) fn new(settings: &Settings, endpoint: Option<&str>, id: &str) -> Self {
        let credentials = Credentials::new(
            settings.access_key_id.clone(),
            settings.secret_access_key.clone(),
            settings.session_token.clone(),
            None,
            "environment",
        );
        let tls = Provider::Rustls(CryptoMode::Ring);
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .http_client(Builder::new().tls_provider(tls).build_https());
        config.set_endpoint_url(endpoint.map(str::to_owned));
        Self { client: Client::from_conf(config.build()), id: id.to_owned() }
    }

    /// Its value; `None` while it has none.
    pub(crate) async fn read(&self) -> Result<Option<String>, Problem> {
        match self.client.get_secret_value().secret_id(&self.id).send().await {
            Ok(answer) => Ok(answer.secret_string),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(Problem::Secret(DisplayErrorContext(&error).to_string())),
        }
    }

    /// Gives it a new value.
    pub(crate) async fn write(&self, value: &str) -> Result<(), Problem> {
        let sent = self.client.put_secret_value().secret_id(&self.id).secret_string(value);
        let failed = |error| Problem::Secret(format!("{}", DisplayErrorContext(&error)));
        sent.send().await.map(drop).map_err(failed)
    }
}
