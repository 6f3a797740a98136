//! What is asked of the operator: passwords, and whether it is meant.

use std::io::{BufRead, IsTerminal};

use auth::Operator;
use store::dynamodb::{DynamoTables, RealSurroundings};

use crate::problem::Problem;

/// A password, and whether the operator has to be told it.
pub(crate) struct Password {
    pub(crate) text: String,
    pub(crate) is_new: bool,
}

/// The password from standard input, or a new one.
pub(crate) fn password(from_stdin: bool) -> Result<Password, Problem> {
    if !from_stdin {
        let text = Operator::<DynamoTables, RealSurroundings>::new_password()?;
        return Ok(Password { text, is_new: true });
    }
    Ok(Password { text: line("password (shown as you type): ")?, is_new: false })
}

/// Asks until it is clear; anything but the word `yes` is no.
pub(crate) fn confirm(question: &str) -> Result<(), Problem> {
    if line(&format!("{question} Type yes to go on: "))? == "yes" {
        return Ok(());
    }
    Err(Problem::Refused("nothing was done".into()))
}

fn line(prompt: &str) -> Result<String, Problem> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("{prompt}");
    }
    let mut text = String::new();
    stdin.lock().read_line(&mut text).map_err(|error| Problem::System(error.to_string()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
