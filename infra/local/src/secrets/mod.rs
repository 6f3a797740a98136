//! A stand-in for Secrets Manager: `GetSecretValue` and `PutSecretValue` over AWS JSON 1.1 for the
//! template's secrets.
//!
//! A secret's value is made of the system's randomness at the first start and kept with the data,
//! readable by its owner only. Its form is the one that every function reads:
//! `{"current":"<kid>","keys":{"<kid>":"<base64 of 32 random bytes>"}}`.

mod keys;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};

pub(crate) use keys::SigningKeys;

use crate::template::Secret;

/// The values of all secrets.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    folder: PathBuf,
    values: Arc<RwLock<BTreeMap<String, Held>>>,
}

#[derive(Clone)]
struct Held {
    secret: Secret,
    value: String,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("secret", &self.secret).finish_non_exhaustive()
    }
}

/// Why a secret cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// Its file cannot be read or written.
    #[error("the secret {name}: {source}")]
    File {
        /// Its name.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    /// Its value is no set of keys.
    #[error("the secret {0} is no set of signing keys")]
    NoKeys(String),
}

impl Secrets {
    /// Reads the secrets from `folder`, making those that are not there.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written.
    pub(crate) fn open<'a>(
        folder: &Path,
        secrets: impl Iterator<Item = (&'a String, &'a Secret)>,
    ) -> Result<Self, SecretError> {
        let mut values = BTreeMap::new();
        for (id, secret) in secrets {
            let value = read_or_make(folder, &secret.name)?;
            values.insert(id.clone(), Held { secret: secret.clone(), value });
        }
        Ok(Self { folder: folder.into(), values: Arc::new(RwLock::new(values)) })
    }

    /// The signing keys in the secret that functions find under `name_or_arn`.
    ///
    /// # Errors
    ///
    /// When there is no such secret or it holds no keys.
    pub(crate) fn signing_keys(&self, name_or_arn: &str) -> Result<SigningKeys, SecretError> {
        self.find(name_or_arn)
            .and_then(|held| SigningKeys::parse(&held.value))
            .ok_or_else(|| SecretError::NoKeys(name_or_arn.into()))
    }

    /// Serves both calls until the task is aborted.
    pub(crate) async fn serve(self, listener: tokio::net::TcpListener) {
        let routes = Router::new().route("/", post(answer)).with_state(self);
        if let Err(error) = axum::serve(listener, routes).await {
            crate::console::line(&format!("secrets: {error}"));
        }
    }

    fn find(&self, name_or_arn: &str) -> Option<Held> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values.values().find(|held| held.is(name_or_arn)).cloned()
    }

    /// Keeps a new value, on disk first.
    fn replace(&self, name_or_arn: &str, value: &str) -> Option<Result<(), SecretError>> {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let held = values.values_mut().find(|held| held.is(name_or_arn))?;
        let kept = keep(&self.folder, &held.secret.name, value);
        if kept.is_ok() {
            held.value = value.into();
        }
        Some(kept)
    }
}

impl Held {
    fn is(&self, name_or_arn: &str) -> bool {
        self.secret.name == name_or_arn || self.secret.arn == name_or_arn
    }
}

async fn answer(State(secrets): State<Secrets>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let is_put = match target {
        Some("secretsmanager.GetSecretValue") => false,
        Some("secretsmanager.PutSecretValue") => true,
        _ => {
            let message = "only GetSecretValue and PutSecretValue are served here";
            return refusal("UnknownOperationException", message);
        }
    };
    let Ok(request) = protocol::json::from_slice::<Value>(&body) else {
        return refusal("SerializationException", "the body is no JSON");
    };
    let id = request["SecretId"].as_str().unwrap_or_default();
    if is_put {
        let Some(value) = request["SecretString"].as_str() else {
            return refusal("InvalidParameterException", "SecretString is missing");
        };
        if let Some(Err(error)) = secrets.replace(id, value) {
            return refusal("InternalServiceError", &error.to_string());
        }
    }
    let Some(held) = secrets.find(id) else {
        return refusal(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        );
    };
    let mut body = json!({
        "ARN": held.secret.arn,
        "Name": held.secret.name,
        "VersionId": "00000000-0000-0000-0000-000000000001",
        "VersionStages": ["AWSCURRENT"],
    });
    if !is_put {
        body["SecretString"] = held.value.into();
    }
    ([("content-type", JSON_1_1)], body.to_string()).into_response()
}

fn refusal(kind: &str, message: &str) -> Response {
    let body = json!({"__type": kind, "Message": message});
    (StatusCode::BAD_REQUEST, [("content-type", JSON_1_1)], body.to_string()).into_response()
}

fn read_or_make(folder: &Path, name: &str) -> Result<String, SecretError> {
    let failed = |source| SecretError::File { name: name.into(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(value) => return Ok(value),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let value = keys::new_value()?;
    keep(folder, name, &value)?;
    Ok(value)
}

/// Whole or not at all, also when this process is killed here: a half secret would stay.
fn keep(folder: &Path, name: &str, value: &str) -> Result<(), SecretError> {
    let failed = |source| SecretError::File { name: name.into(), source };
    let draft = folder.join(format!("{name}.new"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&draft).map_err(failed)?;
    file.write_all(value.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&draft, folder.join(name)).map_err(failed)
}

const JSON_1_1: &str = "application/x-amz-json-1.1";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = read_or_make(folder.path(), "keys").unwrap();
        assert_eq!(read_or_make(folder.path(), "keys").unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(read_or_make(other.path(), "keys").unwrap(), first);
        let mode = folder.path().join("keys").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(SigningKeys::parse(&first).is_some());
    }
}
