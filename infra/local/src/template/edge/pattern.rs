//! Whether a path fits a behaviour's pattern.

/// CloudFront's patterns: `*` is any text, `?` any one character; the slash in front may be left out.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let bare = |text: &'_ str| text.strip_prefix('/').unwrap_or(text).as_bytes().to_vec();
    let (pattern, path) = (bare(pattern), bare(path));
    let (mut wanted, mut found) = (0, 0);
    // The last star, and the path's place up to which it has taken.
    let mut star: Option<(usize, usize)> = None;
    while found < path.len() {
        match pattern.get(wanted) {
            Some(b'*') => {
                star = Some((wanted, found));
                wanted += 1;
            }
            Some(byte) if *byte == b'?' || *byte == path[found] => {
                wanted += 1;
                found += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                (wanted, found) = (at + 1, taken + 1);
            }
        }
    }
    pattern[wanted..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_are_compared_as_cloudfront_compares_them() {
        assert!(fits("*", "/"));
        assert!(fits("/api/*", "/api/health"));
        assert!(fits("/api/*", "/api/"));
        assert!(!fits("/api/*", "/apis"));
        assert!(!fits("/api/sync/changes", "/api/sync/changes/x"));
        assert!(fits("a?/*.js", "/ab/x/y.js"));
    }
}
