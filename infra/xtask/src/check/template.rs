//! `template.yaml` by the tools of its makers: `sam validate`, and cfn-lint on the template and on
//! what the SAM transform makes of it, since the linter does not look through the transform; then by
//! `local check`, which understands it whole, and for the names of stages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build_folder::BuildFolder;
use crate::problem::{Problem, none_found};
use crate::process::{run, say};
use crate::python;
use crate::workspace::Workspace;

/// From PyPI, at the versions that are known to work offline.
const TOOLS: &[&str] = &["aws-sam-cli==1.170.0", "cfn-lint==1.58.0"];

/// Where the template is judged for; nothing is asked of it over the network.
const REGION: &str = "us-east-1";

/// Validates, lints, transforms, lints again.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let template = workspace.root.join("template.yaml");
    if !template.exists() {
        say("there is no template.yaml: nothing to check");
        return Ok(());
    }
    let tools = sam_tools()?;
    let tool = |name: &str| {
        let mut command = Command::new(tools.join(name));
        command
            .current_dir(&workspace.root)
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_DEFAULT_REGION", REGION);
        command
    };
    run(tool("sam").args(["validate", "--region", REGION, "--template-file"]).arg(&template))?;
    run(tool("cfn-lint").args(["--regions", REGION, "--template"]).arg(&template))?;
    let transformed = workspace.target.join("template.transformed.json");
    fs::create_dir_all(&workspace.target).map_err(Problem::file(&workspace.target))?;
    let script = workspace.root.join("infra/xtask/transform_template.py");
    run(tool("python").arg(script).arg(&template).arg(&transformed))?;
    run(tool("cfn-lint").args(["--regions", REGION, "--template"]).arg(&transformed))?;
    check_stages(workspace, &template)?;
    // What those let pass: filter criteria, origins, dashboards, alarms that could never ring.
    let folder = BuildFolder::take(workspace)?;
    run(folder.cargo().args(["build", "--quiet", "--package", "local", "--bins"]))?;
    let local = workspace.binary_folder().join("local");
    run(Command::new(local).args(["check", "--template"]).arg(&template))
}

/// Every stage of the template has its section of `samconfig.toml`, and deploys itself.
fn check_stages(workspace: &Workspace, template: &Path) -> Result<(), Problem> {
    let read = |path: &Path| fs::read_to_string(path).map_err(Problem::file(path));
    let samconfig = read(&workspace.root.join("samconfig.toml"))?;
    none_found(wrong_stages(&read(template)?, &samconfig))
}

fn wrong_stages(template: &str, samconfig: &str) -> Vec<String> {
    let stages = template
        .split_once("\n  Stage:\n")
        .and_then(|(_, rest)| rest.split_once("AllowedValues: ["))
        .and_then(|(_, rest)| rest.split_once(']'));
    let Some((stages, _)) = stages else {
        return vec!["template.yaml: the parameter Stage names no AllowedValues".to_owned()];
    };
    let mut findings = Vec::new();
    for stage in stages.split(',').map(str::trim) {
        // Where nothing is named, sam takes the section `default`: that is the stage `dev`.
        let section = if stage == "dev" { "default" } else { stage };
        let deployed = samconfig
            .split_once(&format!("[{section}.deploy.parameters]"))
            .map(|(_, rest)| rest.split("\n[").next().unwrap_or(rest));
        let names_itself = |part: &str| part.contains(&format!("Stage={stage} "));
        if !deployed.is_some_and(names_itself) {
            findings.push(format!("samconfig.toml: [{section}] does not deploy Stage={stage}"));
        }
        if !samconfig.contains(&format!("stack_name = \"avileo-{stage}\"")) {
            findings.push(format!("samconfig.toml: no stack is called avileo-{stage}"));
        }
    }
    findings
}

/// The folder with SAM's and cfn-lint's programs.
///
/// # Errors
/// When there is no Python, or PyPI does not answer.
pub(crate) fn sam_tools() -> Result<PathBuf, Problem> {
    python::environment("python", TOOLS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_deploys_another_is_found() {
        let template = "Parameters:\n  Stage:\n    AllowedValues: [dev, prod]\n";
        let section = |name, stage| {
            format!(
                "[{name}.global.parameters]\nstack_name = \"avileo-{stage}\"\n\
                 [{name}.deploy.parameters]\nparameter_overrides = \"Stage={stage} A=b\"\n"
            )
        };
        let good = section("default", "dev") + &section("prod", "prod");
        assert_eq!(wrong_stages(template, &good), Vec::<String>::new());
        let wrong = section("default", "dev") + &section("prod", "dev");
        assert_eq!(wrong_stages(template, &wrong).len(), 2);
        assert_eq!(wrong_stages("", &good).len(), 1);
    }
}
