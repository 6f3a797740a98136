//! How others learn that the stack is ready and where its parts are.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

/// What runs where, as the status file says it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    /// Of the stack.
    pub(crate) pid: u32,
    /// Pages, and the API under `/api`.
    pub(crate) url: String,
    /// The DynamoDB interface itself, whatever `--dynamodb-endpoint` says.
    pub(crate) dynamodb: String,
    /// Secrets Manager.
    pub(crate) secrets_manager: String,
    /// Invocations, streams, failures.
    pub(crate) control: String,
    /// Tables: logical id to name.
    pub(crate) tables: BTreeMap<String, String>,
    /// Secrets: logical id to ARN.
    pub(crate) secrets: BTreeMap<String, String>,
    /// Functions, by logical id.
    pub(crate) functions: Vec<String>,
    /// The template's outputs.
    pub(crate) outputs: BTreeMap<String, String>,
    /// Pages and API for phones on the same network, where `--lan` serves them.
    pub(crate) lan: Vec<String>,
}

impl Status {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn write(&self, file: &Path) -> std::io::Result<()> {
        let mut draft = file.as_os_str().to_owned();
        draft.push(".new");
        std::fs::write(&draft, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(&draft, file)
    }

    /// Says `ready` on standard output.
    ///
    /// # Errors
    ///
    /// When nobody listens there.
    pub(crate) fn announce(&self) -> std::io::Result<()> {
        let mut output = std::io::stdout().lock();
        writeln!(output, "ready {}", self.url)?;
        output.flush()
    }
}
