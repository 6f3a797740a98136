//! How the outcome of a command is told: plain lines for people, one line of JSON for machines.

use std::io::Write;

use serde_json::{Value, json};

use crate::problem::Problem;

/// The outcome of a command.
#[derive(Debug)]
pub(crate) struct Report {
    lines: Vec<String>,
    data: Value,
    is_good: bool,
}

impl Report {
    /// Lines, and the same as data.
    pub(crate) fn new(lines: Vec<String>, data: Value) -> Self {
        Self { lines, data, is_good: true }
    }

    /// It was done, and what it found is not good: the command ends with a failure.
    pub(crate) fn good_if(self, is_good: bool) -> Self {
        Self { is_good, ..self }
    }

    /// Whether the command ends with success.
    pub(crate) fn is_good(&self) -> bool {
        self.is_good
    }

    /// Writes it to standard output.
    ///
    /// # Errors
    /// When nobody reads there.
    pub(crate) fn print(&self, as_json: bool) -> Result<(), Problem> {
        let text = if as_json {
            json!({"success": self.is_good, "data": self.data}).to_string()
        } else {
            self.lines.join("\n")
        };
        writeln!(std::io::stdout(), "{text}").map_err(|error| Problem::System(error.to_string()))
    }
}
