//! What runs in a function's process before the function does.
//!
//! `local` starts itself as `local exec-child`, asks the kernel (`PR_SET_PDEATHSIG`) to kill this
//! process when `local` goes, however it goes, and becomes the function by `exec`. So no child
//! outlives a killed stack, and no unsafe code is needed for it. On other systems than Linux a
//! function notices by itself: its next question to the Runtime API finds nobody.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Becomes `binary`. Returns only when it cannot.
pub(crate) fn exec(parent: u32, binary: &OsString) -> io::Error {
    if let Err(error) = die_with_parent(parent) {
        return error;
    }
    Command::new(binary).exec()
}

#[cfg(target_os = "linux")]
fn die_with_parent(parent: u32) -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    // It may have gone before the kernel was asked.
    if std::os::unix::process::parent_id() == parent {
        return Ok(());
    }
    Err(io::Error::other("the stack has gone"))
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_parent: u32) -> io::Result<()> {
    Ok(())
}
