//! Which copy of the system is meant: the stack that runs on this machine, or a deployed stage.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use store::dynamodb::{ATTEMPTS_DEFAULT, DynamoTables, RealSurroundings, Settings, TableNames};

use crate::cli::{PlaceArguments, Stage};
use crate::problem::Problem;
use crate::secret::Secret;

/// A copy of the system.
pub(crate) struct Place {
    pub(crate) tables: DynamoTables,
    pub(crate) clock: RealSurroundings,
    secret: Option<Secret>,
    control: Option<Control>,
}

/// Where the local stack takes events for its functions.
pub(crate) struct Control {
    pub(crate) url: String,
    pub(crate) functions: Vec<String>,
}

/// What the local stack answered.
pub(crate) struct Answer {
    pub(crate) body: String,
    /// The stack, or the function that was called, says that it failed.
    pub(crate) has_failed: bool,
}

impl Control {
    /// Sends `body` to `path`.
    ///
    /// # Errors
    /// When the stack does not answer.
    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Result<Answer, Problem> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build()
            .into();
        let failed = |error: ureq::Error| Problem::System(format!("the local stack: {error}"));
        let mut response = agent.post(format!("{}{path}", self.url)).send(body).map_err(failed)?;
        let has_failed =
            response.headers().contains_key("x-amz-function-error") || response.status() != 200;
        Ok(Answer { body: response.body_mut().read_to_string().map_err(failed)?, has_failed })
    }
}

/// The local stack's status file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    pid: u32,
    dynamodb: String,
    secrets_manager: String,
    control: String,
    tables: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    functions: Vec<String>,
}

impl Place {
    /// Finds it.
    pub(crate) fn find(wanted: &PlaceArguments) -> Result<Self, Problem> {
        match wanted.stage {
            Some(stage) => Self::deployed(stage),
            None => Ok(Self::local(local_status(wanted)?)),
        }
    }

    /// Its signing keys.
    pub(crate) fn secret(&self) -> Result<&Secret, Problem> {
        let missing = || Problem::Secret("SIGNING_KEYS_SECRET is not set".into());
        self.secret.as_ref().ok_or_else(missing)
    }

    /// Where events are sent; only the local stack takes them from here.
    pub(crate) fn control(&self) -> Result<&Control, Problem> {
        let refused = || Problem::Refused("only functions of the local stack are invoked".into());
        self.control.as_ref().ok_or_else(refused)
    }

    /// Whether this is the stack on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.control.is_some()
    }

    fn local(status: Status) -> Self {
        let name = |id: &str| status.tables.get(id).cloned();
        let settings = Settings {
            region: "us-east-1".into(),
            endpoint: Some(status.dynamodb),
            attempts: ATTEMPTS_DEFAULT,
            access_key_id: "local".into(),
            secret_access_key: "local".into(),
            session_token: None,
            names: TableNames {
                records: name("RecordsTable"),
                operations: name("OperationsTable"),
                changes: name("ChangesTable"),
                accounts: name("AccountsTable"),
            },
        };
        let arn = status.secrets.get("SigningKeysSecret");
        let secret = arn.map(|arn| Secret::new(&settings, Some(&status.secrets_manager), arn));
        let control = Some(Control { url: status.control, functions: status.functions });
        Self { tables: DynamoTables::new(settings), clock: RealSurroundings, secret, control }
    }

    fn deployed(stage: Stage) -> Result<Self, Problem> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (stage_name, stack) = match stage {
            Stage::Dev => ("dev", "avileo-dev"),
            Stage::Prod => ("prod", "avileo-prod"),
        };
        let failed = |reason: String| Problem::Stage { stage: stage_name, reason };
        let settings = Settings::from_variables(variable).map_err(|error| {
            failed(format!("{error}; `cargo xtask admin help` says what must be set"))
        })?;
        let names = &settings.names;
        let tables = [
            ("RECORDS_TABLE", &names.records),
            ("OPERATIONS_TABLE", &names.operations),
            ("CHANGES_TABLE", &names.changes),
            ("ACCOUNTS_TABLE", &names.accounts),
        ];
        for (variable, name) in tables {
            let name = name.as_ref().ok_or_else(|| {
                failed(format!("{variable} is not set: take it from the stack's outputs"))
            })?;
            // CloudFormation names a table after its stack: no mixing of stages by mistake.
            if !name.starts_with(&format!("{stack}-")) {
                return Err(failed(format!("{variable} is {name}, no table of stack {stack}")));
            }
        }
        let secret = variable("SIGNING_KEYS_SECRET");
        let endpoint = variable("AWS_ENDPOINT_URL_SECRETS_MANAGER");
        let secret = secret.map(|arn| Secret::new(&settings, endpoint.as_deref(), &arn));
        let tables = DynamoTables::new(settings);
        Ok(Self { tables, clock: RealSurroundings, secret, control: None })
    }
}

fn local_status(wanted: &PlaceArguments) -> Result<Status, Problem> {
    let file = match (&wanted.status_file, &wanted.data) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => folder.join(STATUS_FILE),
        (None, None) => return the_running_one(),
    };
    running(&file)?
        .ok_or_else(|| Problem::NotRunning(format!("{} is absent or old", file.display())))
}

/// The stack on the usual data folder, else the only one that keeps its data in memory.
fn the_running_one() -> Result<Status, Problem> {
    let usual = usual_folder().map(|folder| folder.join(STATUS_FILE));
    if let Some(status) = usual.as_deref().map(running).transpose()?.flatten() {
        return Ok(status);
    }
    let mut found = Vec::new();
    for parent in [PathBuf::from("/dev/shm"), std::env::temp_dir()] {
        let Ok(entries) = std::fs::read_dir(&parent) else { continue };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(MEMORY_PREFIX) {
                let file = entry.path().join(STATUS_FILE);
                found.extend(running(&file)?.map(|status| (file, status)));
            }
        }
    }
    if found.len() > 1 {
        let files = found.iter().map(|(file, _)| file.display().to_string());
        return Err(Problem::Several(files.collect::<Vec<_>>().join(" ")));
    }
    let looked = usual.map_or("HOME is not set".into(), |file| file.display().to_string());
    found.pop().map(|(_, status)| status).ok_or(Problem::NotRunning(looked))
}

/// What the file says, if the process that wrote it still runs.
fn running(file: &Path) -> Result<Option<Status>, Problem> {
    let Ok(text) = std::fs::read_to_string(file) else { return Ok(None) };
    let status: Status = protocol::json::from_str(&text)
        .map_err(|error| Problem::System(format!("{}: {error}", file.display())))?;
    Ok(Path::new("/proc").join(status.pid.to_string()).exists().then_some(status))
}

/// As the local stack chooses it.
fn usual_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    base.map(|base| base.join("avileo"))
}

const STATUS_FILE: &str = "status.json";

/// Past every function's own.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Of the folder of a stack that keeps its data in memory.
const MEMORY_PREFIX: &str = "avileo-local-";
