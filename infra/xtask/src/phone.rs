//! The phone's files: the app compiled for the browser, and the folder that is served made of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build_folder::{BuildFolder, lock};
use crate::machine;
use crate::problem::Problem;
use crate::process::{output, run, say};
use crate::wasm::WasmToolchain;
use crate::workspace::Workspace;

/// From npm: makes WebAssembly smaller. Debian's is too old for what our compiler writes.
const BINARYEN: &str = "binaryen@132";

/// How the app is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// In seconds, for whoever works on it.
    Quick,
    /// As a phone downloads it.
    Small,
}

/// Builds the folder of pages and answers where it is.
///
/// # Errors
/// When something is missing or does not compile.
pub(crate) fn build(
    workspace: &Workspace,
    folder: &BuildFolder,
    make: Make,
) -> Result<PathBuf, Problem> {
    let toolchain = WasmToolchain::find()?;
    let profile = make.profile();
    let mut cargo = match make {
        Make::Quick => toolchain.cargo(folder, "build"),
        Make::Small => toolchain.small_cargo(folder, "build"),
    };
    run(cargo.args(["--package", "app", "--profile", profile]))?;
    run(folder.cargo().args(["build", "--package", "pages"]))?;
    let out = workspace.target.join("pages").join(profile);
    let mut command = Command::new(workspace.binary_folder().join("pages"));
    command.arg("build").arg("--wasm").arg(toolchain.artifact(&workspace.target, profile, "app"));
    command.arg("--sources").arg(workspace.root.join("web/app/static")).arg("--out").arg(&out);
    if make == Make::Small {
        command.arg("--wasm-opt").arg(wasm_opt()?);
    }
    run(&mut command)?;
    Ok(out)
}

/// `cargo xtask size [--report]`: builds the pages small and judges them; only tells, if asked so.
///
/// # Errors
/// When they cannot be built, or exceed the budget without `--report`.
pub(crate) fn size(arguments: &[String]) -> Result<(), Problem> {
    let is_judged = match arguments {
        [] => true,
        [report] if report == REPORT => false,
        _ => {
            let line = arguments.join(" ");
            return Err(Problem::Usage(format!("size takes {REPORT} or nothing, not `{line}`")));
        }
    };
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    let pages = build(&workspace, &folder, Make::Small)?;
    let mut command = Command::new(workspace.binary_folder().join("pages"));
    match run(command.arg("size").arg("--dir").arg(pages)) {
        Err(problem) if !is_judged => {
            say(&format!("size: {problem}; that stops nothing here"));
            Ok(())
        }
        judged => judged,
    }
}

/// Whoever only wants the pages built, such as `deploy`.
pub(crate) const REPORT: &str = "--report";

impl Make {
    fn profile(self) -> &'static str {
        match self {
            Self::Quick => "phone-dev",
            Self::Small => "phone",
        }
    }
}

/// Installed once for all clones.
fn wasm_opt() -> Result<PathBuf, Problem> {
    let cache = machine::cache_folder()?;
    let _lock = lock(&cache.join("binaryen.lock"))?;
    let folder = cache.join("binaryen");
    let program = folder.join("node_modules/.bin/wasm-opt");
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == BINARYEN) && program.exists() {
        return Ok(program);
    }
    machine::need_program("npm", &["nodejs", "npm"])?;
    say(&format!("installing {BINARYEN} from npm"));
    fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
    install(&folder)?;
    fs::write(&stamp, BINARYEN).map_err(Problem::file(&stamp))?;
    Ok(program)
}

fn install(folder: &Path) -> Result<(), Problem> {
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["install", "--no-audit", "--no-fund", "--prefix", "."]);
    output(npm.arg(BINARYEN)).map(drop)
}
