//! Calls of other programs: made, or in a dry run only printed.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::problem::Problem;
use crate::process::{output, run, say};

/// What makes them.
pub(super) struct Calls {
    /// Where `sam`, `aws` and `cargo-lambda` are.
    tools: PathBuf,
    is_dry: bool,
}

impl Calls {
    pub(super) fn new(tools: PathBuf, is_dry: bool) -> Self {
        Self { tools, is_dry }
    }

    /// Whether nothing is really called.
    pub(super) fn is_dry(&self) -> bool {
        self.is_dry
    }

    /// A program of the tools, which finds the others.
    pub(super) fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.tools.join(name));
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.tools.display()));
        command.env("SAM_CLI_TELEMETRY", "0").env("AWS_PAGER", "");
        command
    }

    /// The AWS CLI, in the region that everything stands in.
    pub(super) fn aws(&self) -> Command {
        let mut command = self.tool("aws");
        command.args(["--region", "us-east-1"]);
        command
    }

    /// Makes a call whose answer is for people.
    pub(super) fn run(&self, what: &str, command: &mut Command) -> Result<(), Problem> {
        self.announce(what, command);
        if self.is_dry { Ok(()) } else { run(command) }
    }

    /// Makes a call and reads its answer as JSON; a dry run has none.
    pub(super) fn answer(&self, what: &str, command: &mut Command) -> Result<Value, Problem> {
        let text = self.text(what, command)?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|error| Problem::Answer(format!("{what}: {error}")))
    }

    /// Makes a call and hands over what it wrote; a dry run has nothing.
    pub(super) fn text(&self, what: &str, command: &mut Command) -> Result<String, Problem> {
        self.announce(what, command);
        if self.is_dry { Ok(String::new()) } else { output(command) }
    }

    fn announce(&self, what: &str, command: &Command) {
        let mut words = vec![command.get_program().to_string_lossy().into_owned()];
        words.extend(command.get_args().map(|word| quoted(&word.to_string_lossy())));
        let verb = if self.is_dry { "would call" } else { "calls" };
        say(&format!("deploy: {what}\n    {verb} {}", words.join(" ")));
    }
}

/// As a shell would take it.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\n', "\\n").replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_calls_nothing() {
        let calls = Calls::new(PathBuf::from("/nowhere"), true);
        assert!(calls.run("nothing", &mut calls.aws()).is_ok());
        assert_eq!(calls.answer("nothing", &mut calls.tool("sam")).unwrap(), Value::Null);
        assert!(Calls::new(PathBuf::from("/nowhere"), false).run("it", &mut calls.aws()).is_err());
    }

    #[test]
    fn words_are_printed_as_a_shell_takes_them() {
        assert_eq!(quoted("--stage=dev"), "--stage=dev");
        assert_eq!(quoted("a b's"), "'a b'\\''s'");
    }
}
