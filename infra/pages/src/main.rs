//! Builds what a phone downloads: bindings for the app's WebAssembly, files named after their
//! content, and the list of them that the service worker keeps.
//!
//! `pages build` makes the folder that the edge serves, `pages size` says what the first visit
//! costs, `pages pack` compresses it for where it is kept, and `pages wasm-test-runner` runs wasm-bindgen tests in a browser. It is apart from
//! xtask since its dependencies take a while to compile. Start at [`build::Build::run`].

mod bindings;
mod build;
mod names;
mod pack;
mod size;
mod sources;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds the phone's files.
#[derive(Debug, Parser)]
#[command(name = "pages", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the folder that is served, anew.
    Build {
        /// The app, as cargo has compiled it.
        #[arg(long, value_name = "FILE")]
        wasm: PathBuf,
        /// The folder with style sheets, icons and the page.
        #[arg(long, value_name = "DIR")]
        sources: PathBuf,
        /// Where the folder shall be.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The program that makes the app smaller; without it the app stays as it is.
        #[arg(long, value_name = "PROGRAM")]
        wasm_opt: Option<PathBuf>,
    },
    /// Says what the first visit downloads, and fails beyond the budget.
    Size {
        /// A folder that `build` has made.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Compresses what is named after its content, for a store that serves it so.
    Pack {
        /// A folder that `build` has made.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Where the compressed files shall be.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Runs wasm-bindgen tests: cargo calls it with the compiled tests.
    #[command(disable_help_flag = true)]
    WasmTestRunner {
        /// What cargo passes on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Build { wasm, sources, out, wasm_opt } => {
            build::Build { wasm, sources, out, wasm_opt }.run()
        }
        Command::Size { dir } => size::report(&dir),
        Command::Pack { dir, to } => pack::pack(&dir, &to),
        Command::WasmTestRunner { arguments } => {
            let program = OsString::from("wasm-bindgen-test-runner");
            wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(
                std::iter::once(program).chain(arguments),
            )
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("pages: {problem:#}");
            ExitCode::FAILURE
        }
    }
}
