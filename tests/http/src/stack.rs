//! A running stack, and the waiting for it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::second_store::SecondStore;
use crate::variant::{binaries, template};
use crate::{Phone, StoreProxy};

/// One copy of the whole system; stops when dropped.
#[derive(Debug)]
pub struct Stack {
    child: Child,
    status: Value,
    folder: TempDir,
    second_store: Option<SecondStore>,
}

/// What differs from the ordinary.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// Put the demo business in.
    pub seed_demo: bool,
    /// The last day of the demo business's week, instead of today.
    pub demo_day: Option<String>,
    /// Deliver stream records in an unkind order.
    pub stream_chaos: Option<u64>,
    /// Where functions look for DynamoDB.
    pub dynamodb_endpoint: Option<String>,
    /// How often the stream's batches are retried, instead of as often as the template says: so
    /// that a test need not wait for minutes until one is given up.
    pub stream_retries_max: Option<u32>,
    /// How many batches of the stream are on their way at once, instead of as many as the template
    /// says: with one, a batch that is refused holds up all others.
    pub stream_lanes: Option<u32>,
    /// Functions whose clock is wrong, by binary, and by how much (`-5h`). Needs [`faketime`](crate::faketime).
    pub clocks: BTreeMap<&'static str, &'static str>,
    /// Keep data in files of the stack's own folder, so that it can be started again.
    pub on_disk: bool,
}

impl Stack {
    /// The stack that tests share which harm no other; each makes a business of its own in it.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Stack> = LazyLock::new(|| Stack::start(&StackOptions::default()));
        &SHARED
    }

    /// Starts a stack and waits until it is ready.
    pub fn start(options: &StackOptions) -> Self {
        let folder = TempDir::with_prefix("avileo-http-").expect("a temporary folder");
        let second_store = SecondStore::wanted(folder.path());
        Self::start_in(folder, second_store, options)
    }

    /// Starts a stack whose functions reach DynamoDB through a proxy.
    pub fn behind_proxy(options: &StackOptions) -> (Self, StoreProxy) {
        let proxy = StoreProxy::start();
        let endpoint = Some(proxy.url().to_owned());
        let stack = Self::start(&StackOptions { dynamodb_endpoint: endpoint, ..options.clone() });
        // Only now is it known where the store is: nobody has asked for it before.
        proxy.stand_before(stack.status()["dynamodb"].as_str().expect("the status has a store"));
        (stack, proxy)
    }

    /// The stack behind a proxy that tests share whose faults hit their own business only.
    pub fn shared_behind_proxy() -> &'static (Self, StoreProxy) {
        static SHARED: LazyLock<(Stack, StoreProxy)> =
            LazyLock::new(|| Stack::behind_proxy(&StackOptions::default()));
        &SHARED
    }

    fn start_in(
        folder: TempDir,
        second_store: Option<SecondStore>,
        options: &StackOptions,
    ) -> Self {
        let status_file = folder.path().join("status.json");
        if status_file.exists() {
            std::fs::remove_file(&status_file).expect("the old status can be removed");
        }
        let log = File::options().create(true).append(true).open(folder.path().join("log"));
        let log = log.expect("a log file");
        let mut command = Command::new(bin_dir().join("local"));
        command.args(["run", "--port", "0", "--stop-with-stdin"]);
        command.arg("--template").arg(template(folder.path(), options));
        command.arg("--bin-dir").arg(binaries(folder.path(), options));
        command.arg("--status-file").arg(&status_file);
        if options.on_disk {
            command.arg("--data").arg(folder.path().join(DATA));
        } else {
            command.arg("--memory");
        }
        if options.seed_demo {
            command.arg("--seed-demo");
        }
        if let Some(day) = &options.demo_day {
            command.args(["--demo-day", day]);
        }
        if let Some(seed) = options.stream_chaos {
            command.args(["--stream-chaos", &seed.to_string()]);
        }
        if let Some(endpoint) = &options.dynamodb_endpoint {
            command.args(["--dynamodb-endpoint", endpoint]);
        }
        if let Some(store) = &second_store {
            command.args(["--store", store.url()]);
        }
        command.stdin(Stdio::piped());
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{}: {error}; run `cargo xtask test`", bin_dir().join("local").display())
        });
        let mut stack = Self { child, status: Value::Null, folder, second_store };
        stack.status = stack.wait_until_ready(&status_file);
        stack
    }

    fn wait_until_ready(&mut self, status_file: &Path) -> Value {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Ok(text) = std::fs::read_to_string(status_file) {
                return serde_json::from_str(&text).expect("the status is JSON");
            }
            let gone = self.child.try_wait().expect("the stack is our child");
            let hopeless = gone.is_some() || Instant::now() > deadline;
            assert!(!hopeless, "the stack is not ready ({gone:?}):\n{}", self.log());
            std::thread::sleep(POLL_EVERY);
        }
    }

    /// Kills everything at once, as a power cut would, and starts it again on the same data.
    #[must_use]
    pub fn kill_and_restart(mut self, options: &StackOptions) -> Self {
        self.kill();
        let placeholder = TempDir::new().expect("a temporary folder");
        let folder = std::mem::replace(&mut self.folder, placeholder);
        let second_store = self.second_store.take();
        drop(self);
        Self::start_in(folder, second_store, options)
    }

    /// Kills everything and copies the data as it then is: an instant to restore to.
    pub fn kill_and_copy(&mut self) -> TempDir {
        self.kill();
        let copy = TempDir::with_prefix("avileo-instant-").expect("a temporary folder");
        copy_folder(&self.folder.path().join(DATA), copy.path());
        copy
    }

    /// Kills everything and starts it on the data of an instant.
    #[must_use]
    pub fn kill_and_restore(mut self, instant: TempDir, options: &StackOptions) -> Self {
        self.kill();
        let data = self.folder.path().join(DATA);
        std::fs::remove_dir_all(&data).expect("the data can be lost");
        copy_folder(instant.path(), &data);
        self.kill_and_restart(options)
    }

    /// Kills everything at once, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("the stack is our child");
        self.child.wait().expect("the stack is our child");
    }

    /// What runs where, as the status file says it.
    pub fn status(&self) -> &Value {
        &self.status
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address of pages and API.
    pub fn url(&self) -> &str {
        self.status["url"].as_str().expect("the status has a url")
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// A new business, with its administrator signed in.
    pub fn business(&self) -> Phone {
        Phone::register(self.url())
    }
}

impl Stack {
    /// Whatever was done with it, no token and no password stands in its log.
    fn log_is_silent(&self) {
        let log = self.log();
        for secret in SECRETS {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} stands in the log");
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.log_is_silent();
        }
        // Its standard input ends: it stops its children and itself.
        drop(self.child.stdin.take());
        let deadline = Instant::now() + STOPPED_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                self.kill();
                return;
            }
            std::thread::sleep(POLL_EVERY);
        }
    }
}

/// Asks again and again until there is an answer.
/// Panics after twenty seconds, and says what was waited for.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        std::thread::sleep(POLL_EVERY);
    }
}

pub(crate) fn bin_dir() -> PathBuf {
    std::env::var_os("AVILEO_BIN_DIR")
        .map_or_else(|| repository().join("target/debug"), PathBuf::from)
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How every token of ours begins (`{"typ":`, `{"alg":` and the claims' `{"biz":` in base64), and what
/// passwords in tests are called.
const SECRETS: [&str; 6] =
    ["eyJ0eXAi", "eyJhbGci", "eyJiaXoi", "clave-", "avileo-demo\"", "Bearer "];

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}

/// Within the stack's folder.
const DATA: &str = "data";

const READY_WITHIN: Duration = Duration::from_mins(1);
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
const POLL_EVERY: Duration = Duration::from_millis(20);
