//! Why a command did not do what it should.

use std::path::{Path, PathBuf};

use auth::OperatorError;
use protocol::{BusinessId, ErrorCode};
use store::record_changes::PublishError;
use store::tables::StoreError;

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(
        "no local stack runs ({0}): start one with `cargo xtask dev`, or name its folder with --data"
    )]
    NotRunning(String),
    #[error("several local stacks run: name one with --data or --status-file: {0}")]
    Several(String),
    #[error("for stage {stage}: {reason}")]
    Stage { stage: &'static str, reason: String },
    #[error("there is no business {0}")]
    NoBusiness(BusinessId),
    #[error("the tables: {}", causes(.0))]
    Store(#[from] StoreError),
    #[error("the feed: {}", causes(.0))]
    Publish(#[from] PublishError),
    #[error("{}", of_operator(.0))]
    Operator(#[from] OperatorError),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Refused(String),
    #[error("the secret: {0}")]
    Secret(String),
    #[error("{0}")]
    System(String),
}

impl Problem {
    pub(crate) fn file(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::File { path: path.into(), source }
    }
}

fn of_operator(error: &OperatorError) -> String {
    match error.code() {
        Some(ErrorCode::EmailTaken) => "somebody signs in with this e-mail already".into(),
        Some(ErrorCode::InvalidEmail) => "this is no e-mail address".into(),
        Some(ErrorCode::InvalidPassword) => "a password has 8 to 128 characters".into(),
        Some(ErrorCode::InvalidField) => "a name has 2 to 255 characters".into(),
        _ => causes(error),
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
