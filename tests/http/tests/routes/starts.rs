//! The local stack itself: what keeps it from starting, how it starts again, how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use http_tests::{Phone, operation, until};
use serde_json::{Value, json};
use tempfile::TempDir;

/// `local run` of the real template on a free port of its own, with the output that a person sees.
fn local(arguments: &[&str]) -> Command {
    let mut command = Command::new(binaries().join("local"));
    command.args(["run", "--template"]).arg(repository().join("template.yaml"));
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn with_binaries(arguments: &[&str]) -> Command {
    let mut command = local(arguments);
    command.arg("--bin-dir").arg(binaries());
    command
}

fn binaries() -> PathBuf {
    let set = std::env::var_os("AVILEO_BIN_DIR");
    set.map_or_else(|| repository().join("target/debug"), PathBuf::from)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a command says that does not start: it ends by itself, with a failure and one clear line.
fn refusal(mut command: Command) -> String {
    let mut child = command.spawn().expect("the binary is there");
    let status = ended(&mut child);
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("a text");
    assert_eq!(status.code(), Some(1), "{said}");
    let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "one line says why: {said}");
    assert!(!said.contains("panicked"), "{said}");
    let mut output = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut output).expect("a text");
    assert!(!output.contains("ready"), "{output}");
    errors[0].to_owned()
}

fn ended(child: &mut Child) -> ExitStatus {
    until("the process ends", || child.try_wait().expect("our child"))
}

/// A stack as a person starts it: ready is what it prints.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().expect("the binary is there");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = lines.next().expect("a line").expect("a text");
        let url = line.strip_prefix("ready ").expect("ready and where").to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url }
    }

    /// The processes that it has started.
    fn children(&self) -> Vec<u32> {
        let parent = format!("PPid:\t{}", self.child.id());
        let mut children = Vec::new();
        for entry in fs::read_dir("/proc").expect("a Linux").flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
            let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            if status.lines().any(|line| line == parent) {
                children.push(pid);
            }
        }
        children
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().expect("kill is there");
        assert!(sent.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// It runs no more; a zombie that nobody has reaped does not run.
fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let said = refusal(with_binaries(&["--memory", "--port", &port]));
    assert!(said.contains(&format!("port {port} is in use")) && said.contains("--port"), "{said}");
}

#[test]
fn a_folder_that_cannot_hold_data_is_named() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "hola").expect("written");
    let below = file.join("data");
    for path in [file.as_path(), below.as_path(), Path::new("/proc/avileo"), Path::new("/dev/null")]
    {
        let path = path.display().to_string();
        let said = refusal(with_binaries(&["--port", "0", "--data", &path]));
        assert!(said.contains(&path) && said.contains("not writable"), "{said}");
    }
    let said =
        refusal(with_binaries(&["--port", "0", "--data", &folder.path().display().to_string()]));
    assert!(said.contains("other files"), "{said}");
    assert_eq!(fs::read_to_string(&file).expect("still there"), "hola");
    assert_eq!(fs::read_dir(folder.path()).expect("still there").count(), 1, "nothing was made");
}

#[test]
fn a_missing_binary_is_named() {
    let empty = TempDir::new().expect("a folder");
    let mut command = local(&["--memory", "--port", "0", "--bin-dir"]);
    command.arg(empty.path());
    let said = refusal(command);
    assert!(
        said.contains("Function") && said.contains(&empty.path().display().to_string()),
        "{said}"
    );
}

#[test]
fn a_second_start_is_ready_quickly_and_finds_everything() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data").display().to_string();
    let arguments = ["--port", "0", "--data", &data];
    let email = "ana@example.pe";
    let first = Running::start(with_binaries(&arguments));
    let body = json!({"businessName": "Avícola", "name": "Ana", "email": email, "password": "clave-segura"});
    post(&first.url, "/auth/register", &body);
    let ana = Phone::login(&first.url, email, "clave-segura");
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa"}));
    assert_eq!(ana.push_one(&insert)["status"], "applied");
    let said = refusal(with_binaries(&arguments));
    assert!(said.contains("in use by another running stack"), "{said}");
    let feed = ana.feed_of(1);
    first.signal("-INT");
    stopped(first);

    let begun = Instant::now();
    let second = Running::start(with_binaries(&arguments));
    assert!(begun.elapsed() < READY_AGAIN_WITHIN, "{:?}", begun.elapsed());
    let again = Phone::login(&second.url, email, "clave-segura");
    assert_eq!(again.feed(), feed);
    assert_eq!(again.push_one(&insert)["status"], "duplicate");
    second.signal("-TERM");
    stopped(second);

    let version = folder.path().join("data/version");
    let ours = fs::read_to_string(&version).expect("a version");
    fs::write(&version, "avileo-local 999\n").expect("written");
    let said = refusal(with_binaries(&arguments));
    assert!(said.contains("avileo-local 999") && said.contains(ours.trim()), "{said}");
    assert!(said.contains("--data"), "it says what to do: {said}");
}

/// Waits for the end of a stack that was told to stop; it ends well.
fn stopped(mut running: Running) {
    let status = ended(&mut running.child);
    assert!(status.success(), "{status}");
}

#[test]
fn a_stack_that_is_told_to_stop_leaves_no_process_behind() {
    for signal in ["-INT", "-TERM"] {
        let running = Running::start(with_binaries(&["--memory", "--port", "0"]));
        let children = running.children();
        assert!(children.len() >= 5, "a process for each function: {children:?}");
        assert!(children.iter().all(|pid| !is_gone(*pid)));
        running.signal(signal);
        stopped(running);
        for pid in children {
            until("a function's process is gone", || is_gone(pid).then_some(()));
        }
    }
}

fn post(url: &str, path: &str, body: &Value) {
    let answer = ureq::post(format!("{url}/api{path}"))
        .header("content-type", "application/json")
        .send(body.to_string().as_str())
        .expect("an answer");
    assert!(answer.status().is_success(), "{path}");
}

/// Seconds, on a machine whose processors are busy with other tests.
const READY_AGAIN_WITHIN: Duration = Duration::from_secs(15);
