//! The pages: what has changed is uploaded, files named after their content first, and the page and
//! the service worker that name them last; then the edge forgets what has changed under an old name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Deployment, Outputs};
use crate::problem::Problem;
use crate::process::{output, say};
use crate::workspace::cargo;

/// A file of the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    /// Below the folder.
    name: String,
    path: PathBuf,
    /// The file at `path` is in brotli.
    is_packed: bool,
}

/// Uploads what differs from what is there; answers the names that did.
pub(super) fn upload(deployment: &Deployment, outputs: &Outputs) -> Result<Vec<String>, Problem> {
    let folder = deployment.pages();
    let mut pages = Vec::new();
    if folder.is_dir() {
        collect(&folder, &folder, &mut pages)?;
    } else if deployment.calls.is_dry() {
        say(&format!("deploy: {} is not built: its files are not listed", folder.display()));
    } else {
        return Err(Problem::Missing(format!("{} with the pages is missing", folder.display())));
    }
    let packed = pack(deployment, &folder)?;
    for page in &mut pages {
        let smaller = packed.join(&page.name);
        if smaller.is_file() {
            (page.path, page.is_packed) = (smaller, true);
        }
    }
    pages.sort_by_key(|page| (order(&page.name), page.name.clone()));
    let bucket = outputs.get("PagesBucketName");
    let mut list = deployment.calls.aws();
    list.args(["s3api", "list-objects-v2", "--output", "json", "--bucket", &bucket]);
    let present = deployment.calls.answer("the pages that are there", &mut list)?;
    let mut changed = Vec::new();
    for page in pages {
        if deployment.calls.is_dry() || differs(&present, &page.name, &md5(&page.path)?) {
            put(deployment, &bucket, &page)?;
            changed.push(page.name);
        }
    }
    say(&format!("deploy: {} files of the pages have changed", changed.len()));
    Ok(changed)
}

/// Makes the edge forget the files whose content changed under the same name.
pub(super) fn invalidate(
    deployment: &Deployment,
    outputs: &Outputs,
    changed: &[String],
) -> Result<(), Problem> {
    let mut paths = forgotten(changed);
    if paths.is_empty() {
        if !deployment.calls.is_dry() {
            return Ok(());
        }
        paths.push("<what has changed under an old name>".to_owned());
    }
    let mut invalidate = deployment.calls.aws();
    invalidate.args(["cloudfront", "create-invalidation", "--output", "json"]);
    invalidate.args(["--distribution-id", &outputs.get("EdgeId"), "--paths"]).args(paths);
    deployment.calls.run("what has changed, forgotten by the edge", &mut invalidate)
}

/// What is compressed once for all travels smaller than what the edge compresses as it answers.
fn pack(deployment: &Deployment, folder: &Path) -> Result<PathBuf, Problem> {
    let packed = deployment.folder.join("packed");
    if packed.exists() {
        fs::remove_dir_all(&packed).map_err(Problem::file(&packed))?;
    }
    let mut pack = cargo(&deployment.workspace.root);
    pack.args(["run", "--quiet", "--package", "pages", "--", "pack", "--dir"]).arg(folder);
    deployment.calls.run("the pages, compressed", pack.arg("--to").arg(&packed))?;
    Ok(packed)
}

fn put(deployment: &Deployment, bucket: &str, page: &Page) -> Result<(), Problem> {
    let mut put = deployment.calls.aws();
    put.args(["s3api", "put-object", "--output", "json", "--bucket", bucket, "--key", &page.name]);
    put.arg("--body").arg(&page.path);
    put.args(["--content-type", content_type(&page.name)]);
    put.args(["--cache-control", cache_control(&page.name)]);
    if page.is_packed {
        put.args(["--content-encoding", "br"]);
    }
    deployment.calls.run("a file of the pages", &mut put)
}

/// What is named after its content, then the rest, then what names the others.
fn order(name: &str) -> u8 {
    match name {
        "service-worker.js" => 3,
        "index.html" => 2,
        _ if is_hashed(name) => 0,
        _ => 1,
    }
}

fn is_hashed(name: &str) -> bool {
    name.starts_with("assets/")
}

/// As the local stack says of the same files.
fn cache_control(name: &str) -> &'static str {
    if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn forgotten(changed: &[String]) -> Vec<String> {
    let renamed = changed.iter().filter(|name| !is_hashed(name));
    // The page answers under the root too.
    let root = changed.iter().any(|name| name == "index.html").then(|| "/".to_owned());
    renamed.map(|name| format!("/{name}")).chain(root).collect()
}

/// The `ETag` that S3 gives to an object put whole is its MD5.
fn differs(present: &Value, name: &str, md5: &str) -> bool {
    let objects = present["Contents"].as_array().map_or(&[][..], Vec::as_slice);
    let found = objects.iter().find(|object| object["Key"] == name);
    found.and_then(|object| object["ETag"].as_str()).is_none_or(|tag| tag.trim_matches('"') != md5)
}

fn md5(path: &Path) -> Result<String, Problem> {
    let text = output(Command::new("md5sum").arg("--").arg(path))?;
    let sum = text.trim_start_matches('\\').split_whitespace().next();
    sum.map(str::to_owned).ok_or_else(|| Problem::Answer("md5sum said nothing".to_owned()))
}

fn collect(root: &Path, folder: &Path, pages: &mut Vec<Page>) -> Result<(), Problem> {
    for entry in fs::read_dir(folder).map_err(Problem::file(folder))? {
        let path = entry.map_err(Problem::file(folder))?.path();
        if path.is_dir() {
            collect(root, &path, pages)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            pages.push(Page { name: name.to_string_lossy().into_owned(), path, is_packed: false });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_names_other_files_comes_after_them() {
        let mut all = names(&["service-worker.js", "assets/app-1a.js", "index.html", "robots.txt"]);
        all.sort_by_key(|name| order(name));
        assert_eq!(
            all,
            names(&["assets/app-1a.js", "robots.txt", "index.html", "service-worker.js"])
        );
    }

    #[test]
    fn only_what_changed_under_an_old_name_is_forgotten() {
        let changed = names(&["assets/app-1a.js", "service-worker.js", "index.html"]);
        assert_eq!(forgotten(&changed), ["/service-worker.js", "/index.html", "/"]);
        assert_eq!(forgotten(&names(&["assets/app-1a.js"])), [""; 0]);
        assert_eq!(cache_control("assets/app-1a.js"), "public, max-age=31536000, immutable");
        assert_eq!(cache_control("index.html"), "no-cache");
    }

    #[test]
    fn a_file_that_is_there_already_stays() {
        let present = json!({"Contents": [{"Key": "a.txt", "ETag": "\"9f\""}]});
        assert!(!differs(&present, "a.txt", "9f"));
        assert!(differs(&present, "a.txt", "00") && differs(&present, "b.txt", "9f"));
        assert!(differs(&Value::Null, "a.txt", "9f"));
    }
}
