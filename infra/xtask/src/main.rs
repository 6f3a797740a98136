//! The project's commands: `cargo xtask dev | test | check | sim | soak | size | pictures | admin |
//! invoke | deploy`.
//!
//! Small on purpose, since every command waits for it to compile: it prepares the machine, builds,
//! and launches other binaries. Start at [`COMMANDS`]; each command has a file of its own.

mod admin;
mod browser;
mod browser_tests;
mod build_folder;
mod check;
mod deploy;
mod dev;
mod machine;
mod phone;
mod problem;
mod process;
mod python;
mod sim;
mod soak;
mod test;
mod wasm;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::problem::Problem;

/// One word after `cargo xtask`.
struct Command {
    name: &'static str,
    usage: &'static str,
    what: &'static str,
    run: fn(&[String]) -> Result<(), Problem>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "dev",
        usage: "[--port N] [--memory | --data DIR] [--small] [--lan[=PORT]]",
        what: "builds and runs the whole system with a demo business",
        run: dev::run,
    },
    Command {
        name: "test",
        usage: "[PACKAGE…]",
        what: "runs the tests: all, or those of packages named, or in a `browser`",
        run: test::run,
    },
    Command {
        name: "check",
        usage: "[STEP…]",
        what: "format, lints, docs, layout, licences, template; all steps or those named",
        run: check::run,
    },
    Command {
        name: "sim",
        usage: "[--schedules N] [--seed S] [--planted NAME] [--replay SEED]",
        what: "lives through seeded days of phones and server; a failure names its seed",
        run: sim::run,
    },
    Command {
        name: "soak",
        usage: "[--list] [--only NAME] [--hours N]",
        what: "runs the long suites of which `test` runs a slice",
        run: soak::run,
    },
    Command {
        name: "size",
        usage: "[--report]",
        what: "what the phone's first visit downloads; fails beyond the budget",
        run: phone::size,
    },
    Command {
        name: "pictures",
        usage: "",
        what: "takes the pictures of the phone that README.md shows",
        run: browser::pictures,
    },
    Command {
        name: "admin",
        usage: "COMMAND […]",
        what: "operators' commands; `admin help` lists them",
        run: admin::run,
    },
    Command {
        name: "invoke",
        usage: "FUNCTION EVENT.json",
        what: "sends an event to a function of the running local stack",
        run: admin::invoke,
    },
    Command {
        name: "deploy",
        usage: "--stage S [--dry-run] [--pages DIR]",
        what: "a stage on AWS; the dry run prints every call",
        run: deploy::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<(), Problem> {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Problem::Usage(format!("a command is missing\n{}", usage())));
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        eprintln!("{}", usage());
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
        None => Err(Problem::Usage(format!("there is no command `{name}`\n{}", usage()))),
    }
}

fn usage() -> String {
    let lines = COMMANDS.iter().map(|command| {
        let call = format!("{} {}", command.name, command.usage);
        format!("  cargo xtask {call:40} {}", command.what)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn unknown_command_is_refused_with_the_list() {
        let problem = dispatch(&words("launch")).unwrap_err().to_string();
        assert!(problem.contains("`launch`") && problem.contains("cargo xtask dev"), "{problem}");
    }

    #[test]
    fn unknown_argument_is_refused_by_every_command() {
        for command in COMMANDS {
            let problem = dispatch(&words(&format!("{} --nonsense", command.name))).unwrap_err();
            assert!(matches!(problem, Problem::Usage(_)), "{}: {problem}", command.name);
        }
    }
}
