//! What `cargo metadata` says about this workspace and everything that it depends on.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::problem::Problem;
use crate::process;

/// This clone, as cargo sees it.
pub(crate) struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where finished binaries land.
    pub(crate) target: PathBuf,
    /// Members and dependencies, for every platform and feature.
    pub(crate) packages: Vec<Package>,
}

/// A package: ours, or somebody's that we use.
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) is_member: bool,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) binaries: Vec<String>,
}

#[cfg(test)]
impl Package {
    /// Somebody's package from the registry, for tests to alter.
    pub(crate) fn example(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
            folder: PathBuf::from(name),
            is_member: false,
            dependencies: Vec::new(),
            binaries: Vec::new(),
        }
    }
}

/// One line of a manifest's dependency tables.
pub(crate) struct Dependency {
    pub(crate) package: String,
    pub(crate) kind: Kind,
    /// Lies in a folder of ours.
    pub(crate) is_local: bool,
}

/// Which table the line stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Development,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo refuses (its own words), or answers something unforeseen.
    pub(crate) fn read() -> Result<Self, Problem> {
        let root = root()?;
        let text = process::output(cargo(&root).args([
            "metadata",
            "--format-version=1",
            "--all-features",
        ]))?;
        let answer: Value = serde_json::from_str(&text)
            .map_err(|error| Problem::Answer(format!("cargo metadata: {error}")))?;
        let members: Vec<&str> =
            list(&answer["workspace_members"]).iter().filter_map(Value::as_str).collect();
        let packages = list(&answer["packages"]).iter().map(|value| package(value, &members));
        Ok(Self {
            target: PathBuf::from(string(&answer["target_directory"])?),
            packages: packages.collect::<Result<_, _>>()?,
            root,
        })
    }

    /// Our own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_member)
    }

    /// The member called `name`.
    pub(crate) fn member(&self, name: &str) -> Option<&Package> {
        self.members().find(|package| package.name == name)
    }

    /// The Lambda functions: the members under `functions/` that are binaries.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &Package> {
        let folder = self.root.join("functions");
        self.members().filter(move |package| {
            package.folder.starts_with(&folder) && !package.binaries.is_empty()
        })
    }

    /// Where cargo puts the binaries of the `dev` profile.
    pub(crate) fn binary_folder(&self) -> PathBuf {
        self.target.join("debug")
    }

    /// `path` as seen from the root.
    pub(crate) fn relative<'path>(&self, path: &'path Path) -> &'path Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// The cargo that runs us, in the folder of the workspace.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root);
    command
}

/// The folder of the workspace, two above our own.
fn root() -> Result<PathBuf, Problem> {
    let own = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).ok_or_else(|| {
        Problem::Missing(
            "run it as `cargo xtask …`, so that cargo says where the project is".into(),
        )
    })?;
    let root = own.ancestors().nth(2).unwrap_or(&own);
    root.canonicalize().map_err(Problem::file(root))
}

fn package(value: &Value, members: &[&str]) -> Result<Package, Problem> {
    let id = string(&value["id"])?;
    let manifest = PathBuf::from(string(&value["manifest_path"])?);
    let is_binary = |target: &&Value| list(&target["kind"]).iter().any(|kind| kind == "bin");
    let binaries = list(&value["targets"]).iter().filter(is_binary);
    Ok(Package {
        is_member: members.contains(&id.as_str()),
        name: string(&value["name"])?,
        folder: manifest.parent().unwrap_or(&manifest).to_owned(),
        dependencies: list(&value["dependencies"])
            .iter()
            .map(dependency)
            .collect::<Result<_, _>>()?,
        binaries: binaries.map(|target| string(&target["name"])).collect::<Result<_, _>>()?,
        id,
    })
}

fn dependency(value: &Value) -> Result<Dependency, Problem> {
    Ok(Dependency {
        package: string(&value["name"])?,
        kind: match value["kind"].as_str() {
            Some("dev") => Kind::Development,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        },
        is_local: value["path"].is_string(),
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> Result<String, Problem> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Problem::Answer(format!("cargo metadata: text was expected, not {value}")))
}
