//! Every sample event, given to its function's release binary by AWS's own runtime interface
//! emulator, the one that `sam local` runs in its containers.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stack::{LocalStack, release};
use crate::build_folder::BuildFolder;
use crate::check::sam_tools;
use crate::problem::{Problem, none_found};
use crate::process::{output, say};
use crate::workspace::Workspace;

/// An event's file, its function, and what its answer says.
pub(super) const EVENTS: &[(&str, &str, &str)] = &[
    ("auth-login", "auth", "\"statusCode\":401"),
    ("crud-health", "crud", "\"statusCode\":200"),
    ("record-changes-repair", "record-changes", "repaired"),
    ("record-changes-stream", "record-changes", "batchItemFailures"),
    ("sync-batch", "sync-batch", "\"statusCode\":401"),
    // No edge has told it whose feed is asked for.
    ("sync-changes", "sync-changes", "tenant_mismatch"),
];

/// Gives each its event.
pub(super) fn run(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let emulator = find(&sam_tools()?)?;
    let stack = LocalStack::start(workspace, folder)?;
    let events = workspace.root.join("tests/lambda/events");
    let mut findings = unlisted(&events)?;
    for (event, function, expected) in EVENTS {
        let binary = release(workspace).join(function);
        let event_file = events.join(format!("{event}.json"));
        let answer = invoke(&emulator, &binary, &stack, function, &event_file)?;
        let is_right = answer.contains(expected) && !answer.contains("errorType");
        say(&format!("{function} under the emulator: {event}: {}", first_characters(&answer)));
        if !is_right {
            findings.push(format!("{event}: {expected} was expected, not {answer}"));
        }
    }
    none_found(findings)
}

/// A new emulator for each call: it takes one at a time and is none the worse for a fresh start.
fn invoke(
    emulator: &Path,
    binary: &Path,
    stack: &LocalStack,
    function: &str,
    event: &Path,
) -> Result<String, Problem> {
    let (own, runtime) = (free_port()?, free_port()?);
    let mut command = Command::new(emulator);
    command.args(["--log-level", "error", "--runtime-interface-emulator-address"]);
    command.args([format!("127.0.0.1:{own}"), "--runtime-api-address".to_owned()]);
    command.args([format!("127.0.0.1:{runtime}")]).arg(binary);
    command.env_clear().envs(stack.environment(function));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().map_err(Problem::file(emulator))?;
    let _running = Running(child);
    let deadline = Instant::now() + READY_WITHIN;
    while TcpStream::connect(("127.0.0.1", own)).is_err() {
        if Instant::now() > deadline {
            return Err(Problem::Missing("the emulator does not start".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let url = format!("http://127.0.0.1:{own}/2015-03-31/functions/function/invocations");
    let body = format!("@{}", event.display());
    output(Command::new("curl").args(["-sS", "--max-time", "30", "--data-binary", &body, &url]))
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().unwrap_or_default();
        self.0.wait().map(drop).unwrap_or_default();
    }
}

fn unlisted(events: &Path) -> Result<Vec<String>, Problem> {
    let mut findings = Vec::new();
    for entry in fs::read_dir(events).map_err(Problem::file(events))? {
        let path = entry.map_err(Problem::file(events))?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if EVENTS.iter().all(|(event, ..)| *event != name) {
            findings.push(format!("{name}: no function is named for this event"));
        }
    }
    Ok(findings)
}

/// In the SAM wheel, beside the folder of its programs.
fn find(tools: &Path) -> Result<PathBuf, Problem> {
    let libraries = tools.join("../lib");
    for entry in fs::read_dir(&libraries).map_err(Problem::file(&libraries))? {
        let python = entry.map_err(Problem::file(&libraries))?.path();
        let emulator = python.join("site-packages/samcli/local/rapid/aws-lambda-rie-x86_64");
        if emulator.is_file() {
            return Ok(emulator);
        }
    }
    Err(Problem::Missing("the SAM wheel has no emulator for this processor".to_owned()))
}

fn free_port() -> Result<u16, Problem> {
    let bound = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).map_err(Problem::file(Path::new("127.0.0.1")))
}

fn first_characters(text: &str) -> String {
    text.trim().chars().take(100).collect()
}

const READY_WITHIN: Duration = Duration::from_secs(20);
