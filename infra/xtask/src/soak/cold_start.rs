//! What a cold start costs beside the usual way of writing such a function: from spawn to the first
//! answer, and memory, of `crud`'s release binary and of a Node.js handler with AWS SDK v3.
//!
//! Both answer the same event by one `BatchGetItem` to the same store, under the same host of the
//! Runtime API (here, in some 40 lines), by turns. Only the start of the process is seen: what Lambda
//! adds before it is the same for both.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::stack::{LocalStack, release};
use crate::build_folder::BuildFolder;
use crate::machine;
use crate::problem::Problem;
use crate::process::{output, run as run_program, say};
use crate::workspace::Workspace;

/// From npm.
const SDK: &str = "@aws-sdk/client-dynamodb@3";

/// Starts of each; the median counts.
const STARTS: usize = 9;

/// How many times faster ours has to be at least: far below what is measured, far above noise.
const RATIO_MIN: f64 = 3.0;

/// One cold start.
#[derive(Debug, Clone, Copy)]
struct Start {
    first_answer: Duration,
    memory_kb: u64,
}

/// Measures both and prints the ratio.
pub(super) fn run(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let handler = install(workspace)?;
    let stack = LocalStack::start(workspace, folder)?;
    let event = workspace.root.join("tests/lambda/events/crud-health.json");
    let event = fs::read_to_string(&event).map_err(Problem::file(&event))?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let mut binary = Command::new(release(workspace).join("crud"));
        ours.push(start(binary.env_clear().envs(stack.environment("crud")), &event)?);
        let mut node = Command::new("node");
        let path = std::env::var_os("PATH").unwrap_or_default();
        node.arg(&handler).env_clear().envs(stack.environment("node")).env("PATH", path);
        theirs.push(start(&mut node, &event)?);
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    let node = output(Command::new("node").arg("--version"))?;
    let sdk = version(&handler)?;
    let ratio = theirs.first_answer.as_secs_f64() / ours.first_answer.as_secs_f64();
    say(&format!(
        "cold start, median of {STARTS}: crud {:.1} ms and {} KB; Node.js {} with AWS SDK {sdk} {:.1} ms \
         and {} KB: {ratio:.1} times faster in {:.1} times less memory",
        ours.first_answer.as_secs_f64() * 1e3,
        ours.memory_kb,
        node.trim(),
        theirs.first_answer.as_secs_f64() * 1e3,
        theirs.memory_kb,
        kilobytes(theirs.memory_kb) / kilobytes(ours.memory_kb),
    ));
    if ratio < RATIO_MIN {
        return Err(Problem::Found(vec![format!("{ratio:.1} times faster, not {RATIO_MIN}")]));
    }
    Ok(())
}

/// Spawns `command` and lives through its first invocation.
fn start(command: &mut Command, event: &str) -> Result<Start, Problem> {
    let place = Path::new("127.0.0.1");
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(Problem::file(place))?;
    let address = listener.local_addr().map_err(Problem::file(place))?;
    command.env("AWS_LAMBDA_RUNTIME_API", address.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let spawned = Instant::now();
    let mut child = command.spawn().map_err(Problem::file(place))?;
    let answered = answer(&listener, event).map_err(Problem::file(place));
    let first_answer = spawned.elapsed();
    let memory_kb = peak_memory_kb(child.id());
    // Measured: it may go.
    child.kill().unwrap_or_default();
    child.wait().map(drop).unwrap_or_default();
    let body = answered?;
    if !body.contains("\"statusCode\":200") {
        return Err(Problem::Answer(format!("no health: {body}")));
    }
    Ok(Start { first_answer, memory_kb: memory_kb? })
}

/// Serves the Runtime API until the first response, and gives its body.
fn answer(listener: &TcpListener, event: &str) -> std::io::Result<String> {
    let mut waiting: Option<TcpStream> = None;
    loop {
        let stream = match waiting.take() {
            Some(stream) => stream,
            None => listener.accept()?.0,
        };
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some((line, body)) = request(&mut reader)? {
            if line.starts_with("GET ") {
                hand_over(&stream, event)?;
            } else {
                return Ok(body);
            }
            // The response may come on this connection or on a new one.
            listener.set_nonblocking(true)?;
            let next = next_connection(listener, &reader, &stream);
            listener.set_nonblocking(false)?;
            if let Some(other) = next? {
                other.set_nonblocking(false)?;
                waiting = Some(other);
                break;
            }
        }
    }
}

/// Another connection, unless bytes come on this one first.
fn next_connection(
    listener: &TcpListener,
    reader: &BufReader<TcpStream>,
    stream: &TcpStream,
) -> std::io::Result<Option<TcpStream>> {
    let deadline = Instant::now() + ANSWER_WITHIN;
    stream.set_nonblocking(true)?;
    let found = loop {
        if !reader.buffer().is_empty() || stream.peek(&mut [0]).is_ok_and(|count| count > 0) {
            break None;
        }
        if let Ok((other, _)) = listener.accept() {
            break Some(other);
        }
        if Instant::now() > deadline {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(Duration::from_micros(100));
    };
    stream.set_nonblocking(false)?;
    Ok(found)
}

/// The request line and the body; nothing once the connection ends.
fn request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, String)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        is_chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if is_chunked {
        body = chunks(reader)?;
    }
    Ok(Some((first, String::from_utf8_lossy(&body).into_owned())))
}

fn chunks(reader: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
        let mut chunk = vec![0; length + 2];
        reader.read_exact(&mut chunk)?;
        if length == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&chunk[..length]);
    }
}

fn hand_over(mut stream: &TcpStream, event: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: 1\r\nlambda-runtime-deadline-ms: 4102444800000\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:f\r\n\
         lambda-runtime-trace-id: Root=1\r\n\r\n{event}",
        event.len()
    )
}

/// The most that it ever held.
fn peak_memory_kb(process: u32) -> Result<u64, Problem> {
    let path = PathBuf::from(format!("/proc/{process}/status"));
    let text = fs::read_to_string(&path).map_err(Problem::file(&path))?;
    let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
    peak.ok_or_else(|| Problem::Answer("the process has no VmHWM".to_owned()))
}

fn median(starts: &mut [Start]) -> Start {
    let middle = starts.len() / 2;
    starts.sort_by_key(|start| start.memory_kb);
    let memory_kb = starts[middle].memory_kb;
    starts.sort_by_key(|start| start.first_answer);
    Start { memory_kb, ..starts[middle] }
}

#[expect(clippy::cast_precision_loss, reason = "a process's kilobytes are far below 2^52")]
fn kilobytes(count: u64) -> f64 {
    count as f64
}

/// The Node.js handler, with its SDK beside it.
fn install(workspace: &Workspace) -> Result<PathBuf, Problem> {
    machine::need_program("node", &["nodejs", "npm"])?;
    let folder = workspace.target.join("node-handler");
    fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
    let handler = folder.join("handler.mjs");
    fs::write(&handler, include_str!("handler.mjs")).map_err(Problem::file(&handler))?;
    if !folder.join("node_modules/@aws-sdk/client-dynamodb").is_dir() {
        say(&format!("installing {SDK} from npm"));
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        run_program(npm.arg(SDK).stdout(Stdio::null()))?;
    }
    Ok(handler)
}

fn version(handler: &Path) -> Result<String, Problem> {
    let path = handler.with_file_name("node_modules/@aws-sdk/client-dynamodb/package.json");
    let text = fs::read_to_string(&path).map_err(Problem::file(&path))?;
    let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(package["version"].as_str().unwrap_or("of no version").to_owned())
}

const ANSWER_WITHIN: Duration = Duration::from_secs(20);
