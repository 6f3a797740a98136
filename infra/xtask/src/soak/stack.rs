//! A local stack for a suite, and the environment that a function finds beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::run;
use crate::workspace::Workspace;

/// It runs, on release binaries, with its data in memory; stops when dropped.
pub(super) struct LocalStack {
    child: Child,
    status: Value,
}

impl LocalStack {
    /// Builds what is missing and waits until it is ready.
    pub(super) fn start(workspace: &Workspace, folder: &BuildFolder) -> Result<Self, Problem> {
        run(folder.cargo().args(["build", "--quiet", "--package", "local", "--bins"]))?;
        super::sizes::build(workspace, folder)?;
        let file = workspace.target.join("soak-status.json");
        // One that is left of an earlier run would be taken for this one's.
        fs::remove_file(&file).unwrap_or_default();
        let log = workspace.target.join("soak-local.log");
        let log = fs::File::create(&log).map_err(Problem::file(&log))?;
        let mut command = Command::new(workspace.binary_folder().join("local"));
        command.args(["run", "--memory", "--port", "0", "--stop-with-stdin", "--template"]);
        command.arg(workspace.root.join("template.yaml"));
        command.arg("--bin-dir").arg(release(workspace)).arg("--status-file").arg(&file);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().map_err(Problem::file(Path::new("local")))?;
        let mut stack = Self { child, status: Value::Null };
        let deadline = Instant::now() + READY_WITHIN;
        while stack.status.is_null() {
            if let Ok(text) = fs::read_to_string(&file) {
                stack.status = serde_json::from_str(&text)
                    .map_err(|error| Problem::Answer(format!("the stack's status: {error}")))?;
            } else if Instant::now() > deadline || !matches!(stack.child.try_wait(), Ok(None)) {
                return Err(Problem::Missing("the local stack does not start".to_owned()));
            }
            std::thread::sleep(POLL_EVERY);
        }
        Ok(stack)
    }

    /// What the template gives to functions, and where this machine's services are.
    pub(super) fn environment(&self, function: &str) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tables = &self.status["tables"];
        let pairs = [
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", text(&self.status["dynamodb"])),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", text(&self.status["secretsManager"])),
            ("RECORDS_TABLE", text(&tables["RecordsTable"])),
            ("OPERATIONS_TABLE", text(&tables["OperationsTable"])),
            ("CHANGES_TABLE", text(&tables["ChangesTable"])),
            ("ACCOUNTS_TABLE", text(&tables["AccountsTable"])),
            ("SIGNING_KEYS_SECRET", text(&self.status["secrets"]["SigningKeysSecret"])),
            ("ORIGIN_KEYS", "local".to_owned()),
            ("STAGE", "dev".to_owned()),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        // Its standard input ends: it stops its children and itself.
        drop(self.child.stdin.take());
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// Where the functions' release binaries are.
pub(super) fn release(workspace: &Workspace) -> std::path::PathBuf {
    workspace.target.join("release")
}

const READY_WITHIN: Duration = Duration::from_mins(1);
const POLL_EVERY: Duration = Duration::from_millis(20);
