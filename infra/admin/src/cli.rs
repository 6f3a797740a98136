//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use protocol::BusinessId;

/// Operators' commands, against the local stack or a deployed stage.
#[derive(Debug, Parser)]
#[command(name = "admin", bin_name = "cargo xtask admin", version)]
pub(crate) struct Cli {
    /// Which copy of the system.
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// Tell the outcome as one line of JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which copy of the system; without any of these, the stack that runs on this machine.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// The stack that runs on this machine (the default).
    #[arg(long, global = true, conflicts_with = "stage")]
    pub(crate) local: bool,
    /// The data folder of that stack, where it is not the usual one.
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "stage")]
    pub(crate) data: Option<PathBuf>,
    /// The status file of that stack.
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["stage", "data"])]
    pub(crate) status_file: Option<PathBuf>,
    /// A deployed stage; needs `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` (and
    /// `AWS_SESSION_TOKEN`), and from the stack's outputs `RECORDS_TABLE`, `OPERATIONS_TABLE`,
    /// `CHANGES_TABLE`, `ACCOUNTS_TABLE` and `SIGNING_KEYS_SECRET`.
    #[arg(long, global = true, value_enum)]
    pub(crate) stage: Option<Stage>,
}

/// A deployed stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// For development.
    Dev,
    /// The real one.
    Prod,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the businesses.
    Businesses,
    /// Make a business with its administrator.
    CreateBusiness(CreateBusiness),
    /// Give a business's only administrator a new password, and end all of his sessions.
    ResetPassword(ResetPassword),
    /// Let a deactivated user in again, with a new password.
    Activate(ResetPassword),
    /// Compare records with feed and receipts; fails if anything differs.
    Verify {
        /// A business's id, or `all`.
        #[arg(long, value_name = "ID", default_value = "all")]
        business: Which,
    },
    /// Append to the feed what the stream has failed to bring: of one business, or of all.
    Repair {
        /// The business.
        #[arg(long, value_name = "ID")]
        business: Option<BusinessId>,
    },
    /// Begin a new epoch of a business's feed, after its tables were restored.
    Rebuild(Rebuild),
    /// List operations that were refused.
    Refused {
        /// Of this business only.
        #[arg(long, value_name = "ID")]
        business: Option<BusinessId>,
        /// From this date or instant on (UTC).
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
    },
    /// Write all of a business's data to a file, as JSON lines, without passwords and tokens.
    Export(Export),
    /// Delete a business and all of its data, for good.
    DeleteBusiness(DeleteBusiness),
    /// Rotate the key that signs access tokens: add a new one, then, once the edge has it, use it.
    RotateKey(RotateKey),
    /// Copy the signing keys to the local stack's edge, as `cargo xtask deploy` does on a stage.
    PublishKeys,
    /// Send an event to a function of the local stack.
    Invoke {
        /// As the template names it (`SyncBatchFunction`) or as its crate (`sync-batch`).
        function: String,
        /// A file with the event.
        event: PathBuf,
    },
}

/// One business or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// Every one.
    All,
    /// This one.
    One(BusinessId),
}

/// `create-business`.
#[derive(Debug, Args)]
pub(crate) struct CreateBusiness {
    /// The business's name.
    #[arg(long)]
    pub(crate) name: String,
    /// The administrator's name.
    #[arg(long)]
    pub(crate) admin: String,
    /// What he signs in with.
    #[arg(long)]
    pub(crate) email: String,
    /// Read the password from standard input; otherwise one is made and printed, once.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// `reset-password` and `activate`.
#[derive(Debug, Args)]
pub(crate) struct ResetPassword {
    /// What he signs in with.
    pub(crate) email: String,
    /// Read the password from standard input; otherwise one is made and printed, once.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// `rebuild`.
#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// The business.
    #[arg(long, value_name = "ID")]
    pub(crate) business: BusinessId,
    /// Why: every phone of the business reads everything anew.
    #[arg(long)]
    pub(crate) reason: String,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The business.
    #[arg(long, value_name = "ID")]
    pub(crate) business: BusinessId,
    /// A file that does not exist yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// The feed too: it follows from the records.
    #[arg(long)]
    pub(crate) with_feed: bool,
}

/// `delete-business`.
#[derive(Debug, Args)]
pub(crate) struct DeleteBusiness {
    /// The business.
    #[arg(value_name = "ID")]
    pub(crate) business: BusinessId,
    /// Its name, to say that it is meant.
    #[arg(long, value_name = "NAME")]
    pub(crate) yes_delete: String,
}

/// `rotate-key`.
#[derive(Debug, Args)]
pub(crate) struct RotateKey {
    /// Sign with this key from now on: the edge has it.
    #[arg(long = "use", value_name = "KID")]
    pub(crate) used: Option<String>,
    /// Do not wait until every function has read the new key.
    #[arg(long, requires = "used")]
    pub(crate) at_once: bool,
}

impl std::str::FromStr for Which {
    type Err = protocol::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_destructive_goes_without_its_confirmation() {
        for line in ["admin delete-business b1", "admin rebuild --business b1", "admin rebuild"] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }

    #[test]
    fn a_stage_and_the_local_stack_are_not_meant_at_once() {
        for flag in ["--local", "--data there", "--status-file there"] {
            let line = format!("admin businesses --stage dev {flag}");
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
