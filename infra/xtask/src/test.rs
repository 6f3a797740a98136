//! `cargo xtask test`: builds everything, then runs every test and counts what they say.
//!
//! Tests that start the system find its binaries in the folder that `AVILEO_BIN_DIR` names. A test
//! that cannot run on this machine adds a line `name: reason` to the file that `AVILEO_SKIPS`
//! names; only what [`SKIPS`] lists may do so.

use std::env;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use crate::browser;
use crate::browser_tests;
use crate::build_folder::BuildFolder;
use crate::dev;
use crate::machine;
use crate::problem::{Problem, none_found};
use crate::process::{each_line, run as run_program, say};
use crate::soak;
use crate::workspace::{Package, Workspace};

/// What a machine may lack, by name. Every other skip is a failure.
const SKIPS: &[&str] = &["nginx-cache", "wrong-clocks"];

/// Runs all tests, or those of the packages named; [`browser::NAME`] names those in a browser.
///
/// # Errors
/// When something does not compile, a test fails, or one was left out that may not be.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    if let Some(option) = arguments.iter().find(|argument| argument.starts_with('-')) {
        return Err(Problem::Usage(format!("test takes names of packages, not `{option}`")));
    }
    let workspace = Workspace::read()?;
    let (browser, names): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|name| name == browser::NAME);
    let packages = named(&workspace, &names)?;
    let runs_browser = arguments.is_empty() || !browser.is_empty();
    let runs_packages = arguments.is_empty() || !packages.is_empty();
    machine::need_program("curl", &["curl", "ca-certificates"])?;
    // Crash tests end processes by their id.
    machine::need_program("kill", &["procps"])?;
    // The engine family of CloudFront's functions.
    machine::need_program("njs", &["njs"])?;
    // A cache that is not ours; where it cannot be installed its test says that it was skipped.
    if let Err(problem) = machine::need_program("nginx", &["nginx-light"]) {
        say(&problem.to_string());
    }
    // Shows a function another time than the machine's.
    if let Err(problem) = machine::need_program("faketime", &["faketime"]) {
        say(&problem.to_string());
    }
    let folder = BuildFolder::take(&workspace)?;

    build(&workspace, &folder, &packages, runs_packages)?;

    let skips = workspace.target.join("skips");
    fs::write(&skips, "").map_err(Problem::file(&skips))?;
    let mut counted = Counted::default();
    if runs_packages {
        say("test 2/3: running the tests");
        run_tests(&workspace, &folder, &packages, &skips, &mut counted)?;
        let in_a_browser = |package: &&Package| browser_tests::PACKAGES.contains(&&*package.name);
        if packages.is_empty() || packages.iter().any(in_a_browser) {
            counted.run(&mut browser_tests::command(&workspace, &folder)?)?;
        }
    }
    if runs_browser {
        say("test 3/3: running the phone in a browser");
        browser::run(&workspace, &folder, &mut counted)?;
    }

    let said = fs::read_to_string(&skips).map_err(Problem::file(&skips))?;
    let findings = counted.findings().into_iter().chain(unlisted_skips(&said)).collect();
    none_found(findings)?;
    say(&format!("test: {} passed, none failed, none left out", counted.passed));
    for line in said.lines() {
        say(&format!("skipped on this machine: {line}"));
    }
    for line in soak::slices() {
        say(&line);
    }
    Ok(())
}

/// A crate's own tests start nothing; those under tests/, those that use their harness, and those
/// in a browser start the whole system.
fn build(
    workspace: &Workspace,
    folder: &BuildFolder,
    packages: &[&Package],
    runs_packages: bool,
) -> Result<(), Problem> {
    let system = workspace.root.join("tests");
    let starts_it = |package: &&Package| {
        package.folder.starts_with(&system)
            || package.dependencies.iter().any(|dependency| dependency.package == "http-tests")
    };
    if !runs_packages {
        say("test 1/3: building the functions and the local stack");
        return dev::build(workspace, folder);
    }
    if packages.is_empty() || packages.iter().any(starts_it) {
        say("test 1/3: building all packages, their binaries and their tests");
        // With --all-targets at once, so that binaries and tests share one choice of features.
        run_program(folder.cargo().args(BUILD))?;
    }
    Ok(())
}

/// Everything, so that nothing that a test starts is older than its source.
pub(crate) const BUILD: [&str; 4] = ["build", "--workspace", "--all-targets", "--all-features"];

fn named<'a>(workspace: &'a Workspace, names: &[String]) -> Result<Vec<&'a Package>, Problem> {
    let find = |name: &String| {
        workspace
            .member(name)
            .ok_or_else(|| Problem::Usage(format!("the workspace has no package `{name}`")))
    };
    names.iter().map(find).collect()
}

fn run_tests(
    workspace: &Workspace,
    folder: &BuildFolder,
    packages: &[&Package],
    skips: &Path,
    counted: &mut Counted,
) -> Result<(), Problem> {
    let mut command = folder.cargo();
    command
        .args(["test", "--all-features", "--no-fail-fast"])
        .env("AVILEO_BIN_DIR", workspace.binary_folder())
        .env("AVILEO_SKIPS", skips);
    if std::io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none() {
        command.arg("--color=always");
    }
    if packages.is_empty() {
        command.arg("--workspace");
    }
    for package in packages {
        command.args(["--package", &package.id]);
    }
    counted.run(&mut command)
}

/// Sums of libtest's closing lines, and of those of Node's test runner.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    passed: u64,
    failed: u64,
    ignored: u64,
    filtered_out: u64,
    is_failure: bool,
}

impl Counted {
    /// Runs tests, shows their lines and counts what they say at the end.
    ///
    /// # Errors
    /// When they cannot be started. Failed tests are counted, no error.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<(), Problem> {
        let mut out = std::io::stdout();
        let succeeded = each_line(command, |line| {
            self.add(line);
            self.add_node(line);
            // Standard output may be closed, as by `| head`; the count goes on.
            writeln!(out, "{line}").unwrap_or_default();
        })?;
        self.is_failure |= !succeeded;
        Ok(())
    }

    /// Takes `ℹ pass 3`.
    fn add_node(&mut self, line: &str) {
        let Some((what, count)) = line.strip_prefix("ℹ ").and_then(|rest| rest.split_once(' '))
        else {
            return;
        };
        let Ok(count) = count.parse::<u64>() else { return };
        match what {
            "pass" => self.passed += count,
            "fail" | "cancelled" => self.failed += count,
            "skipped" | "todo" => self.ignored += count,
            _ => {}
        }
    }

    /// Takes `test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; …`.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) =
            line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in counts.split("; ") {
            let Some((count, what)) = part.trim().split_once(' ') else { continue };
            let Ok(count) = count.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                "filtered out" => self.filtered_out += count,
                _ => {}
            }
        }
    }

    fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        if self.is_failure || self.failed > 0 {
            findings.push(format!("{} tests failed", self.failed));
        }
        if self.ignored > 0 {
            findings.push(format!("{} tests are ignored, and none may be", self.ignored));
        }
        if self.filtered_out > 0 {
            findings.push(format!("{} tests were filtered out", self.filtered_out));
        }
        if self.passed == 0 {
            findings.push("no test ran".to_owned());
        }
        findings
    }
}

fn unlisted_skips(said: &str) -> Vec<String> {
    let name = |line: &str| line.split(':').next().unwrap_or_default().trim().to_owned();
    let unlisted = said.lines().filter(|line| !SKIPS.contains(&name(line).as_str()));
    unlisted.map(|line| format!("skipped, but not listed as one that may be: {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed() {
        let mut counted = Counted::default();
        counted.add("running 3 tests");
        counted.add(
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; \
             finished in 0.00s",
        );
        counted.add(
            "test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 5 filtered out; \
             finished in 1.50s",
        );
        let expected =
            Counted { passed: 5, failed: 1, ignored: 4, filtered_out: 5, is_failure: false };
        assert_eq!(counted, expected);
        assert_eq!(counted.findings().len(), 3);
    }

    #[test]
    fn closing_lines_of_node_are_summed() {
        let mut counted = Counted::default();
        for line in ["ℹ tests 7", "ℹ suites 0", "ℹ pass 3", "ℹ fail 1", "ℹ cancelled 1"] {
            counted.add_node(line);
        }
        for line in ["ℹ skipped 1", "ℹ todo 1", "ℹ duration_ms 10590.2", "✖ pass 3"] {
            counted.add_node(line);
        }
        let expected = Counted { passed: 3, failed: 2, ignored: 2, ..Counted::default() };
        assert_eq!(counted, expected);
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        assert_eq!(Counted::default().findings(), ["no test ran"]);
    }

    #[test]
    fn a_skip_that_is_not_listed_is_a_failure() {
        assert_eq!(unlisted_skips("").len(), 0);
        assert_eq!(unlisted_skips("arm64: no standard library\n").len(), 1);
    }
}
