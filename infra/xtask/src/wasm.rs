//! The toolchain for `wasm32-unknown-unknown`: rustup's standard library for it, or Debian's
//! `rustc-web` on a machine that cannot fetch that one.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build_folder::BuildFolder;
use crate::machine;
use crate::problem::Problem;
use crate::process::{output, say, succeeds};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Within the clone's target folder.
const DEBIAN_FOLDER: &str = "wasm-debian";
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// Where the standard library for wasm32 comes from.
pub(crate) enum WasmToolchain {
    /// Our own compiler, which has the target.
    Rustup,
    /// Debian's compiler, which builds the standard library from its source.
    Debian,
}

impl WasmToolchain {
    /// Finds one, adding the target or Debian's packages if need be.
    ///
    /// # Errors
    /// When neither can be had.
    pub(crate) fn find() -> Result<Self, Problem> {
        if has_target() {
            return Ok(Self::Rustup);
        }
        say(&format!("adding the target {TARGET} to the Rust toolchain"));
        if succeeds(Command::new("rustup").args(["target", "add", TARGET])) && has_target() {
            return Ok(Self::Rustup);
        }
        say("rustup cannot fetch it; trying Debian's rustc-web");
        if !is_debians_there() {
            machine::install_debian(DEBIAN_PACKAGES)?;
        }
        if is_debians_there() {
            return Ok(Self::Debian);
        }
        Err(Problem::Missing(format!(
            "no compiler for {TARGET}: neither `rustup target add {TARGET}` nor Debian's {} works",
            DEBIAN_PACKAGES.join(" ")
        )))
    }

    /// `cargo {subcommand} --target wasm32-unknown-unknown`, ready for further arguments.
    pub(crate) fn cargo(&self, folder: &BuildFolder, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Rustup => folder.cargo(),
            Self::Debian => folder.foreign_cargo(DEBIAN_CARGO, DEBIAN_FOLDER),
        };
        command.args([subcommand, "--target", TARGET]);
        if matches!(self, Self::Debian) {
            command
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
        }
        command
    }

    /// The same where bytes count: the standard library is compiled with the program, so that only
    /// what is called stays, and a panic traps where it stands instead of formatting what it has
    /// to say. Where its source cannot be had, the finished library is used.
    pub(crate) fn small_cargo(&self, folder: &BuildFolder, subcommand: &str) -> Command {
        let mut command = self.cargo(folder, subcommand);
        if matches!(self, Self::Rustup) && has_library_source() {
            command.env("RUSTC_BOOTSTRAP", "1").args(SMALL_LIBRARY);
        }
        command
    }

    /// Where a compiled binary lands.
    pub(crate) fn artifact(&self, target: &Path, profile: &str, name: &str) -> PathBuf {
        let target = match self {
            Self::Rustup => target.to_owned(),
            Self::Debian => target.join(DEBIAN_FOLDER),
        };
        target.join(TARGET).join(profile).join(format!("{name}.wasm"))
    }
}

/// What cargo is told to compile the standard library small. The target's flags come on top of
/// those in `.cargo/config.toml`.
const SMALL_LIBRARY: &[&str] = &[
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "-Zpanic-immediate-abort",
    "--config",
    r#"profile.phone.panic="immediate-abort""#,
    "--config",
    r#"target.wasm32-unknown-unknown.rustflags=["-Zlocation-detail=none"]"#,
];

impl fmt::Display for WasmToolchain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Rustup => "rustup's standard library",
            Self::Debian => "Debian's rustc-web",
        })
    }
}

/// Adds rustup's component if need be; says so where that fails.
fn has_library_source() -> bool {
    let is_there = || {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        output(Command::new(rustc).args(["--print", "sysroot"])).is_ok_and(|root| {
            Path::new(root.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
        })
    };
    if is_there() {
        return true;
    }
    say("adding the standard library's source to the Rust toolchain");
    if succeeds(Command::new("rustup").args(["component", "add", "rust-src"])) && is_there() {
        return true;
    }
    say("rustup cannot fetch it: the app is built with the finished library, some 8 % larger");
    false
}

/// The compiler says where the target's library would be; it is there or not.
fn has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let asked = ["--print", "target-libdir", "--target", TARGET];
    output(Command::new(rustc).args(asked)).is_ok_and(|path| Path::new(path.trim()).is_dir())
}

fn is_debians_there() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC].iter().all(|path| Path::new(path).is_file())
        && succeeds(Command::new(DEBIAN_RUSTC).args(["--print", "cfg", "--target", TARGET]))
}
