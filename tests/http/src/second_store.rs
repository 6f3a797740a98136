//! Another maker's DynamoDB in place of the embedded one, where the environment names its program:
//! what our tests show must not be a habit of one emulator.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::until;

/// A ministack of one stack's own. It ends with this process, whatever ends that, and it outlives
/// a stack that is killed and started again, as DynamoDB would.
#[derive(Debug)]
pub(crate) struct SecondStore {
    child: Child,
    url: String,
}

impl SecondStore {
    /// Starts the program that `AVILEO_MINISTACK` names, if it does; its log goes to `folder`.
    pub(crate) fn wanted(folder: &Path) -> Option<Self> {
        let program = std::env::var_os(PROGRAM)?;
        let port = free_port();
        let log = File::create(folder.join("ministack.log")).expect("a log file");
        let child = Command::new("sh")
            .args(["-c", UNTIL_STDIN_ENDS])
            .arg(program)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("LOG_LEVEL", "WARNING")
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("sh is there");
        let store = Self { child, url: format!("http://127.0.0.1:{port}") };
        until("ministack serves", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(store)
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for SecondStore {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

/// One that nobody uses now. ministack takes no port 0; that another takes it first in between
/// would show as a refusal to start.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it has an address").port()
}

/// Names the program.
const PROGRAM: &str = "AVILEO_MINISTACK";

/// A static in a test is never dropped, and a killed test drops nothing: but a pipe ends.
const UNTIL_STDIN_ENDS: &str =
    r#"exec 3<&0; "$0" 3<&- </dev/null & read -r _ <&3; kill -9 $!; wait $! 2>/dev/null; exit 0"#;
