//! Operators' commands, against the local stack or a deployed stage.
//!
//! This file only wires; start reading at [`cli`]. `place` says which copy of the system is meant,
//! `report` how the outcome is told; each command has a file of its own.

mod businesses;
mod cli;
mod confirm;
mod deletion;
mod export;
mod feeds;
mod invoke;
mod key_set;
mod place;
mod problem;
mod refused;
mod report;
mod rows;
mod secret;
mod signing_keys;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use place::Place;
use problem::Problem;
use report::Report;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime
        .map_err(|error| Problem::System(error.to_string()))
        .and_then(|runtime| runtime.block_on(run(cli)))
        .and_then(|report| report.print(json).map(|()| report.is_good()));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("admin: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<Report, Problem> {
    let place = Place::find(&cli.place)?;
    match cli.command {
        Command::Businesses => businesses::list(&place).await,
        Command::CreateBusiness(wanted) => businesses::create(&place, &wanted).await,
        Command::ResetPassword(wanted) => businesses::reset_password(&place, &wanted).await,
        Command::Activate(wanted) => businesses::activate(&place, &wanted).await,
        Command::Verify { business } => feeds::verify(&place, &business).await,
        Command::Repair { business } => feeds::repair(&place, business.as_ref()).await,
        Command::Rebuild(wanted) => feeds::rebuild(&place, &wanted).await,
        Command::Refused { business, since } => {
            refused::list(&place, business.as_ref(), since.as_deref()).await
        }
        Command::Export(wanted) => export::export(&place, &wanted).await,
        Command::DeleteBusiness(wanted) => deletion::delete(&place, &wanted).await,
        Command::RotateKey(wanted) => signing_keys::rotate(&place, &wanted).await,
        Command::PublishKeys => signing_keys::publish(&place),
        Command::Invoke { function, event } => invoke::invoke(&place, &function, &event),
    }
}
