//! `template.yaml` by the tools of its makers: `sam validate`, and cfn-lint on the template and on
//! what the SAM transform makes of it, since the linter does not look through the transform.

use std::fs;
use std::process::Command;

use crate::problem::Problem;
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
    let tools = python::environment("python", TOOLS)?;
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
    run(tool("cfn-lint").args(["--regions", REGION, "--template"]).arg(&transformed))
}
