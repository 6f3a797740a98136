//! What the template says besides how to run: permissions, alarms, logs, the origin's door, caches
//! that are not ours, and what an operator does when something is lost.
#![expect(clippy::unwrap_used, reason = "helpers of tests panic where a test fails")]

mod cache;
mod clocks;
mod metrics;
mod permissions;
mod redrive;
mod restore;

/// Names a test that this machine cannot run (`name: reason`), where `cargo xtask test` reads it.
fn skip(line: &str) {
    if let Some(file) = std::env::var_os("AVILEO_SKIPS") {
        use std::io::Write;
        let mut file = std::fs::File::options().append(true).create(true).open(file).unwrap();
        writeln!(file, "{line}").unwrap();
    }
    eprintln!("skipped: {line}");
}
