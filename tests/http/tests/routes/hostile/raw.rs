//! A connection on which anything may be said.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use http_tests::{Phone, Stack};

/// A connection to the stack's edge.
#[derive(Debug)]
pub(crate) struct Raw(TcpStream);

/// How it went on.
#[derive(Debug)]
pub(crate) struct Said {
    /// Everything that came back.
    pub(crate) text: String,
    /// The other side has ended the connection.
    pub(crate) is_closed: bool,
}

impl Raw {
    pub(crate) fn open(stack: &Stack) -> Self {
        let address = stack.url().strip_prefix("http://").expect("plain HTTP");
        let stream = TcpStream::connect(address).expect("the edge listens");
        stream.set_read_timeout(Some(QUIET)).expect("a socket");
        stream.set_write_timeout(Some(PATIENCE)).expect("a socket");
        Self(stream)
    }

    /// Sends `bytes`; a connection that is closed on the way is no failure of the test.
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.write_all(bytes.as_ref()).ok();
        self
    }

    /// Says no more, and may still listen.
    pub(crate) fn hang_up(&mut self) -> &mut Self {
        self.0.shutdown(Shutdown::Write).ok();
        self
    }

    /// Listens until the connection ends, or an answer has come and then nothing for a while.
    pub(crate) fn listen(&mut self) -> Said {
        self.listen_for(PATIENCE)
    }

    /// As [`listen`](Self::listen), with a patience of its own for the first word.
    pub(crate) fn listen_for(&mut self, patience: Duration) -> Said {
        let deadline = Instant::now() + patience;
        let mut bytes = Vec::new();
        let mut chunk = [0; 16 * 1024];
        let is_closed = loop {
            match self.0.read(&mut chunk) {
                Ok(0) => break true,
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                Err(error) if is_quiet(&error) => {
                    if !bytes.is_empty() || Instant::now() > deadline {
                        break false;
                    }
                }
                Err(_) => break true,
            }
        };
        Said { text: String::from_utf8_lossy(&bytes).into_owned(), is_closed }
    }

    /// Whether the other side has ended it; waits no longer than [`QUIET`] for a word.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        match self.0.read(&mut byte) {
            Ok(count) => count == 0,
            Err(error) => !is_quiet(&error),
        }
    }
}

impl Said {
    /// The statuses of all answers, in order, interim ones left out.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let lines = self.text.split("HTTP/1.").skip(1);
        let statuses = lines.filter_map(|rest| rest.get(2..5)?.parse().ok());
        statuses.filter(|status| *status >= 200).collect()
    }
}

/// What is sent to one stack, and what came back.
pub(crate) fn ask(stack: &Stack, request: impl AsRef<[u8]>) -> Said {
    Raw::open(stack).say(request).listen()
}

/// A customer's insert as a whole request, which `phone` might well send.
pub(crate) fn insert(phone: &Phone, id: &str) -> String {
    let body = format!(r#"{{"id":"{id}","name":"De contrabando"}}"#);
    format!(
        "POST /api/customers HTTP/1.1\r\nHost: a\r\n{}Content-Length: {}\r\n\r\n{body}",
        authorization(phone),
        body.len()
    )
}

/// The line that says who asks.
pub(crate) fn authorization(phone: &Phone) -> String {
    format!("Authorization: Bearer {}\r\n", phone.token())
}

fn is_quiet(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// After an answer, so long without another word means that none will come.
const QUIET: Duration = Duration::from_millis(500);

/// For the first word of an answer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
