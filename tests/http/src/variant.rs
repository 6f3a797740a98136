//! What a test may want otherwise than the repository has it: fewer retries, fewer lanes, and wrong
//! clocks; and how a test says that this machine cannot run it.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::StackOptions;
use crate::stack::{bin_dir, repository};

/// The template, or a copy of it in `folder` that differs in what was asked for and nothing else.
pub(crate) fn template(folder: &Path, options: &StackOptions) -> PathBuf {
    let original = repository().join("template.yaml");
    let wanted = [
        ("MaximumRetryAttempts", 30, options.stream_retries_max),
        ("ParallelizationFactor", 4, options.stream_lanes),
    ];
    if wanted.iter().all(|(_, _, value)| value.is_none()) {
        return original;
    }
    let mut text = std::fs::read_to_string(&original).expect("the template");
    for (name, stands, value) in wanted {
        let Some(value) = value else { continue };
        let line = format!("            {name}: {stands}\n");
        assert_eq!(text.matches(&line).count(), 1, "{name} stands in the template");
        text = text.replace(&line, &format!("            {name}: {value}\n"));
    }
    let copy = folder.join("template.yaml");
    std::fs::write(&copy, text).expect("a file");
    // The edge's function stands beside the template.
    let infra = folder.join("infra");
    if !infra.exists() {
        std::os::unix::fs::symlink(repository().join("infra"), infra).expect("a link");
    }
    copy
}

/// The functions' binaries, or a folder of scripts that start them with a clock of their own.
pub(crate) fn binaries(folder: &Path, options: &StackOptions) -> PathBuf {
    if options.clocks.is_empty() {
        return bin_dir();
    }
    let offset = |name: &str| options.clocks.get(name).copied().unwrap_or("+0").to_owned();
    with_clocks(folder, offset).expect("whoever asks for wrong clocks has looked whether it can")
}

/// A folder of scripts that start the functions' binaries, each with the clock that `offset` names
/// for it (`-5h`); nothing where this machine cannot show a process another time.
pub fn with_clocks(folder: &Path, mut offset: impl FnMut(&str) -> String) -> Option<PathBuf> {
    let library = faketime()?;
    sweep(Path::new(SHARED_MEMORY));
    let scripts = folder.join("binaries");
    std::fs::create_dir_all(&scripts).expect("a folder");
    for entry in std::fs::read_dir(bin_dir()).expect("the binaries") {
        let binary = entry.expect("an entry").path();
        let name = binary.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !binary.is_file() || name.contains('.') {
            continue;
        }
        let offset = offset(name);
        // Only what the clock shows is wrong; how long a second takes is not. What a killed process
        // of this very id has left behind would keep it from starting.
        let text = format!(
            "#!/bin/sh\nrm -f {SHARED_MEMORY}/*faketime_*_$$\n\
             export LD_PRELOAD={} FAKETIME={offset} DONT_FAKE_MONOTONIC=1\nexec {}\n",
            library.display(),
            binary.display()
        );
        // Not into the script of before: a process that the last stack has just forked may be on its
        // way into it, and such a file cannot be written.
        let fresh = folder.join("script");
        std::fs::write(&fresh, text).expect("a file");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&fresh, executable).expect("it is ours");
        std::fs::rename(&fresh, scripts.join(name)).expect("both are in one folder");
    }
    Some(scripts)
}

/// Removes what libfaketime keeps in memory for each process, of those that were killed.
fn sweep(shared_memory: &Path) {
    let entries = std::fs::read_dir(shared_memory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let process = name.to_str().filter(|name| name.contains("faketime_"));
        let process = process.and_then(|name| name.rsplit_once('_')).map(|(_, process)| process);
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

const SHARED_MEMORY: &str = "/dev/shm";

/// Debian's libfaketime, which shows a process another time than the machine's; nothing where it is
/// not installed.
pub fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let paths = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    paths.into_iter().find(|path| path.is_file())
}

/// Names a test that this machine cannot run (`name: reason`), where `cargo xtask test` reads it.
pub fn skip(line: &str) {
    if let Some(file) = std::env::var_os("AVILEO_SKIPS") {
        let file = std::fs::File::options().append(true).create(true).open(file);
        writeln!(file.expect("the file of skips"), "{line}").expect("it can be written");
    }
    eprintln!("skipped: {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_killed_left_in_memory_is_swept_and_what_the_living_use_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let ours = format!("faketime_shm_{}", std::process::id());
        for name in [&ours, "faketime_shm_4194999", "sem.faketime_sem_4194999", "other_4194999"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        sweep(folder.path());
        let left = std::fs::read_dir(folder.path()).expect("the folder").flatten();
        let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, [ours.as_str(), "other_4194999"]);
    }
}
