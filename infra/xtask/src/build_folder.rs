//! The build folder that all clones on a machine share, so that a new clone compiles only itself.
//!
//! Cargo keeps its intermediates there (`build.build-dir`), while finished binaries stay in each
//! clone's `target/`. Cargo names a member's artifacts by its path within the workspace, and
//! judges their freshness by time stamps, so it would take another clone's members for ours. Hence
//! one clone at a time owns the folder: a file lock is held for the length of every build, a stamp
//! names the owner, and when that was another clone our members are cleaned, and only they.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::machine;
use crate::problem::Problem;
use crate::process::{run, say};
use crate::workspace::{self, Workspace};

/// The shared build folder, ours until this is dropped.
pub(crate) struct BuildFolder {
    root: PathBuf,
    target: PathBuf,
    folder: PathBuf,
    /// Released when the file closes.
    _lock: File,
}

impl BuildFolder {
    /// Waits for the folder and makes it ours.
    ///
    /// # Errors
    /// When the cache folder cannot be written, or cargo cannot clean.
    pub(crate) fn take(workspace: &Workspace) -> Result<Self, Problem> {
        let cache = machine::cache_folder()?;
        let folder = cache.join("build");
        fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
        let taken = Self {
            root: workspace.root.clone(),
            target: workspace.target.clone(),
            _lock: lock(&cache.join("build.lock"))?,
            folder,
        };
        let stamp = cache.join("build.owner");
        let owner = clone_identity(workspace)?;
        let previous = fs::read_to_string(&stamp).ok();
        if previous.as_ref() != Some(&owner) {
            taken.clean_members()?;
            fs::write(&stamp, &owner).map_err(Problem::file(&stamp))?;
        }
        Ok(taken)
    }

    /// A cargo that builds here.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = workspace::cargo(&self.root);
        command.env("CARGO_BUILD_BUILD_DIR", &self.folder);
        command
    }

    /// Another compiler's cargo, which shares nothing: it builds within this clone.
    pub(crate) fn foreign_cargo(&self, program: &str, name: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", self.target.join(name));
        command
    }

    /// `cargo clean` looks at one profile and one target at a time, so it is asked for each.
    fn clean_members(&self) -> Result<(), Problem> {
        let found = layouts(&self.folder).map_err(Problem::file(&self.folder))?;
        if found.is_empty() {
            return Ok(());
        }
        say("another clone built last: cleaning the workspace's own crates");
        for layout in found {
            let mut command = self.cargo();
            command.args(["clean", "--quiet", "--workspace", "--profile", &layout.profile]);
            if let Some(target) = &layout.target {
                command.args(["--target", target]);
            }
            run(&mut command)?;
        }
        Ok(())
    }
}

/// Waits for a lock that other processes on this machine may hold.
pub(crate) fn lock(path: &Path) -> Result<File, Problem> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(Problem::file(path))?;
    if file.try_lock().is_err() {
        say(&format!("waiting for another process that holds {}", path.display()));
        file.lock().map_err(Problem::file(path))?;
    }
    Ok(file)
}

/// This clone and no other: its path, and a mark in its target folder, so that a clone made anew
/// at the same path counts as another.
fn clone_identity(workspace: &Workspace) -> Result<String, Problem> {
    let mark = workspace.target.join("clone.id");
    let id = match fs::read_to_string(&mark) {
        Ok(id) => id,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(&workspace.target).map_err(Problem::file(&workspace.target))?;
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let id = format!("{}-{}", since.as_nanos(), std::process::id());
            fs::write(&mark, &id).map_err(Problem::file(&mark))?;
            id
        }
        Err(error) => return Err(Problem::file(&mark)(error)),
    };
    Ok(format!("{}\n{id}\n", workspace.root.display()))
}

/// A folder of artifacts within the build folder.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Layout {
    target: Option<String>,
    profile: String,
}

/// `debug`, `release`, `wasm32-unknown-unknown/debug` …: whatever cargo has put its lock in.
fn layouts(folder: &Path) -> io::Result<Vec<Layout>> {
    let mut found = Vec::new();
    for (name, path) in folders(folder)? {
        if path.join(CARGO_LOCK).exists() {
            found.push(Layout { target: None, profile: profile_of(name) });
            continue;
        }
        for (inner, path) in folders(&path)? {
            if path.join(CARGO_LOCK).exists() {
                found.push(Layout { target: Some(name.clone()), profile: profile_of(inner) });
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Cargo makes this file in every folder that it builds one profile in.
const CARGO_LOCK: &str = ".cargo-lock";

fn profile_of(folder: String) -> String {
    if folder == "debug" { "dev".to_owned() } else { folder }
}

fn folders(parent: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_and_target_that_was_built_is_found() {
        let folder = std::env::temp_dir().join(format!("layouts-{}", std::process::id()));
        for built in ["debug", "release", "wasm32-unknown-unknown/debug"] {
            fs::create_dir_all(folder.join(built).join("deps")).unwrap();
            fs::write(folder.join(built).join(CARGO_LOCK), "").unwrap();
        }
        fs::create_dir_all(folder.join("tmp")).unwrap();
        let found = layouts(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let layout = |target: Option<&str>, profile: &str| Layout {
            target: target.map(str::to_owned),
            profile: profile.to_owned(),
        };
        let wasm = layout(Some("wasm32-unknown-unknown"), "dev");
        assert_eq!(found, [layout(None, "dev"), layout(None, "release"), wasm]);
    }
}
