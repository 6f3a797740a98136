//! `cargo xtask deploy --stage S [--dry-run]`: a stage of the system on AWS, from this folder.
//!
//! ```text
//! tools → functions and template → sam deploy → signing keys → pages → what has changed is
//! forgotten by the edge → smoke test
//! ```
//!
//! Each step may be run again: what is there already stays. The dry run prints every call and makes
//! none that leaves this machine; what only AWS could answer stands there in angle brackets.

mod calls;
mod keys;
mod pages;
mod smoke;
mod template;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::machine;
use crate::phone;
use crate::problem::Problem;
use crate::process::say;
use crate::python;
use crate::workspace::{Workspace, cargo};
use calls::Calls;

/// Deploys.
///
/// # Errors
/// At the first step that fails; running it again goes on from there.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    let options = Options::parse(arguments)?;
    let workspace = Workspace::read()?;
    let folder = workspace.target.join("deploy").join(options.stage.name());
    fs::create_dir_all(&folder).map_err(Problem::file(&folder))?;
    let deployment = Deployment { calls: calls(&options)?, workspace, folder, options };
    deployment.build()?;
    deployment.deploy()?;
    let outputs = deployment.outputs()?;
    keys::publish(&deployment, &outputs)?;
    let changed = pages::upload(&deployment, &outputs)?;
    pages::invalidate(&deployment, &outputs, &changed)?;
    smoke::test(&deployment, &outputs)?;
    say(&format!("deploy: stage {} is at {}", deployment.stage(), outputs.get("Url")));
    Ok(())
}

/// Which copy of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Dev,
    Prod,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Prod => "prod",
        }
    }

    /// The section of `samconfig.toml`.
    fn section(self) -> &'static str {
        match self {
            Self::Dev => "default",
            Self::Prod => "prod",
        }
    }
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    stage: Stage,
    is_dry: bool,
    /// Pages that are built already.
    pages: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Problem> {
        let (mut stage, mut is_dry, mut pages) = (None, false, None);
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match (word, word == "--dry-run") {
                (_, true) => is_dry = true,
                ("--stage", _) => {
                    stage = match words.next() {
                        Some("dev") => Some(Stage::Dev),
                        Some("prod") => Some(Stage::Prod),
                        _ => return Err(Problem::Usage("--stage takes dev or prod".to_owned())),
                    };
                }
                ("--pages", _) => pages = words.next().map(PathBuf::from),
                _ => return Err(Problem::Usage(format!("deploy does not know `{word}`"))),
            }
        }
        let stage = stage.ok_or_else(|| Problem::Usage("deploy takes --stage S".to_owned()))?;
        Ok(Self { stage, is_dry, pages })
    }
}

/// A deployment under way.
struct Deployment {
    calls: Calls,
    workspace: Workspace,
    /// Where what is made for it is kept.
    folder: PathBuf,
    options: Options,
}

/// What CloudFormation says of the stack.
struct Outputs(Value);

impl Outputs {
    /// The output called `name`; what is not known is in angle brackets, as in a dry run.
    fn get(&self, name: &str) -> String {
        let list = self.0.as_array().map_or(&[][..], Vec::as_slice);
        let found = list.iter().find(|output| output["OutputKey"] == name);
        let value = found.and_then(|output| output["OutputValue"].as_str());
        value.map_or_else(|| format!("<{name}>"), str::to_owned)
    }
}

impl Deployment {
    fn stage(&self) -> &'static str {
        self.options.stage.name()
    }

    fn stack(&self) -> String {
        format!("avileo-{}", self.stage())
    }

    fn template(&self) -> PathBuf {
        self.folder.join("template.yaml")
    }

    /// Who we are to AWS, the functions, and the template with the edge's function inside.
    fn build(&self) -> Result<(), Problem> {
        self.calls.run("who deploys", self.calls.aws().args(["sts", "get-caller-identity"]))?;
        template::write(&self.workspace.root, &self.template())?;
        say(&format!("deploy: wrote {}", self.template().display()));
        let mut build = self.calls.tool("sam");
        build.args(["build", "--config-env", self.options.stage.section(), "--config-file"]);
        build.arg(self.workspace.root.join("samconfig.toml")).arg("--template-file");
        build.arg(self.template()).arg("--base-dir").arg(&self.workspace.root);
        build.arg("--build-dir").arg(self.folder.join("build"));
        self.calls.run("the functions, by cargo-lambda", &mut build)?;
        if self.options.pages.is_none() {
            let mut size = cargo(&self.workspace.root);
            self.calls.run("the pages, small", size.args(["xtask", "size", phone::REPORT]))?;
        }
        Ok(())
    }

    fn deploy(&self) -> Result<(), Problem> {
        let mut deploy = self.calls.tool("sam");
        deploy.args(["deploy", "--config-env", self.options.stage.section(), "--config-file"]);
        deploy.arg(self.workspace.root.join("samconfig.toml"));
        deploy.arg("--template-file").arg(self.folder.join("build/template.yaml"));
        self.calls.run("the stack", &mut deploy)
    }

    fn outputs(&self) -> Result<Outputs, Problem> {
        let mut describe = self.calls.aws();
        describe.args(["cloudformation", "describe-stacks", "--output", "json"]);
        describe.args(["--query", "Stacks[0].Outputs", "--stack-name", &self.stack()]);
        self.calls.answer("what it is called", &mut describe).map(Outputs)
    }

    /// The folder that becomes the app.
    fn pages(&self) -> PathBuf {
        let built = || self.workspace.target.join(PAGES);
        self.options.pages.clone().unwrap_or_else(built)
    }
}

/// SAM, cargo-lambda and the AWS CLI; a dry run only says where they would be.
fn calls(options: &Options) -> Result<Calls, Problem> {
    let tools = if options.is_dry {
        machine::cache_folder()?.join(TOOLS_FOLDER).join("bin")
    } else {
        python::environment(TOOLS_FOLDER, TOOLS)?
    };
    Ok(Calls::new(tools, options.is_dry))
}

/// Where `cargo xtask size` puts what a phone downloads, below the target folder.
const PAGES: &str = "pages/phone";

/// An environment of its own: only who deploys needs it.
const TOOLS_FOLDER: &str = "python-deploy";

/// From PyPI. `crt`: the signature that the edge's `KeyValueStore` asks for.
const TOOLS: &[&str] = &["aws-sam-cli==1.170.0", "cargo-lambda==1.9.2", "awscli[crt]"];

/// A file beside others whose owner alone may read it.
fn write_private(path: &Path, text: &str) -> Result<(), Problem> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let file =
        fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    let mut file = file.map_err(Problem::file(path))?;
    file.write_all(text.as_bytes()).map_err(Problem::file(path))
}

/// `curl`, silent, its answer's status after its body.
fn curl(url: &str) -> Command {
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "20", "-w", "\n%{http_code}", url]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, Problem> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_stage_is_named_and_nothing_is_guessed() {
        let dry = Options { stage: Stage::Prod, is_dry: true, pages: None };
        assert_eq!(parsed("--stage prod --dry-run").unwrap(), dry);
        for wrong in ["", "--stage", "--stage test", "dev", "--stage dev --force"] {
            assert!(matches!(parsed(wrong), Err(Problem::Usage(_))), "{wrong:?}");
        }
    }

    #[test]
    fn an_output_that_is_not_known_is_said_to_be_so() {
        let outputs =
            Outputs(serde_json::json!([{"OutputKey": "Url", "OutputValue": "https://x"}]));
        assert_eq!(
            (outputs.get("Url"), outputs.get("EdgeId")),
            ("https://x".into(), "<EdgeId>".into())
        );
    }
}
