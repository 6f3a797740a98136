//! `cargo xtask dev`: builds functions, local stack and phone, then becomes the local stack.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::build_folder::BuildFolder;
use crate::phone::{self, Make};
use crate::problem::Problem;
use crate::process::{run as run_program, say};
use crate::workspace::Workspace;

/// Builds, then runs until Ctrl-C.
///
/// # Errors
/// When an argument makes no sense, or something is missing or does not compile. Where it goes
/// well it does not return: the local stack takes the place of this process.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    let options = Options::parse(arguments)?;
    let workspace = Workspace::read()?;
    let folder = BuildFolder::take(&workspace)?;
    say("dev 1/3: building the functions and the local stack (minutes at first, then seconds)");
    build(&workspace, &folder)?;

    say("dev 2/3: building the phone");
    let pages = phone::build(&workspace, &folder, options.make)?;
    drop(folder);

    say("dev 3/3: starting; Ctrl-C stops everything");
    let binaries = workspace.binary_folder();
    let mut command = Command::new(binaries.join("local"));
    let template = workspace.root.join("template.yaml");
    command.args(["run", "--seed-demo", "--template"]).arg(template);
    command.arg("--bin-dir").arg(binaries).arg("--pages").arg(pages);
    command.args(options.forwarded());
    let source = command.exec();
    let line = command.get_program().to_string_lossy().into_owned();
    Err(Problem::Program { line, cause: format!("could not be run: {source}") })
}

/// Builds what answers requests: the functions, and what runs them on one machine.
///
/// # Errors
/// When it is not there, or does not compile.
pub(crate) fn build(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    let local = workspace
        .member("local")
        .filter(|_| workspace.root.join("template.yaml").exists())
        .ok_or_else(|| Problem::Missing("template.yaml or infra/local is missing".to_owned()))?;
    let mut build = folder.cargo();
    build.args(["build", "--bins"]);
    for package in workspace.functions().chain([local]) {
        build.args(["--package", &package.id]);
    }
    run_program(&mut build)
}

/// Where the data lives.
#[derive(Debug, PartialEq, Eq)]
enum Data {
    /// In the user's data folder, which the local stack knows.
    Default,
    Memory,
    Folder(String),
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    port: Option<u16>,
    data: Data,
    make: Make,
    /// For phones on the same network too: the word that says so, with the port where it has one.
    lan: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Problem> {
        let mut options = Self { port: None, data: Data::Default, make: Make::Quick, lan: None };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value =
                || words.next().ok_or_else(|| Problem::Usage(format!("`{word}` needs a value")));
            match word.as_str() {
                "--port" => options.port = Some(port(value()?)?),
                "--small" => options.make = Make::Small,
                "--lan" => options.lan = Some(word.clone()),
                "--memory" => options.set_data(Data::Memory)?,
                "--data" => {
                    let folder = value()?.clone();
                    options.set_data(Data::Folder(folder))?;
                }
                _ if word.starts_with("--lan=") => {
                    port(&word["--lan=".len()..])?;
                    options.lan = Some(word.clone());
                }
                _ => {
                    return Err(Problem::Usage(format!(
                        "dev does not know `{word}`; it takes [--port N] [--memory | --data DIR] \
                         [--small] [--lan[=PORT]]"
                    )));
                }
            }
        }
        Ok(options)
    }

    fn set_data(&mut self, data: Data) -> Result<(), Problem> {
        if self.data != Data::Default {
            return Err(Problem::Usage("give --memory or --data DIR, once".to_owned()));
        }
        self.data = data;
        Ok(())
    }

    fn forwarded(&self) -> Vec<String> {
        let port = self.port.map(|port| ["--port".to_owned(), port.to_string()]);
        let data = match &self.data {
            Data::Default => Vec::new(),
            Data::Memory => vec!["--memory".to_owned()],
            Data::Folder(folder) => vec!["--data".to_owned(), folder.clone()],
        };
        let lan = self.lan.clone();
        port.into_iter().flatten().chain(data).chain(lan).collect()
    }
}

fn port(text: &str) -> Result<u16, Problem> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(Problem::Usage(format!("a port is a number from 1 to 65535, not `{text}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Problem> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_given_reaches_the_local_stack() {
        assert_eq!(parse("").unwrap().forwarded().len(), 0);
        let options = parse("--data there --port 8000").unwrap();
        assert_eq!(options.forwarded(), ["--port", "8000", "--data", "there"]);
        assert_eq!(parse("--lan --memory").unwrap().forwarded(), ["--memory", "--lan"]);
        assert_eq!(parse("--lan=9443").unwrap().forwarded(), ["--lan=9443"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "--port",
            "--port 0",
            "--port 70000",
            "--port -1",
            "--data",
            "--memory --data there",
            "--memory --memory",
            "--fast",
            "--lan=0",
            "--lan=here",
            "8000",
        ] {
            assert!(matches!(parse(line), Err(Problem::Usage(_))), "{line}");
        }
    }
}
