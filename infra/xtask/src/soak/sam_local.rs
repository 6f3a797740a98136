//! True `sam local invoke`: each sample event in a container, with a local stack's store in reach.
//!
//! The engine is ours alone (its own socket, folders and no network rules) and stops with the suite.
//! AWS's base image cannot be fetched everywhere, so one of its name is made of busybox and this
//! machine's C library and certificates: the functions need no more.

use std::fs;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::emulator::EVENTS;
use super::stack::{LocalStack, release};
use crate::build_folder::BuildFolder;
use crate::check::sam_tools;
use crate::machine;
use crate::problem::{Problem, none_found};
use crate::process::{output, run as run_program, say, succeeds};
use crate::workspace::Workspace;

/// Invokes each function with its events.
pub(super) fn run(workspace: &Workspace, folder: &BuildFolder) -> Result<(), Problem> {
    machine::need_program("dockerd", &["docker.io"])?;
    machine::need_program("busybox", &["busybox-static"])?;
    let sam = sam_tools()?.join("sam");
    let stack = LocalStack::start(workspace, folder)?;
    let place = workspace.target.join("sam-local");
    fs::create_dir_all(&place).map_err(Problem::file(&place))?;
    let engine = Engine::start(&place)?;
    engine.make_image(&place)?;
    for variable in [DYNAMODB, SECRETS] {
        relay(&stack.environment("function")[variable])?;
    }
    let template = write_template(workspace, &stack, &place)?;
    let mut findings = Vec::new();
    for (event, function, expected) in EVENTS {
        let id = logical_id(function);
        let file = workspace.root.join(format!("tests/lambda/events/{event}.json"));
        let mut invoke = Command::new(&sam);
        invoke.args(["local", "invoke", &id, "--skip-pull-image"]);
        invoke.args(["--parameter-overrides", "Architecture=x86_64", "--region", "us-east-1"]);
        invoke.arg("--template").arg(&template).arg("--event").arg(file);
        invoke.env("SAM_CLI_TELEMETRY", "0").env("DOCKER_HOST", &engine.host).current_dir(&place);
        let log = place.join(format!("{event}.log"));
        invoke.stderr(fs::File::create(&log).map_err(Problem::file(&log))?);
        // It ends well even where the function fails: its words count.
        let said = output(&mut invoke)?;
        let answer = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        say(&format!("sam local invoke {id}, {event}: {answer:.100}"));
        if !said.contains(expected) && !said.replace(": ", ":").contains(expected) {
            findings
                .push(format!("{event}: {expected} was expected, not {said} ({})", log.display()));
        }
    }
    none_found(findings)
}

/// A container engine of our own; stops when dropped.
struct Engine {
    child: Child,
    host: String,
}

impl Engine {
    fn start(place: &Path) -> Result<Self, Problem> {
        let host = format!("unix://{}", place.join("docker.sock").display());
        // Of an earlier run: SAM would take what it has built on that run's image.
        let data = place.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(Problem::file(&data))?;
        }
        let log = place.join("dockerd.log");
        let log = fs::File::create(&log).map_err(Problem::file(&log))?;
        let mut command = Command::new("dockerd");
        command.args(["-H", &host, "--iptables=false", "--ip6tables=false", "--ip-masq=false"]);
        command.args(["--ip-forward=false", "--data-root"]).arg(data);
        command.arg("--exec-root").arg(place.join("exec")).arg("-p").arg(place.join("pid"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().map_err(Problem::file(Path::new("dockerd")))?;
        let mut engine = Self { child, host };
        let deadline = Instant::now() + READY_WITHIN;
        while !succeeds(engine.docker().arg("version")) {
            let is_gone = !matches!(engine.child.try_wait(), Ok(None));
            if is_gone || Instant::now() > deadline {
                return Err(Problem::Missing(
                    "no container engine can be started on this machine (target/sam-local/dockerd.log)"
                        .to_owned(),
                ));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(engine)
    }

    fn docker(&self) -> Command {
        let mut command = Command::new("docker");
        command.env("DOCKER_HOST", &self.host);
        command
    }

    /// Under the name that SAM asks for.
    fn make_image(&self, place: &Path) -> Result<(), Problem> {
        let root = place.join("root");
        let text = root.display().to_string();
        run_program(Command::new("sh").args(["-ec", MAKE_ROOT, "sh", &text]))?;
        let archive = place.join("root.tar");
        run_program(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&archive).arg("."))?;
        let mut import = self.docker();
        import.args(["import", "--change", "ENV PATH=/usr/bin:/bin LAMBDA_TASK_ROOT=/var/task"]);
        import.args(["--change", "WORKDIR /var/task"]).arg(archive).arg(IMAGE);
        run_program(import.stdout(Stdio::null()))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Asked and not killed, so that it takes its containers along.
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().map(drop).unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// The template with each function's release binary as its code, and the local stack's names and
/// addresses as its variables: `sam local` knows no others than those that a template declares.
fn write_template(
    workspace: &Workspace,
    stack: &LocalStack,
    place: &Path,
) -> Result<PathBuf, Problem> {
    let source = workspace.root.join("template.yaml");
    let text = fs::read_to_string(&source).map_err(Problem::file(&source))?;
    let mut result = String::new();
    for line in text.lines() {
        let name = line.trim().split(": ").next().unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        let environment = stack.environment("function");
        match environment.get(name).filter(|_| indent.len() > 8) {
            Some(value) => result.push_str(&format_line(indent, name, value)),
            None if name == "STAGE" => {
                for name in ["STAGE", DYNAMODB, SECRETS] {
                    result.push_str(&format_line(indent, name, &environment[name]));
                }
            }
            None => {
                result.push_str(line);
                result.push('\n');
            }
        }
        if let Some(binary) = line.trim().strip_prefix("BuildProperties: { Binary: ") {
            let binary = binary.trim_end_matches(" }");
            let code = place.join("code").join(binary);
            fs::create_dir_all(&code).map_err(Problem::file(&code))?;
            let built = release(workspace).join(binary);
            fs::copy(&built, code.join("bootstrap")).map_err(Problem::file(&built))?;
        }
    }
    for (_, binary, _) in EVENTS {
        let id = logical_id(binary);
        let log = format!(
            "      LoggingConfig: {{ LogGroup: !Ref {} }}\n",
            id.replace("Function", "Log")
        );
        let code = place.join("code").join(binary);
        let with_code = format!("      CodeUri: {}\n", code.display());
        result = result.replace(&log, &with_code);
    }
    let target = place.join("template.yaml");
    fs::write(&target, result).map_err(Problem::file(&target))?;
    Ok(target)
}

fn format_line(indent: &str, name: &str, value: &str) -> String {
    let value = value.replace("127.0.0.1", BRIDGE);
    format!("{indent}{name}: \"{value}\"\n")
}

/// Makes a service of the loopback address known to containers too, on the engine's own bridge, until
/// this process ends.
fn relay(url: &str) -> Result<(), Problem> {
    let port = url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
    let port = port.ok_or_else(|| Problem::Answer(format!("{url} names no port")))?;
    let place = PathBuf::from(format!("{BRIDGE}:{port}"));
    let listener = TcpListener::bind((BRIDGE, port)).map_err(Problem::file(&place))?;
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            for (from, to) in [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))] {
                let (Ok(mut from), Ok(mut to)) = (from, to) else { continue };
                std::thread::spawn(move || {
                    // Either side may go first; then the other learns it.
                    std::io::copy(&mut from, &mut to).map(drop).unwrap_or_default();
                    to.shutdown(Shutdown::Write).unwrap_or_default();
                });
            }
        }
    });
    Ok(())
}

/// `sync-batch` is `SyncBatchFunction`.
fn logical_id(binary: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    binary.split('-').map(capital).collect::<String>() + "Function"
}

const DYNAMODB: &str = "AWS_ENDPOINT_URL_DYNAMODB";
const SECRETS: &str = "AWS_ENDPOINT_URL_SECRETS_MANAGER";
/// This machine, as containers of the engine's usual network see it.
const BRIDGE: &str = "172.17.0.1";
const IMAGE: &str = "public.ecr.aws/lambda/provided:al2023-x86_64";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Makes the image's files in the folder `$1`.
const MAKE_ROOT: &str = r#"
rm -rf "$1"
for folder in bin etc tmp proc dev sys opt lib64 lib/x86_64-linux-gnu var/task var/runtime var/rapid; do
  mkdir -p "$1/$folder"
done
chmod 1777 "$1/tmp"
cp "$(command -v busybox)" "$1/bin/busybox"
for name in sh mv chmod cp rm ls cat env; do ln -s busybox "$1/bin/$name"; done
cp -L /lib64/ld-linux-x86-64.so.2 "$1/lib64/"
for library in libc.so.6 libm.so.6 libgcc_s.so.1 libpthread.so.0 libdl.so.2 librt.so.1; do
  cp -L "/lib/x86_64-linux-gnu/$library" "$1/lib/x86_64-linux-gnu/"
done
mkdir -p "$1/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
printf 'root:x:0:0::/:/bin/sh\n' > "$1/etc/passwd"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_is_its_function_s_name() {
        assert_eq!(logical_id("sync-batch"), "SyncBatchFunction");
        assert_eq!(logical_id("crud"), "CrudFunction");
    }
}
