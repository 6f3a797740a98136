//! The folder that holds everything of one local stack, owned by one process at a time.
//!
//! ```text
//! version         which form the data has
//! lock            held while a stack runs on it
//! store.sqlite    tables and streams
//! failures.sqlite what streams gave up
//! status.json     what runs where, while it runs
//! secrets/        one file per secret, for the owner's eyes only
//! tls/            the authority that phones of `--lan` trust; its key for the owner's eyes only
//! ```

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that this process owns until the value is dropped.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    in_memory: bool,
    _lock: File,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// Where data belongs is unknown.
    #[error("neither XDG_DATA_HOME nor HOME is set: name a folder with --data")]
    NoHome,
    /// The folder or a file in it cannot be written.
    #[error("the data folder {path} is not writable: {source}")]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another stack runs on it.
    #[error("the data folder {0} is in use by another running stack")]
    InUse(PathBuf),
    /// Made by another version of this program.
    #[error(
        "the data in {path} is of version {found:?}, this program reads version {DATA_VERSION:?}: \
         move the folder away or name another with --data"
    )]
    OtherVersion {
        /// The folder.
        path: PathBuf,
        /// What its version file says.
        found: String,
    },
    /// There is something in it, and it is not ours.
    #[error("the folder {0} holds other files and no data of this program: name another")]
    NotOurs(PathBuf),
}

impl DataFolder {
    /// Opens or makes the folder at `path`.
    ///
    /// # Errors
    ///
    /// When it cannot be written, is in use, or holds data of another kind or version.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        Self::take(path, false)
    }

    /// A new folder in memory, gone with the process. What a killed process has left behind is
    /// swept here.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(crate) fn in_memory() -> Result<Self, DataError> {
        let shared = Path::new("/dev/shm");
        let parent = if shared.is_dir() { shared.into() } else { std::env::temp_dir() };
        sweep(&parent);
        Self::take(&parent.join(format!("{MEMORY_PREFIX}{}", uuid::Uuid::new_v4())), true)
    }

    fn take(path: &Path, in_memory: bool) -> Result<Self, DataError> {
        let not_writable = |source| DataError::NotWritable { path: path.into(), source };
        std::fs::create_dir_all(path).map_err(not_writable)?;
        let is_new = !path.join("version").exists();
        if is_new && holds_other_files(path).map_err(not_writable)? {
            return Err(DataError::NotOurs(path.into()));
        }
        let lock = File::create(path.join("lock")).map_err(not_writable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataError::InUse(path.into())),
            Err(TryLockError::Error(source)) => return Err(not_writable(source)),
        }
        if is_new {
            std::fs::write(path.join("version"), format!("{DATA_VERSION}\n"))
                .map_err(not_writable)?;
        }
        let found = std::fs::read_to_string(path.join("version")).map_err(not_writable)?;
        if found.trim() != DATA_VERSION {
            let found = found.trim().into();
            return Err(DataError::OtherVersion { path: path.into(), found });
        }
        Ok(Self { path: path.into(), in_memory, _lock: lock })
    }

    /// The file or folder `name` in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        if self.in_memory {
            // What cannot be removed now is swept at the next start.
            std::fs::remove_dir_all(&self.path).ok();
        }
    }
}

/// The data of the person who runs this: `$XDG_DATA_HOME/avileo` or `~/.local/share/avileo`.
///
/// # Errors
///
/// When neither variable is set.
pub(crate) fn default_folder() -> Result<PathBuf, DataError> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .map(|base| base.join("avileo"))
        .ok_or(DataError::NoHome)
}

fn holds_other_files(path: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(path)? {
        if entry?.file_name() != "lock" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes folders in memory whose process is gone (its lock is free).
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(MEMORY_PREFIX);
        let lock = ours.then(|| File::open(entry.path().join("lock")).ok()).flatten();
        if lock.is_some_and(|lock| lock.try_lock().is_ok()) {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Raised whenever older data can no longer be read.
const DATA_VERSION: &str = "avileo-local 1";

/// Of a folder in memory.
const MEMORY_PREFIX: &str = "avileo-local-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_one_stack_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let first = DataFolder::open(&path).unwrap();
        assert!(matches!(DataFolder::open(&path), Err(DataError::InUse(_))));
        drop(first);
        DataFolder::open(&path).unwrap();
    }

    #[test]
    fn data_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("version"), "avileo-local 99\n").unwrap();
        let error = DataFolder::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("avileo-local 99") && error.contains(DATA_VERSION), "{error}");
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.txt"), "mine").unwrap();
        assert!(matches!(DataFolder::open(folder.path()), Err(DataError::NotOurs(_))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_memory_is_gone_afterwards() {
        let folder = DataFolder::in_memory().unwrap();
        let path = folder.path().to_path_buf();
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }
}
