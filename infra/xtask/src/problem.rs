//! Why a command ended early, in words that say what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The command line makes no sense.
    Usage(String),
    /// Something that the command needs is not there, with what to do about it.
    Missing(String),
    /// A program could not be started, or ended with a failure.
    Program { line: String, cause: String },
    /// A file or folder refused.
    File { path: PathBuf, source: io::Error },
    /// What a check found, one line each.
    Found(Vec<String>),
    /// A program answered something that we do not understand.
    Answer(String),
}

impl Problem {
    /// For `map_err` on anything that touches `path`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Missing(text) | Self::Answer(text) => out.write_str(text),
            Self::Program { line, cause } => write!(out, "`{line}` {cause}"),
            Self::File { path, source } => write!(out, "{}: {source}", path.display()),
            Self::Found(findings) => out.write_str(&findings.join("\n")),
        }
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Nothing found is success.
pub(crate) fn none_found(findings: Vec<String>) -> Result<(), Problem> {
    if findings.is_empty() { Ok(()) } else { Err(Problem::Found(findings)) }
}
