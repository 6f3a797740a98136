//! Rules of style that no lint knows: a first line that explains, a bounded length, telling names,
//! no test switched off, no path of one machine.

use std::fs;
use std::path::Path;

use super::tree;
use crate::problem::{Problem, none_found};
use crate::workspace::Workspace;

/// Past this, a file is split by meaning; its tests at the end do not count.
const LINES_MAX: usize = 400;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// Text that no Rust file may contain, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("#[", "ignore"), "a test is never switched off"),
    (concat!("#[", "allow("), "say #[expect(lint, reason = \"…\")]"),
    (concat!("#![", "allow("), "say #![expect(lint, reason = \"…\")]"),
];

/// Folders at the root of a machine that the project must not rely on.
const MACHINE_FOLDERS: &[&str] = &["work", "root", "farm", "home"];

/// Files in which a path of one machine would be a mistake.
const TEXT: &[&str] = &["rs", "toml", "md", "yaml", "yml", "js", "mjs", "py", "sh", "css", "html"];

/// Files of code, which have a bounded length.
const CODE: &[&str] = &["rs", "js", "mjs", "py", "sh", "css"];

/// Reads every file of ours.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let mut findings = Vec::new();
    for path in tree::files(&workspace.root)? {
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if !TEXT.contains(&extension.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(Problem::file(&path))?;
        let shown = workspace.relative(&path);
        let mut faults = machine_paths(&text);
        if CODE.contains(&extension.as_str()) {
            faults.extend(too_long(&text));
        }
        if extension == "rs" {
            faults.extend(rust_faults(shown, &text));
        }
        findings.extend(faults.into_iter().map(|fault| format!("{}: {fault}", shown.display())));
    }
    none_found(findings)
}

fn rust_faults(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//! ") {
        faults.push("does not open with `//!`: what it is and why it exists".to_owned());
    }
    let names = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    if let Some(name) =
        names.map(|name| name.replace(".rs", "")).find(|name| EMPTY_NAMES.contains(&name.as_str()))
    {
        faults.push(format!("`{name}` says nothing; name it after its meaning"));
    }
    for (forbidden, reason) in FORBIDDEN {
        for (line, _) in text.lines().enumerate().filter(|(_, line)| line.contains(forbidden)) {
            faults.push(format!("line {}: `{forbidden}…`: {reason}", line + 1));
        }
    }
    faults
}

fn too_long(text: &str) -> Option<String> {
    let lines = lines_without_tests(text);
    (lines > LINES_MAX)
        .then(|| format!("{lines} lines without its tests; split it past {LINES_MAX}"))
}

/// Tests stand last in a file, from their `#[cfg(test)]` on.
fn lines_without_tests(text: &str) -> usize {
    let tests = text.lines().position(|line| line == "#[cfg(test)]");
    tests.unwrap_or_else(|| text.lines().count())
}

fn machine_paths(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for folder in MACHINE_FOLDERS {
            if names_machine_path(line, &format!("/{folder}/")) {
                faults.push(format!("line {}: a path of one machine, /{folder}/…", number + 1));
            }
        }
    }
    faults
}

/// `folder` at the start of an absolute path, with something below it.
fn names_machine_path(line: &str, folder: &str) -> bool {
    let is_part_of_a_path = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        !before.is_some_and(is_part_of_a_path)
            && after.is_some_and(|c| c.is_ascii_lowercase() || c == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> String {
        rust_faults(Path::new("functions/domain/src/sale.rs"), text).join("\n")
    }

    #[test]
    fn a_file_in_order_has_no_fault() {
        assert_eq!(faults("//! Sales.\n\nfn f() {}\n"), "");
    }

    #[test]
    fn a_file_without_a_first_line_is_found() {
        assert!(faults("use std::fs;\n").contains("does not open"));
    }

    #[test]
    fn length_counts_up_to_the_tests() {
        let code = format!("//! Long.\n{}", "fn f() {}\n".repeat(399));
        let tests = format!("#[cfg(test)]\n{}", "fn t() {}\n".repeat(500));
        assert_eq!(too_long(&format!("{code}{tests}")), None);
        assert!(too_long(&format!("{code}fn g() {{}}\n")).unwrap().contains("401 lines"));
    }

    #[test]
    fn a_test_switched_off_is_found_with_its_line() {
        let text = format!("//! T.\n{}{}\nfn t() {{}}\n", "#[", "ignore = \"slow\"]");
        assert!(faults(&text).contains("line 2"));
    }

    #[test]
    fn an_empty_name_is_found() {
        let found = rust_faults(Path::new("functions/store/src/utils.rs"), "//! U.\n").join("");
        assert!(found.contains("`utils`"), "{found}");
    }

    #[test]
    fn paths_of_one_machine_are_found_and_no_others() {
        let home = format!("/{}/", "home");
        assert!(names_machine_path(&format!("open(\"{home}rosa/x\")"), &home));
        assert!(names_machine_path(&format!("{home}.cache"), &home));
        assert!(!names_machine_path(&format!("https://avileo.pe{home}x"), &home));
        assert!(!names_machine_path("the homes of /homestead/x", &home));
    }
}
