//! This machine: where its cache folder is, and what it still lacks, fetched from its registries.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::problem::Problem;
use crate::process::{output, run, say, succeeds};

/// Our folder in the user's cache: build products and tools that all clones share.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor `HOME` says where it is, or it cannot be made.
pub(crate) fn cache_folder() -> Result<PathBuf, Problem> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| Problem::Missing("set HOME: its .cache folder holds the builds".into()))?;
    let folder = base.join("avileo");
    fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
    Ok(folder)
}

/// Sees to it that `program` is there, from the Debian packages `packages` if need be.
///
/// # Errors
/// When it is missing and this is no Debian, or we are not root.
pub(crate) fn need_program(program: &str, packages: &[&str]) -> Result<(), Problem> {
    if is_on_path(program) {
        return Ok(());
    }
    install_debian(packages)
}

/// Installs Debian packages.
///
/// # Errors
/// With the line to type, where we cannot do it ourselves.
pub(crate) fn install_debian(packages: &[&str]) -> Result<(), Problem> {
    let names = packages.join(" ");
    let line = format!("apt-get install --no-install-recommends {names}");
    if !is_on_path("apt-get") || !is_root() {
        return Err(Problem::Missing(format!("{names} is missing: run `{line}` as root")));
    }
    say(&format!("installing {names} from Debian"));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    output(apt().arg("update"))?;
    output(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))?;
    Ok(())
}

/// Sees to it that the toolchain has a component, as `clippy`, which a minimal one lacks.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub(crate) fn need_component(root: &Path, subcommand: &str, name: &str) -> Result<(), Problem> {
    let mut probe = crate::workspace::cargo(root);
    if succeeds(probe.args([subcommand, "--version"])) {
        return Ok(());
    }
    say(&format!("adding {name} to the Rust toolchain"));
    run(Command::new("rustup").args(["component", "add", name]))
}

fn is_on_path(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
