//! The running stack, as something that can be killed: as a whole, or a function's process alone.
//!
//! The process `local` is pump, edge and store at once; each function is a child of its own. All of
//! them die with this test: `local` when its standard input ends, functions with `local`.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_tests::with_clocks;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::BusinessId;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::phone::http::exchange;
use crate::tally::{Tally, lock};

/// One copy of the whole system.
#[derive(Debug)]
pub(crate) struct Stack {
    child: Child,
    status: Value,
    settings: Settings,
    log: Arc<Mutex<File>>,
}

/// What it is started with, each time.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Data, status and log lie here.
    pub(crate) folder: PathBuf,
    /// Where functions look for DynamoDB.
    pub(crate) store: Option<String>,
    /// The order of the stream.
    pub(crate) stream_seed: Option<u64>,
    /// Each start gives each function a clock that is wrong by minutes, from these dice.
    pub(crate) clocks: Option<Arc<Mutex<Dice>>>,
    pub(crate) tally: Arc<Tally>,
}

impl Stack {
    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// What it said instead.
    pub(crate) fn start(settings: Settings) -> Result<Self, String> {
        let log = File::options().create(true).append(true).open(settings.folder.join("log"));
        let log = Arc::new(Mutex::new(log.expect("a log file")));
        let (child, status) = launch(&settings, &log)?;
        Ok(Self { child, status, settings, log })
    }

    /// Kills everything at once and starts it again on the same data.
    ///
    /// # Errors
    /// What it said instead of being ready.
    pub(crate) fn kill_and_restart(&mut self) -> Result<(), String> {
        self.kill();
        let (child, status) = launch(&self.settings, &self.log)?;
        (self.child, self.status) = (child, status);
        Ok(())
    }

    fn kill(&mut self) {
        self.child.kill().expect("the stack is our child");
        self.child.wait().expect("the stack is our child");
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills the function's process that `choose` takes out of all. Its name.
    pub(crate) fn kill_function(
        &self,
        choose: impl FnOnce(&[u32]) -> Option<u32>,
    ) -> Option<String> {
        let process = choose(&self.functions())?;
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
        let process = Pid::from_raw(i32::try_from(process).ok()?);
        kill(process, Signal::SIGKILL).ok()?;
        Some(name.trim().to_owned())
    }

    /// The processes of all functions.
    pub(crate) fn functions(&self) -> Vec<u32> {
        let parent = self.child.id().to_string();
        let all = std::fs::read_dir("/proc").expect("Linux").flatten();
        let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        ids.filter(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            // `pid (name) state parent …`; a name may hold anything.
            let after = stat.rsplit_once(')').map(|(_, after)| after).unwrap_or_default();
            after.split_whitespace().nth(1) == Some(&parent)
        })
        .collect()
    }

    /// Its own process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// No file of the stack may grow past what the store's log has now, as on a full disk; or it
    /// may again.
    pub(crate) fn fill_disk(&self, full: bool) {
        let size = if full { self.largest_file().to_string() } else { "unlimited".to_owned() };
        let process = self.child.id().to_string();
        let done = Command::new("prlimit")
            .args(["--pid", &process, &format!("--fsize={size}:unlimited")])
            .stderr(Stdio::null())
            .status();
        // It may have been killed in this moment; but the program itself must be there.
        done.map(|_| ()).expect("prlimit belongs to every Debian");
    }

    fn largest_file(&self) -> u64 {
        let data = self.settings.folder.join("data");
        let files = std::fs::read_dir(data).expect("the data folder").flatten();
        files.filter_map(|file| Some(file.metadata().ok()?.len())).max().unwrap_or(0)
    }

    /// What runs where.
    pub(crate) fn at(&self, what: &str) -> &str {
        self.status[what].as_str().expect("the status says it")
    }

    /// Runs an operators' command on it; its JSON, and whether all was well.
    pub(crate) fn admin(&self, arguments: &[&str]) -> (Value, bool) {
        let status = self.settings.folder.join("status.json");
        let output = Command::new(bin_dir().join("admin"))
            .args(["--json", "--status-file"])
            .arg(status)
            .args(arguments)
            .output()
            .expect("the operators' commands are built");
        let text = String::from_utf8_lossy(&output.stdout);
        let said = serde_json::from_str(&text).unwrap_or_else(|_| {
            let failed = String::from_utf8_lossy(&output.stderr);
            Value::String(format!("{text}{failed}"))
        });
        (said, output.status.success())
    }

    /// Where its data, log and status lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.settings.folder
    }

    /// The head of a business's feed, as a cursor; `None` while the store does not say it.
    pub(crate) fn head(&self, business: &BusinessId) -> Option<String> {
        let body = json!({"TableName": self.status["tables"]["ChangesTable"],
            "ConsistentRead": true,
            "Key": {"business": {"S": business}, "change": {"S": "head"}}});
        let headers = [
            ("x-amz-target", "DynamoDB_20120810.GetItem"),
            ("authorization", AUTHORIZATION),
            ("x-amz-date", "20260101T000000Z"),
        ];
        let answer = exchange("POST", self.at("dynamodb"), &headers, Some(&body.to_string()));
        let answer: Value = serde_json::from_str(&answer.ok()?.body).ok()?;
        let part = |name: &str| answer["Item"][name]["N"].as_str().map(str::to_owned);
        Some(format!("{}.{}", part("epoch")?, part("number")?))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn launch(settings: &Settings, log: &Arc<Mutex<File>>) -> Result<(Child, Value), String> {
    let folder = &settings.folder;
    let status_file = folder.join("status.json");
    std::fs::remove_file(&status_file).ok();
    // A write past the limit of a file's size shall fail, as on a full disk, and not kill.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(bin_dir().join("local"));
    command.args(["run", "--port", "0", "--stop-with-stdin"]);
    command.arg("--template").arg(repository().join("template.yaml"));
    command.arg("--bin-dir").arg(binaries(settings));
    command.arg("--status-file").arg(&status_file);
    command.arg("--data").arg(folder.join("data"));
    if let Some(seed) = settings.stream_seed {
        command.args(["--stream-chaos", &seed.to_string()]);
    }
    if let Some(url) = &settings.store {
        command.args(["--dynamodb-endpoint", url]);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{error}; run `cargo xtask test`"))?;
    keep_log(child.stdout.take().expect("it is piped"), log, &settings.tally);
    keep_log(child.stderr.take().expect("it is piped"), log, &settings.tally);
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let status = std::fs::read_to_string(&status_file).ok();
        if let Some(status) = status.and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok((child, status));
        }
        let gone = child.try_wait().expect("the stack is our child");
        if gone.is_some() || Instant::now() > deadline {
            child.kill().ok();
            return Err(format!("the stack is not ready ({gone:?})"));
        }
        std::thread::sleep(POLL_EVERY);
    }
}

/// Its log passes through us, so that a full disk of the stack's does not hide what it says.
fn keep_log(said: impl Read + Send + 'static, log: &Arc<Mutex<File>>, tally: &Arc<Tally>) {
    let lines = BufReader::new(said);
    let (log, tally) = (Arc::clone(log), Arc::clone(tally));
    std::thread::spawn(move || {
        for line in lines.split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if line.contains("panicked at") || line.contains("a thread had panicked") {
                tally.found(format!("panic: {line}"));
            }
            writeln!(lock(&log), "{line}").ok();
        }
    });
}

/// The functions' binaries, by way of scripts that set their clocks where they shall be wrong.
fn binaries(settings: &Settings) -> PathBuf {
    let Some(dice) = &settings.clocks else { return bin_dir() };
    let offset = |name: &str| {
        let minutes = if FUNCTIONS.contains(&name) { lock(dice).between(0, 20) } else { 10 };
        match minutes.cmp(&10) {
            Ordering::Less => format!("-{}m", 10 - minutes),
            Ordering::Equal => "+0".to_owned(),
            Ordering::Greater => format!("+{}m", minutes - 10),
        }
    };
    let scripts = with_clocks(&settings.folder, offset);
    settings.tally.count(match scripts {
        Some(_) => "fault clocks wrong by up to ten minutes",
        None => "no fault of clocks: libfaketime is not installed",
    });
    scripts.unwrap_or_else(bin_dir)
}

fn bin_dir() -> PathBuf {
    std::env::var_os("AVILEO_BIN_DIR")
        .map_or_else(|| repository().join("target/debug"), PathBuf::from)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The form of a signature; nobody checks it on one machine.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=test/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date;x-amz-target, Signature=0";
/// Those whose clocks may be wrong.
const FUNCTIONS: &[&str] = &["auth", "crud", "record-changes", "sync-batch", "sync-changes"];
const READY_WITHIN: Duration = Duration::from_mins(1);
const POLL_EVERY: Duration = Duration::from_millis(20);
