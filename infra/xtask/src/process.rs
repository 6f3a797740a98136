//! Other programs: started with a line that says so, and their failure turned into a [`Problem`].

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::problem::Problem;

/// One line of progress on standard error, where cargo writes its own.
pub(crate) fn say(text: &str) {
    eprintln!("xtask: {text}");
}

/// Runs `command` with our own input and output.
///
/// # Errors
/// When it cannot be started or ends with a failure.
pub(crate) fn run(command: &mut Command) -> Result<(), Problem> {
    let status = command.status().map_err(|source| not_started(command, &source))?;
    if status.success() { Ok(()) } else { Err(failed(command, &status.to_string())) }
}

/// Runs `command` in silence and answers what it wrote on standard output.
///
/// # Errors
/// When it cannot be started, or ends with a failure: then with what it wrote on standard error.
pub(crate) fn output(command: &mut Command) -> Result<String, Problem> {
    let output = command.output().map_err(|source| not_started(command, &source))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(failed(command, &format!("{}\n{}", output.status, complaint.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether `command` can be started and succeeds; all that it writes is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs `command`, handing each line of its standard output to `line` as it comes; answers
/// whether it succeeded.
///
/// # Errors
/// When it cannot be started or read.
pub(crate) fn each_line(
    command: &mut Command,
    mut line: impl FnMut(&str),
) -> Result<bool, Problem> {
    command.stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|source| not_started(command, &source))?;
    let stdout = child.stdout.take().expect("standard output was asked for as a pipe");
    let mut reader = BufReader::new(stdout);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let count = reader.read_until(b'\n', &mut bytes).map_err(|e| not_started(command, &e))?;
        if count == 0 {
            break;
        }
        line(String::from_utf8_lossy(&bytes).trim_end_matches('\n'));
    }
    Ok(child.wait().map_err(|source| not_started(command, &source))?.success())
}

fn not_started(command: &Command, source: &std::io::Error) -> Problem {
    Problem::Program { line: shown(command), cause: format!("could not be run: {source}") }
}

fn failed(command: &Command, status: &str) -> Problem {
    Problem::Program { line: shown(command), cause: format!("failed: {status}") }
}

/// The command as one would type it, cut where it gets long.
fn shown(command: &Command) -> String {
    const SHOWN_CHARS_MAX: usize = 160;
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
