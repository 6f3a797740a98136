//! The network between phones and the edge: one request a connection, and anything may happen to it.
//!
//! A proxy of plain sockets, so that what it breaks is broken on the wire: connections that end
//! before, within or after an answer, requests that arrive twice, strangers who answer.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::dice::Dice;
use crate::tally::{Tally, lock};

/// A network; gone when dropped.
#[derive(Debug)]
pub(crate) struct Network {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    edge: Mutex<Option<SocketAddr>>,
    dice: Mutex<Dice>,
    faulty: AtomicBool,
    gone: AtomicBool,
    tally: Arc<Tally>,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    DropRequest,
    CutRequest,
    LoseAnswer,
    Delay,
    Duplicate,
    CutAnswer,
    BadGateway,
    Portal,
}

impl Network {
    /// A network without an edge yet.
    pub(crate) fn start(seed: u64, tally: Arc<Tally>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let shared = Arc::new(Shared {
            edge: Mutex::default(),
            dice: Mutex::new(Dice::new(seed, NETWORK)),
            faulty: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            tally,
        });
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if ours.gone.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&ours);
                std::thread::spawn(move || shared.carry(connection));
            }
        });
        Self { address, shared }
    }

    /// Where phones find it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The edge stands there now.
    pub(crate) fn lead_to(&self, url: &str) {
        let address = url.trim_start_matches("http://").parse().expect("an address");
        *lock(&self.shared.edge) = Some(address);
    }

    /// From now on it breaks things, or no longer does.
    pub(crate) fn be_faulty(&self, faulty: bool) {
        self.shared.faulty.store(faulty, Ordering::SeqCst);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.shared.gone.store(true, Ordering::SeqCst);
        // Wakes the listener, which sees it then.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn carry(&self, mut phone: TcpStream) {
        let patience = Some(PATIENCE);
        if phone.set_read_timeout(patience).is_err() || phone.set_write_timeout(patience).is_err() {
            return;
        }
        let Some(request) = read_request(&mut phone) else { return };
        let fate = self.fate();
        if fate != Fate::Pass {
            self.tally.count(&format!("fault network {fate:?}"));
        }
        match fate {
            Fate::DropRequest => return,
            Fate::CutRequest => return self.ask_in_part(&request),
            Fate::Delay => std::thread::sleep(Duration::from_millis(self.below(DELAY_MAX_MS))),
            Fate::BadGateway => return answer(&mut phone, BAD_GATEWAY.as_bytes()),
            Fate::Portal => return answer(&mut phone, PORTAL.as_bytes()),
            _ => {}
        }
        if fate == Fate::Duplicate {
            drop(self.ask(&request));
        }
        // A phone whose network breaks sees its connection end, nothing else.
        let Some(bytes) = self.ask(&request) else { return };
        match fate {
            Fate::LoseAnswer => {}
            Fate::CutAnswer => {
                let length = self.below(bytes.len() as u64);
                answer(&mut phone, &bytes[..usize::try_from(length).unwrap_or(0)]);
            }
            _ => answer(&mut phone, &bytes),
        }
    }

    fn ask(&self, request: &[u8]) -> Option<Vec<u8>> {
        let edge = (*lock(&self.edge))?;
        let mut edge = TcpStream::connect_timeout(&edge, PATIENCE).ok()?;
        edge.set_read_timeout(Some(PATIENCE)).ok()?;
        edge.write_all(request).ok()?;
        let mut bytes = Vec::new();
        // The edge ends the connection after its answer, as it was asked to; if it ends within it,
        // the phone gets as much.
        edge.read_to_end(&mut bytes).ok();
        (!bytes.is_empty()).then_some(bytes)
    }

    /// The connection ends within the request; whatever the edge says to that, nobody hears.
    fn ask_in_part(&self, request: &[u8]) {
        let length = usize::try_from(self.below(request.len() as u64)).unwrap_or(0);
        let edge = *lock(&self.edge);
        let edge = edge.and_then(|edge| TcpStream::connect_timeout(&edge, PATIENCE).ok());
        if let Some(mut edge) = edge {
            edge.write_all(&request[..length]).ok();
        }
    }

    fn fate(&self) -> Fate {
        if !self.faulty.load(Ordering::SeqCst) {
            return Fate::Pass;
        }
        match lock(&self.dice).below(1_000) {
            0..20 => Fate::DropRequest,
            20..30 => Fate::CutRequest,
            30..60 => Fate::LoseAnswer,
            60..100 => Fate::Delay,
            100..130 => Fate::Duplicate,
            130..150 => Fate::CutAnswer,
            150..165 => Fate::BadGateway,
            165..180 => Fate::Portal,
            _ => Fate::Pass,
        }
    }

    fn below(&self, end: u64) -> u64 {
        lock(&self.dice).below(end)
    }
}

/// A whole request, made to end its connection.
fn read_request(phone: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let count = phone.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            return Some(bytes);
        }
    }
}

fn answer(phone: &mut TcpStream, bytes: &[u8]) {
    // A phone that has gone does not read it.
    if phone.write_all(bytes).is_ok() {
        phone.shutdown(Shutdown::Write).ok();
    }
}

const NETWORK: u64 = 1_001;
const PATIENCE: Duration = Duration::from_secs(40);
const DELAY_MAX_MS: u64 = 1_500;
const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\
    content-length: 13\r\nconnection: close\r\n\r\n<html></html>";
const PORTAL: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 35\r\n\
    connection: close\r\n\r\n<html>Bienvenido al wifi</html>\r\n\r\n";
