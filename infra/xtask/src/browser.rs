//! The tests in `tests/browser`: the phone in Debian's Chromium, driven by Node's own test runner.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build_folder::{BuildFolder, lock};
use crate::machine;
use crate::phone::{self, Make};
use crate::problem::Problem;
use crate::process::{output, say};
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
    machine::need_program("chromium", &["chromium"])?;
    machine::need_program("node", &["nodejs"])?;
    let tests = workspace.root.join("tests/browser");
    let npm = packages(&tests)?;
    let pages = phone::build(workspace, folder, Make::Quick)?;
    let mut command = Command::new("node");
    command
        .current_dir(&tests)
        .args(["--test", "--test-reporter=spec", TIMEOUT, CONCURRENCY, "suites/"])
        .env("AVILEO_BIN_DIR", workspace.binary_folder())
        .env("AVILEO_PAGES", pages)
        .env("AVILEO_NPM", npm)
        .env("AVILEO_PICTURES", workspace.target.join("pictures"));
    counted.run(&mut command)
}

/// Installs what the lock file names, once for all clones that name the same.
fn packages(tests: &Path) -> Result<PathBuf, Problem> {
    let cache = machine::cache_folder()?;
    let _lock = lock(&cache.join("browser-tests.lock"))?;
    let folder = cache.join("browser-tests");
    let wanted = tests.join(LOCK_FILE);
    let wanted = fs::read_to_string(&wanted).map_err(Problem::file(&wanted))?;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    machine::need_program("npm", &["npm"])?;
    say("installing the browser tests' packages from npm");
    fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
    for name in [LOCK_FILE, "package.json"] {
        let from = tests.join(name);
        fs::copy(&from, folder.join(name)).map_err(Problem::file(&from))?;
    }
    output(Command::new("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).map_err(Problem::file(&stamp))?;
    Ok(folder)
}

const LOCK_FILE: &str = "package-lock.json";
/// No test waits longer for whatever it waits for.
const TIMEOUT: &str = "--test-timeout=180000";
/// Files at a time, each with a stack and a browser or two.
const CONCURRENCY: &str = "--test-concurrency=2";
