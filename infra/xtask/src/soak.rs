//! `cargo xtask soak`: the long suites, of which `cargo xtask test` runs a slice.
//!
//! A suite is one entry of [`SUITES`]: ordinary tests made long by an environment variable, or a
//! function of a file beside this one. `--hours N` is how long one goes on that lasts by the clock.

mod cold_start;
mod coverage;
mod emulator;
mod fuzz;
mod ministack;
mod sam_local;
mod schemathesis;
mod sizes;
mod stack;

use std::env;
use std::io::Write;
use std::time::Duration;

use crate::browser;
use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::{run as run_program, say};
use crate::sim;
use crate::test;
use crate::workspace::{Package, Workspace};

/// What takes too long for every change.
struct Suite {
    name: &'static str,
    what: &'static str,
    /// How much of it `cargo xtask test` runs.
    slice: &'static str,
    run: Run,
}

/// How a suite runs.
enum Run {
    Tests {
        /// Whether a member's tests belong to it.
        takes: fn(&Package) -> bool,
        /// Arguments of `cargo test` after the packages.
        arguments: &'static [&'static str],
        /// What makes the tests long, where the caller's own environment does not say it.
        variable: (&'static str, Amount),
    },
    /// For so long.
    For(Duration, fn(&Workspace, &BuildFolder, Duration) -> Result<(), Problem>),
    Other(fn(&Workspace, &BuildFolder) -> Result<(), Problem>),
}

/// How much of a suite's tests is run.
#[derive(Clone, Copy)]
enum Amount {
    Cases(u64),
    Minutes(u64),
}

const SUITES: &[Suite] = &[
    Suite {
        name: "properties",
        what: "every property test with 20,000 cases",
        slice: "every property with its ordinary number of cases (256 where it names none)",
        run: Run::Tests {
            takes: |package| package.dependencies.iter().any(|used| used.package == "proptest"),
            arguments: &[],
            variable: ("PROPTEST_CASES", Amount::Cases(20_000)),
        },
    },
    Suite {
        name: "simulation",
        what: "100,000 schedules of the simulation",
        slice: "3,000 schedules, or as many as 150 seconds hold, and every seed that ever failed",
        run: Run::Other(sim::soak),
    },
    Suite {
        name: "coverage",
        what: "what 1,000 schedules of the simulation reach of domain and engine, and what they never do",
        slice: "none of it: no build of it is instrumented",
        run: Run::Other(coverage::run),
    },
    Suite {
        name: "chaos",
        what: "an hour of phones at work on a stack in which everything breaks",
        slice: "20 seconds of it, or as many as a minute holds, and the quiet after them",
        run: Run::Tests {
            takes: |package| package.name == "chaos-tests",
            arguments: &["--test", "chaos", "--", "--nocapture"],
            variable: ("CHAOS_MINUTES", Amount::Minutes(60)),
        },
    },
    Suite {
        name: "load",
        what: "what one stack bears, and an hour of memory",
        slice: "two steps of the ladder, five seconds of memory, and a small burst",
        run: Run::Tests {
            takes: |package| package.name == "chaos-tests",
            arguments: &["--test", "load", "--", "--nocapture"],
            variable: ("LOAD_MINUTES", Amount::Minutes(60)),
        },
    },
    Suite {
        name: "fuzz",
        what: "libFuzzer on each parser and on decide and merge, a minute for each of twelve",
        slice: "the corpus, with 60 mutations of each of its files",
        run: Run::For(Duration::from_mins(12), fuzz::run),
    },
    Suite {
        name: "ministack",
        what: "the HTTP tests with the tables and streams of another maker's DynamoDB",
        slice: "the same tests on the embedded store",
        run: Run::Other(ministack::run),
    },
    Suite {
        name: "schemathesis",
        what: "requests made from the served description, single and in sequences, for ten minutes",
        slice: "none of it: the description is compared with the routes, and requests are by hand",
        run: Run::Other(schemathesis::run),
    },
    Suite {
        name: "browsers",
        what: "ten minutes of four browsers at work while roads lie and they are killed",
        slice: "half a minute of it, and the quiet after it",
        run: Run::For(Duration::from_mins(10), browser::chaos),
    },
    Suite {
        name: "years",
        what: "the phone of a business with 5,000 customers and 20,000 sales, and axe-core on all its screens",
        slice: "first loads with 150 customers and 600 sales, axe-core on the screens that grow with them",
        run: Run::Other(browser::years),
    },
    Suite {
        name: "lighthouse",
        what: "Lighthouse on the phone's screens: accessibility, best practices and SEO without a fault",
        slice: "none of it: axe-core looks at every screen",
        run: Run::Other(browser::lighthouse),
    },
    Suite {
        name: "sizes",
        what: "release binaries of the functions within their budget",
        slice: "none of it: binaries of the dev profile are not weighed",
        run: Run::Other(sizes::run),
    },
    Suite {
        name: "emulator",
        what: "every sample event under AWS's own runtime interface emulator, on release binaries",
        slice: "every sample event under the local stack's host, on binaries of the dev profile",
        run: Run::Other(emulator::run),
    },
    Suite {
        name: "sam-local",
        what: "every sample event by `sam local invoke`, in containers, on release binaries",
        slice: "every sample event under the local stack's host, on binaries of the dev profile",
        run: Run::Other(sam_local::run),
    },
    Suite {
        name: "cold-start",
        what: "a function's cold start beside Node.js with AWS SDK v3",
        slice: "none of it: binaries of the dev profile say nothing of cold starts",
        run: Run::Other(cold_start::run),
    },
];

/// Runs all suites, or one, or lists them.
///
/// # Errors
/// When a suite fails; the others run all the same.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words == ["--list"] {
        return list();
    }
    let Asked { suites, time } = asked(&words)?;
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    let mut failed = Vec::new();
    for suite in suites {
        say(&format!("soak {}: {}", suite.name, suite.what));
        if let Err(problem) = suite.start(&workspace, &folder, time) {
            eprintln!("{problem}");
            failed.push(suite.name);
        }
    }
    if failed.is_empty() {
        say("soak: all is well");
        return Ok(());
    }
    Err(Problem::Found(vec![format!("soak failed: {}", failed.join(", "))]))
}

/// What `cargo xtask test` says of the suites that it has only touched.
pub(crate) fn slices() -> impl Iterator<Item = String> {
    SUITES.iter().map(|suite| {
        let Suite { name, slice, .. } = suite;
        format!("of {name}, ran {slice}; the whole: cargo xtask soak --only {name}")
    })
}

/// What a call asks for.
struct Asked {
    suites: Vec<&'static Suite>,
    /// Instead of a suite's own.
    time: Option<Duration>,
}

fn asked(words: &[&str]) -> Result<Asked, Problem> {
    let mut suites: Vec<&Suite> = SUITES.iter().collect();
    let mut time = None;
    let mut rest = words;
    while !rest.is_empty() {
        rest = match rest {
            ["--only", name, rest @ ..] => {
                suites = vec![named(name)?];
                rest
            }
            ["--hours", hours, rest @ ..] => {
                time = Some(duration(hours)?);
                rest
            }
            _ => {
                let line = words.join(" ");
                return Err(Problem::Usage(format!(
                    "soak takes --list, or --only NAME and --hours N, not `{line}`"
                )));
            }
        };
    }
    match suites[..] {
        [suite] if time.is_some() && !suite.lasts() => Err(Problem::Usage(format!(
            "soak {} ends when its work is done; --hours is nothing to it",
            suite.name
        ))),
        _ => Ok(Asked { suites, time }),
    }
}

fn duration(hours: &str) -> Result<Duration, Problem> {
    let seconds = hours.parse::<f64>().ok().map(|hours| hours * 3_600.0);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| *time >= Duration::from_secs(1)).ok_or_else(|| {
        Problem::Usage(format!("--hours takes a number such as 2 or 0.5, not `{hours}`"))
    })
}

impl Suite {
    /// Whether it goes on for as long as it is told to.
    fn lasts(&self) -> bool {
        matches!(self.run, Run::For(..) | Run::Tests { variable: (_, Amount::Minutes(_)), .. })
    }

    fn start(
        &self,
        workspace: &Workspace,
        folder: &BuildFolder,
        time: Option<Duration>,
    ) -> Result<(), Problem> {
        match &self.run {
            Run::Other(run) => run(workspace, folder),
            Run::For(usual, run) => run(workspace, folder, time.unwrap_or(*usual)),
            Run::Tests { takes, arguments, variable: (name, amount) } => {
                let packages: Vec<_> = workspace.members().filter(|member| takes(member)).collect();
                if packages.is_empty() {
                    return Err(Problem::Missing(format!("no package has tests of {}", self.name)));
                }
                let amount = match (*amount, time) {
                    (Amount::Minutes(_), Some(time)) => time.as_secs().div_ceil(60),
                    (Amount::Minutes(amount) | Amount::Cases(amount), _) => amount,
                };
                run_tests(workspace, folder, &packages, arguments, (*name, amount))
            }
        }
    }
}

fn run_tests(
    workspace: &Workspace,
    folder: &BuildFolder,
    packages: &[&Package],
    arguments: &[&str],
    (variable, amount): (&str, u64),
) -> Result<(), Problem> {
    run_program(folder.cargo().args(test::BUILD))?;
    let mut command = folder.cargo();
    command
        .args(["test", "--all-features", "--no-fail-fast"])
        .env("AVILEO_BIN_DIR", workspace.binary_folder());
    if env::var_os(variable).is_none() {
        command.env(variable, amount.to_string());
    }
    for package in packages {
        command.args(["--package", &package.id]);
    }
    run_program(command.args(arguments))
}

fn named(name: &str) -> Result<&'static Suite, Problem> {
    SUITES.iter().find(|suite| suite.name == name).ok_or_else(|| {
        let names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        Problem::Usage(format!("there is no suite `{name}`; there is {}", names.join(", ")))
    })
}

fn list() -> Result<(), Problem> {
    let mut out = std::io::stdout();
    for Suite { name, what, slice, .. } in SUITES {
        writeln!(out, "{name:12} {what}\n{:12} `test` runs {slice}", "").map_err(|source| {
            Problem::Answer(format!("standard output cannot be written: {source}"))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_found_by_their_name_and_no_other() {
        for suite in SUITES {
            assert_eq!(named(suite.name).unwrap().what, suite.what);
        }
        assert!(named("").is_err());
    }

    #[test]
    fn hours_are_for_suites_that_last_by_the_clock() {
        let long = asked(&["--only", "fuzz", "--hours", "0.5"]).unwrap();
        assert_eq!((long.suites.len(), long.time), (1, Some(Duration::from_mins(30))));
        assert_eq!(asked(&["--hours", "2"]).unwrap().suites.len(), SUITES.len());
        assert!(asked(&[]).unwrap().time.is_none());
        for refused in [
            &["--only", "sizes", "--hours", "1"][..],
            &["--hours", "0"],
            &["--hours", "-1"],
            &["--hours", "NaN"],
            &["--hours", "1e300"],
            &["--hours"],
            &["--only"],
            &["fuzz"],
        ] {
            assert!(matches!(asked(refused), Err(Problem::Usage(_))), "{refused:?}");
        }
    }
}
