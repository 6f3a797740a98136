//! The tests in `tests/browser`: the phone in Debian's Chromium, driven by Node's own test runner.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::build_folder::{BuildFolder, lock};
use crate::dev;
use crate::machine;
use crate::phone::{self, Make};
use crate::problem::Problem;
use crate::process::{output, run as run_program, say};
use crate::test::Counted;
use crate::workspace::Workspace;

/// What `cargo xtask test` calls them.
pub(crate) const NAME: &str = "browser";

/// Builds the phone and runs the tests; the functions and the local stack are built already.
///
/// # Errors
/// When something is missing, or the phone does not compile. Failed tests are counted.
pub(crate) fn run(
    workspace: &Workspace,
    folder: &BuildFolder,
    counted: &mut Counted,
) -> Result<(), Problem> {
    let tests = workspace.root.join(TESTS);
    let mut command = node(workspace, folder, &tests, Make::Quick)?;
    counted.run(command.args(TEST).args([TIMEOUT, CONCURRENCY, "suites/"]))
}

/// Lighthouse on the phone as it is downloaded.
///
/// # Errors
/// When something is missing or does not compile, or Lighthouse finds a fault.
pub(crate) fn lighthouse(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let packages_of = workspace.root.join(TESTS).join("soak");
    long(workspace, folder, &packages_of, &["soak/lighthouse.test.js"], &[])
}

/// The phone of a business with 5,000 customers and 20,000 sales.
///
/// # Errors
/// When something is missing or does not compile, or the test fails.
pub(crate) fn years(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let whole = [("AVILEO_CUSTOMERS", "5000"), ("AVILEO_EVERY_SCREEN", "1")];
    let suites = ["suites/many.test.js", "suites/years.test.js"];
    long(workspace, folder, &workspace.root.join(TESTS), &suites, &whole)
}

/// Four phones under chaos, for so long.
///
/// # Errors
/// When something is missing or does not compile, or the test fails.
pub(crate) fn chaos(
    workspace: &Workspace,
    folder: &BuildFolder,
    time: Duration,
) -> Result<(), Problem> {
    let minutes = (time.as_secs_f64() / 60.0).to_string();
    let whole = [("AVILEO_MINUTES", minutes.as_str())];
    long(workspace, folder, &workspace.root.join(TESTS), &["suites/chaos.test.js"], &whole)
}

fn long(
    workspace: &Workspace,
    folder: &BuildFolder,
    packages_of: &Path,
    suites: &[&str],
    environment: &[(&str, &str)],
) -> Result<(), Problem> {
    dev::build(workspace, folder)?;
    let mut command = node(workspace, folder, packages_of, Make::Small)?;
    command.envs(environment.iter().copied());
    // Without a limit to their time: each bounds its own waiting.
    run_program(command.args(TEST).arg(ONE_AT_A_TIME).args(suites))
}

/// `cargo xtask pictures`: takes the pictures that README.md shows.
///
/// # Errors
/// When something is missing or does not compile, or a screen does not show.
pub(crate) fn pictures(arguments: &[String]) -> Result<(), Problem> {
    if let Some(unknown) = arguments.first() {
        return Err(Problem::Usage(format!("pictures takes no arguments, not `{unknown}`")));
    }
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    dev::build(&workspace, &folder)?;
    let tests = workspace.root.join(TESTS);
    run_program(node(&workspace, &folder, &tests, Make::Quick)?.arg("pictures.js"))
}

/// Node in the folder of the tests, with the packages that `packages_of` names.
fn node(
    workspace: &Workspace,
    folder: &BuildFolder,
    packages_of: &Path,
    make: Make,
) -> Result<Command, Problem> {
    machine::need_program("chromium", &["chromium"])?;
    machine::need_program("node", &["nodejs"])?;
    let npm = packages(packages_of)?;
    let pages = phone::build(workspace, folder, make)?;
    let mut command = Command::new("node");
    command
        .current_dir(workspace.root.join(TESTS))
        .env("AVILEO_BIN_DIR", workspace.binary_folder())
        .env("AVILEO_PAGES", pages)
        .env("AVILEO_NPM", npm)
        .env("AVILEO_PICTURES", workspace.target.join("pictures"));
    Ok(command)
}

/// Installs what a folder's lock file names, once for all clones that name the same.
fn packages(tests: &Path) -> Result<PathBuf, Problem> {
    let name = tests.file_name().unwrap_or_default().to_string_lossy();
    let cache = machine::cache_folder()?;
    let _lock = lock(&cache.join(format!("npm-{name}.lock")))?;
    let folder = cache.join(format!("npm-{name}"));
    let wanted = tests.join(LOCK_FILE);
    let wanted = fs::read_to_string(&wanted).map_err(Problem::file(&wanted))?;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    machine::need_program("npm", &["npm"])?;
    say("installing the browser tests' packages from npm");
    fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
    for file in [LOCK_FILE, "package.json"] {
        let from = tests.join(file);
        fs::copy(&from, folder.join(file)).map_err(Problem::file(&from))?;
    }
    output(Command::new("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).map_err(Problem::file(&stamp))?;
    Ok(folder)
}

const TESTS: &str = "tests/browser";
const TEST: [&str; 2] = ["--test", "--test-reporter=spec"];
const LOCK_FILE: &str = "package-lock.json";
/// No test, and no file of them, takes longer, whatever else the machine does.
const TIMEOUT: &str = "--test-timeout=600000";
/// Whatever is measured is alone.
const ONE_AT_A_TIME: &str = "--test-concurrency=1";
/// Files at a time, each with a stack and a browser or two.
const CONCURRENCY: &str = "--test-concurrency=2";
