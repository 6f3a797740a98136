//! What is said with each file of the pages: its type, and how long it is kept.
//!
//! In a crate of its own since two say it: the deployment, which stores it with each file, and the
//! local stack, which serves the same files itself.

/// The folder of files that are named after their content.
const HASHED: &str = "assets/";

/// Whether a file (`assets/app-1a2b.js`, below the pages' folder) is named after its content: then
/// what stands under that name never changes.
pub fn is_hashed(name: &str) -> bool {
    name.starts_with(HASHED)
}

/// `cache-control`: for good where the name tells the content, else asked for anew each time.
pub fn cache_control(name: &str) -> &'static str {
    if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// `content-type`, by the file's extension.
pub fn content_type(name: &str) -> &'static str {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_after_its_content_is_kept() {
        assert_eq!(cache_control("assets/app-1a.js"), "public, max-age=31536000, immutable");
        for name in ["index.html", "sw.js", "assets", "assets.js", "icons/assets/a.svg"] {
            assert_eq!(cache_control(name), "no-cache", "{name}");
        }
    }

    #[test]
    fn the_last_extension_of_the_file_tells_its_type() {
        assert_eq!(content_type("assets/app-1a_bg.wasm"), "application/wasm");
        assert_eq!(content_type("a.js/b.min.css"), "text/css; charset=utf-8");
        for name in ["a.js/b", "html", "LICENSE", ""] {
            assert_eq!(content_type(name), "application/octet-stream", "{name}");
        }
    }
}
