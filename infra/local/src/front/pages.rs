//! Everything that is not the API: the files of a folder, or a plain page where there is none.

use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use percent_encoding::percent_decode_str;

/// The pages that are served.
#[derive(Debug)]
pub(crate) enum Pages {
    /// A sentence.
    Plain,
    /// The files in a folder; a path without a file is the app's own and gets `index.html`,
    /// except among the assets, where a page instead of a script would only confuse.
    Folder(PathBuf),
}

impl Pages {
    /// Answers with the file that `path` names.
    pub(super) async fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = page(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let Self::Folder(folder) = self else {
            return page(StatusCode::OK, "text/html; charset=utf-8", PLAIN);
        };
        let Some(wanted) = inside(path) else {
            return page(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "No existe.\n");
        };
        let page_of_the_app = PathBuf::from("index.html");
        let is_file = wanted.starts_with("assets");
        let fallback = (!is_file).then_some(page_of_the_app);
        for name in [Some(wanted), fallback].into_iter().flatten() {
            if let Ok(bytes) = tokio::fs::read(folder.join(&name)).await {
                // Paths here come from text, so they are text.
                let name = name.to_string_lossy();
                return kept(page(StatusCode::OK, page_headers::content_type(&name), bytes), &name);
            }
        }
        page(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "No existe.\n")
    }
}

fn page(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// What is said with a file of the pages.
fn kept(mut response: Response<Body>, name: &str) -> Response<Body> {
    let lifetime = page_headers::cache_control(name);
    for (header, value) in SAFETY.iter().chain([&(header::CACHE_CONTROL, lifetime)]) {
        response.headers_mut().insert(header, HeaderValue::from_static(value));
    }
    response
}

/// The page's own policy says the rest; that nobody frames it can only be said here.
const SAFETY: &[(header::HeaderName, &str)] = &[
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The path below the folder; nothing for one that would leave it.
fn inside(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
    let path = Path::new(decoded.as_ref());
    let stays = path.components().all(|part| matches!(part, Component::Normal(_)));
    (stays && !decoded.contains(['\0', '\\'])).then(|| path.to_path_buf())
}

const PLAIN: &str = "<!doctype html>\n<html lang=\"es\">\n<title>Avileo</title>\n\
    <h1>Avileo</h1>\n<p>El servidor está funcionando. La API está en <code>/api</code>.\n</html>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_the_app_is_its_page_and_a_file_that_is_gone_is_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "page").unwrap();
        std::fs::create_dir(folder.path().join("assets")).unwrap();
        std::fs::write(folder.path().join("assets/app-0a.js"), "code").unwrap();
        let pages = Pages::Folder(folder.path().to_owned());
        for (path, status, cached) in [
            ("/", 200, "no-cache"),
            ("/clientes/c-1", 200, "no-cache"),
            ("/assets/app-0a.js", 200, "public, max-age=31536000, immutable"),
            ("/assets/app-0b.js", 404, ""),
        ] {
            let answer = pages.answer(&Method::GET, path).await;
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let header = answer.headers().get(header::CACHE_CONTROL);
            assert_eq!(header.map_or("", |value| value.to_str().unwrap()), cached, "{path}");
        }
    }

    #[test]
    fn no_path_leaves_the_folder() {
        for path in ["/../x", "/a/../../x", "/%2e%2e/x", "//etc/../passwd", "/a\\b", "/%00"] {
            assert_eq!(inside(path), None, "{path}");
        }
        assert_eq!(inside("/a/b.js"), Some(PathBuf::from("a/b.js")));
        assert_eq!(inside("//etc/passwd"), Some(PathBuf::from("etc/passwd")));
    }
}
