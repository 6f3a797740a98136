//! libFuzzer on every target of `tests/fuzz`, guided by coverage, on the stable compiler.
//!
//! cargo-fuzz would ask for a nightly one; all that it adds is these flags, which stable takes as
//! well, and sanitizers, which find little in code without `unsafe`. The instrumented build has a
//! folder of its own in this clone. A find is kept in it, and is named by libFuzzer's last lines.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::build_folder::BuildFolder;
use crate::machine;
use crate::problem::{Problem, none_found};
use crate::process::{output, run as run_program, say};
use crate::workspace::Workspace;

/// What makes a program say which of its edges were taken.
const INSTRUMENTED: &str = "--cfg fuzzing -Cdebug-assertions -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The longest input.
const BYTES_MAX: &str = "-max_len=8192";

/// A single input that takes longer is a find.
const INPUT_SECONDS_MAX: &str = "-timeout=10";

/// Builds and runs every target, each for its share of this time; the others run on when one finds
/// something.
pub(super) fn run(
    workspace: &Workspace,
    _folder: &BuildFolder,
    time: Duration,
) -> Result<(), Problem> {
    // libFuzzer is C++.
    machine::need_program("c++", &["g++"])?;
    let built = workspace.target.join("fuzz");
    let host = host(workspace)?;
    say("fuzz: building instrumented (minutes at first, then seconds)");
    // With --target, so that build scripts and macros are not instrumented.
    run_program(
        crate::workspace::cargo(&workspace.root)
            .env("CARGO_TARGET_DIR", &built)
            .env("RUSTFLAGS", INSTRUMENTED)
            .args(["build", "--package", "fuzz-tests", "--bin", "fuzz", "--target", &host]),
    )?;
    let program = built.join(&host).join("debug/fuzz");
    let corpus = workspace.root.join("tests/fuzz/corpus");
    let targets = targets(&corpus)?;
    let seconds = (time.as_secs() / targets.len().max(1) as u64).max(1);
    let mut found = Vec::new();
    for target in targets {
        say(&format!("fuzz {target}: {seconds} s"));
        // What it learns goes into the clone's target folder, and is where the next run goes on.
        let learnt = built.join("corpus").join(&target);
        let finds = built.join("finds").join(&target);
        for folder in [&learnt, &finds] {
            fs::create_dir_all(folder).map_err(Problem::file(folder))?;
        }
        let mut command = Command::new(&program);
        command
            .env("AVILEO_FUZZ_TARGET", &target)
            .arg(&learnt)
            .arg(corpus.join(&target))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", finds.display()))
            .args([BYTES_MAX, INPUT_SECONDS_MAX, "-print_final_stats=1", "-verbosity=1"]);
        if let Err(problem) = run_program(&mut command) {
            found.push(format!("{target}: {problem}; the input lies in {}", finds.display()));
        }
    }
    none_found(found)
}

/// The machine's own target, as `rustc` calls it.
fn host(workspace: &Workspace) -> Result<String, Problem> {
    let said = output(Command::new("rustc").current_dir(&workspace.root).arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Problem::Answer("rustc does not say its host".into()))
}

/// Each has its folder in the corpus; the replay in `cargo test` holds that none is without.
fn targets(corpus: &std::path::Path) -> Result<Vec<String>, Problem> {
    let mut names = Vec::new();
    for entry in fs::read_dir(corpus).map_err(Problem::file(corpus))? {
        let entry = entry.map_err(Problem::file(corpus))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
