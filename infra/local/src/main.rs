//! Runs `template.yaml` on one machine: tables, functions, HTTP API, streams, secrets and the edge,
//! without a cloud account.
//!
//! This file only wires; start reading at [`stack`]. In the order of a request: `front` (the
//! edge), `http_api` (the gateway), `runtime` (the functions' processes), `store` (the tables),
//! `stream` (what carries their changes on). `template` is what all of them are told by.

mod cli;
mod console;
mod control;
mod data;
mod edge_keys;
mod front;
mod http_api;
mod runtime;
mod schedule;
mod secrets;
mod seed;
mod stack;
mod status;
mod stop;
mod store;
mod stream;
mod template;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::ExecChild { parent, binary } => {
            let error = runtime::child::exec(parent, &binary);
            console::line(&format!("{}: {error}", binary.to_string_lossy()));
            ExitCode::FAILURE
        }
        Command::Check { template } => match template::Template::load(&template) {
            Ok(_) => ExitCode::SUCCESS,
            Err(error) => {
                console::line(&format!("error: {error}"));
                ExitCode::FAILURE
            }
        },
        Command::Run(run) => match stack::run(&run) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                console::line(&format!("error: {error}"));
                ExitCode::FAILURE
            }
        },
    }
}
