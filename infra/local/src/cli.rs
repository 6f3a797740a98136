//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs template.yaml on one machine, without a cloud account.
#[derive(Debug, Parser)]
#[command(name = "local", version)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything, say `ready http://127.0.0.1:PORT`, and serve until Ctrl-C or SIGTERM.
    Run(Run),
    /// Say what of the template is not understood, or could not work; nothing is started.
    Check {
        /// The template to read.
        #[arg(long, value_name = "FILE", default_value = "template.yaml")]
        template: PathBuf,
    },
    /// Become a function's process (used by `run` itself).
    #[command(hide = true)]
    ExecChild {
        /// The process that starts it.
        parent: u32,
        /// The function's binary.
        binary: OsString,
    },
}

/// How to run.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The template to execute.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    pub(crate) template: PathBuf,
    /// The folder with the functions' binaries.
    #[arg(long, value_name = "DIR")]
    pub(crate) bin_dir: PathBuf,
    /// The port of pages and API; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub(crate) port: u16,
    /// Serve phones on the same network too, by HTTPS on this port [8443 if none is named; 0 takes
    /// a free one], and say how they come to trust it.
    #[arg(
        long,
        value_name = "PORT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "8443"
    )]
    pub(crate) lan: Option<u16>,
    /// Keep all data in memory, gone at the end.
    #[arg(long, conflicts_with = "data")]
    pub(crate) memory: bool,
    /// Where data is kept [default: avileo in the user's data directory].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The folder with the built pages; without it a plain page is served.
    #[arg(long, value_name = "DIR")]
    pub(crate) pages: Option<PathBuf>,
    /// Put the demo business in, with a week of sales; what is there already stays as it is.
    #[arg(long)]
    pub(crate) seed_demo: bool,
    /// The last day of that week [default: today in Lima].
    #[arg(long, value_name = "DATE", requires = "seed_demo")]
    pub(crate) demo_day: Option<jiff::civil::Date>,
    /// Deliver stream records in an unkind order, repeatable by this seed.
    #[arg(long, value_name = "SEED")]
    pub(crate) stream_chaos: Option<u64>,
    /// The port of the DynamoDB interface; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) dynamodb_port: u16,
    /// A DynamoDB outside, `http://HOST:PORT`, in place of the embedded one: the tables are made
    /// there, and its streams read.
    #[arg(long, value_name = "URL", conflicts_with = "dynamodb_port")]
    pub(crate) store: Option<String>,
    /// Where functions look for DynamoDB instead (a proxy in front of --dynamodb-port).
    #[arg(long, value_name = "URL")]
    pub(crate) dynamodb_endpoint: Option<String>,
    /// Where to write, once ready, a JSON description of what runs where.
    #[arg(long, value_name = "FILE")]
    pub(crate) status_file: Option<PathBuf>,
    /// Stop when standard input ends: whoever holds it has gone, however it went.
    #[arg(long)]
    pub(crate) stop_with_stdin: bool,
}
