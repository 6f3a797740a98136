//! `cargo xtask check`: everything about the project that can be judged without running it.
//!
//! Every step of [`STEPS`] runs, the cheap ones first, even after one has failed; the last lines
//! name those that did.

mod layout;
mod lints;
mod style;
mod supply_chain;
mod template;
mod tree;

use crate::build_folder::BuildFolder;
use crate::problem::Problem;
use crate::process::say;
use crate::workspace::Workspace;

pub(crate) use template::sam_tools;

/// One thing to check.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Workspace) -> Result<(), Problem>,
}

const STEPS: &[Step] = &[
    Step { name: "top-level", what: "only the named files and folders", run: tree::check_top },
    Step { name: "style", what: "first lines, lengths, names, nothing ignored", run: style::check },
    Step { name: "fmt", what: "rustfmt", run: lints::format },
    Step { name: "arrows", what: "which crate may use which", run: layout::check },
    Step {
        name: "dependencies",
        what: "none that no source file names",
        run: supply_chain::check_dependencies,
    },
    Step {
        name: "licences",
        what: "licences and sources of all packages",
        run: supply_chain::check_licences,
    },
    Step {
        name: "duplicates",
        what: "one version of each in a function",
        run: supply_chain::check_duplicates,
    },
    Step {
        name: "clippy",
        what: "all targets, all features",
        run: |w| with_folder(w, lints::clippy),
    },
    Step { name: "docs", what: "rustdoc without a warning", run: |w| with_folder(w, lints::docs) },
    Step {
        name: "wasm",
        what: "the pure crates in a browser",
        run: |w| with_folder(w, lints::wasm),
    },
    Step { name: "template", what: "template.yaml by sam and cfn-lint", run: template::check },
];

/// Runs the steps named by `arguments`, or all.
///
/// # Errors
/// With the names of those that failed.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    if let Some(unknown) =
        arguments.iter().find(|name| STEPS.iter().all(|step| step.name != name.as_str()))
    {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        let names = names.join(", ");
        return Err(Problem::Usage(format!("check has no step `{unknown}`; it has {names}")));
    }
    let workspace = Workspace::read()?;
    let is_asked = |step: &&Step| arguments.is_empty() || arguments.iter().any(|a| a == step.name);
    let mut failed = Vec::new();
    for step in STEPS.iter().filter(is_asked) {
        say(&format!("check {}: {}", step.name, step.what));
        if let Err(problem) = (step.run)(&workspace) {
            eprintln!("{problem}");
            failed.push(step.name);
        }
    }
    if failed.is_empty() {
        say("check: all is well");
        return Ok(());
    }
    Err(Problem::Found(vec![format!("check failed: {}", failed.join(", "))]))
}

fn with_folder(
    workspace: &Workspace,
    step: fn(&Workspace, &BuildFolder) -> Result<(), Problem>,
) -> Result<(), Problem> {
    step(workspace, &BuildFolder::take(workspace)?)
}
