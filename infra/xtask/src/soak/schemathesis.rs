//! Requests that schemathesis makes from the description that the running system serves: valid and
//! invalid ones, single and in sequences. The system must never fail by its own fault, and must
//! answer in the forms that the description promises.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::build_folder::BuildFolder;
use crate::machine;
use crate::problem::Problem;
use crate::process::{output, run as run_program, say};
use crate::python;
use crate::workspace::Workspace;

const TOOLS: &[&str] = &["schemathesis==4.32.5"];

/// The domain refuses more than a schema can say: a sale whose total is not its items', a day long
/// past, a reference to nobody. That a refusal has a documented status and form is checked.
const UNASKED: &str = "positive_data_acceptance";

/// Of each kind of request, for each route.
const EXAMPLES_MAX: &str = "100";

/// Of each phase; all of them together are done in about this time.
const SECONDS_MAX: &str = "600";

/// Builds, starts a system of its own with the demo business, and lets the tool loose on it.
pub(super) fn run(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    machine::need_program("curl", &["curl", "ca-certificates"])?;
    let tool = python::environment("schemathesis", TOOLS)?.join("schemathesis");
    let local = workspace
        .member("local")
        .ok_or_else(|| Problem::Missing("infra/local is missing".to_owned()))?;
    let mut build = folder.cargo();
    build.args(["build", "--bins"]);
    for package in workspace.functions().chain([local]) {
        build.args(["--package", &package.id]);
    }
    run_program(&mut build)?;
    let stack = Stack::start(workspace)?;
    let token = stack.token()?;
    // Its own notes go where nothing is kept.
    run_program(
        Command::new(tool)
            .current_dir(&stack.folder)
            .arg("--config-file")
            .arg(workspace.root.join("tests/http/schemathesis.toml"))
            .args(["run", &format!("{}/api/openapi.json", stack.url), "--no-color"])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            // All checks are the default; to name them here would overrule the file's exceptions.
            .args(["--exclude-checks", UNASKED, "--continue-on-failure"])
            .args(["--max-examples", EXAMPLES_MAX, "--max-time", SECONDS_MAX]),
    )
}

/// The system with its demo business, in memory; stops when dropped.
struct Stack {
    child: Child,
    folder: PathBuf,
    url: String,
}

impl Stack {
    fn start(workspace: &Workspace) -> Result<Self, Problem> {
        let folder = workspace.target.join("schemathesis");
        fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
        let status = folder.join("status.json");
        if status.exists() {
            fs::remove_file(&status).map_err(Problem::file(&status))?;
        }
        let log_path = folder.join("log");
        let log = fs::File::create(&log_path).map_err(Problem::file(&log_path))?;
        let binaries = workspace.binary_folder();
        let mut command = Command::new(binaries.join("local"));
        command
            .args(["run", "--port", "0", "--stop-with-stdin", "--memory", "--seed-demo"])
            .arg("--template")
            .arg(workspace.root.join("template.yaml"))
            .arg("--bin-dir")
            .arg(&binaries)
            .arg("--status-file")
            .arg(&status)
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(Stdio::inherit());
        let child = command.spawn().map_err(|source| Problem::Program {
            line: "local run".to_owned(),
            cause: format!("could not be run: {source}"),
        })?;
        let mut stack = Self { child, folder, url: String::new() };
        stack.url = url_in(&status, &log_path)?;
        Ok(stack)
    }

    /// The demo administrator's.
    fn token(&self) -> Result<String, Problem> {
        let login = json!({"email": "admin@avileo.demo", "password": "avileo-demo"});
        let answer = output(
            Command::new("curl")
                .args(["--silent", "--show-error", "--fail-with-body"])
                .args(["--header", "content-type: application/json"])
                .args(["--data", &login.to_string(), &format!("{}/api/auth/login", self.url)]),
        )?;
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        let token = answer["data"]["token"].as_str().map(str::to_owned);
        token.ok_or_else(|| Problem::Answer("the demo administrator got no token".to_owned()))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Its standard input ends, so it stops its functions and itself.
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait() {
            say(&format!("the local stack did not stop: {error}"));
        }
    }
}

/// Where it serves, once it does.
fn url_in(status: &Path, log: &Path) -> Result<String, Problem> {
    let deadline = Instant::now() + READY_WITHIN;
    while Instant::now() < deadline {
        let text = fs::read_to_string(status).unwrap_or_default();
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(url) = said["url"].as_str() {
            return Ok(url.to_owned());
        }
        sleep(POLL_EVERY);
    }
    Err(Problem::Answer(format!("the local stack is not ready: see {}", log.display())))
}

const READY_WITHIN: Duration = Duration::from_mins(2);
const POLL_EVERY: Duration = Duration::from_millis(100);
