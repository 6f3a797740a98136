//! The environment of a function's process: Lambda's own variables, the template's, and where
//! this machine's services are. Nothing of the developer's environment leaks in.

use std::collections::BTreeMap;

use crate::template::{Function, REGION};

/// Where functions find services.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    /// DynamoDB, or a proxy in front of it.
    pub(crate) dynamodb: String,
    /// Secrets Manager.
    pub(crate) secrets: String,
}

/// The variables of `function`, but for the Runtime API's address.
pub(super) fn of(function: &Function, endpoints: &Endpoints) -> BTreeMap<String, String> {
    let memory_mb = function.memory_mb.to_string();
    let usual_group = format!("/aws/lambda/{}", function.name);
    let log_group = function.log_group.as_ref().unwrap_or(&usual_group);
    let own = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("_HANDLER", "bootstrap"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        // Says in the store's sight whose call it is, as a role of its own does on AWS.
        ("AWS_ACCESS_KEY_ID", &function.id),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory_mb),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &endpoints.dynamodb),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &endpoints.secrets),
    ];
    let mut environment: BTreeMap<String, String> =
        own.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let logging = [
        ("AWS_LAMBDA_LOG_FORMAT", &function.log_format),
        ("AWS_LAMBDA_LOG_LEVEL", &function.log_level),
    ];
    for (name, value) in logging {
        if let Some(value) = value {
            environment.insert(name.into(), value.clone());
        }
    }
    environment.extend(function.environment.clone());
    environment
}
